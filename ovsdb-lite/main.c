/* The program `ovsdb-lite`: makes, serves and shows database files of any .ovsschema. The
 * work is the library's; here are words, options and signals. */
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "ovsdb-lite/db.h"
#include "ovsdb-lite/dump.h"
#include "ovsdb-lite/schema.h"
#include "ovsdb-lite/server.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help_text[] =
	"ovsdb-lite: an OVSDB (RFC 7047) database server on SQLite\n"
	"\n"
	"Usage:\n"
	"  ovsdb-lite create DB SCHEMA                          make a new database "
	"file\n"
	"  ovsdb-lite server --remote=punix:PATH [...] DB...    serve databases until "
	"SIGTERM\n"
	"  ovsdb-lite dump [--format=table|json] DB             show what a file holds\n"
	"\n"
	"Options:\n"
	"  --remote=punix:PATH   listen on a unix socket; may be given several times\n"
	"  --format=FORMAT       of dump: table (default) or json\n"
	"  --verbose             log what clients do, too\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n"
	"\n"
	"DB is a SQLite file, SCHEMA an .ovsschema file. Messages go to standard error.\n"
	"Exit status: 0 done, 1 failed.\n";

struct options {
	const char **remotes;
	size_t n_remotes;
	const char *format;
};

static struct err *usage(const char *what)
{
	return err_hint(err_new(ERR_INVALID, "%s", what), "see `ovsdb-lite --help`");
}

static struct err *run_create(const struct options *o, int n, char **args)
{
	struct schema *schema = NULL;
	struct db *db = NULL;
	struct err *e;

	(void)o;
	if (n != 2)
		return usage("`create` takes a database file and a schema file");
	if (!access(args[0], F_OK))
		return err_hint(err_new(ERR_EXISTS, "%s exists already", args[0]),
				"move it away, or make the database under another name");
	e = schema_from_file(args[1], &schema);
	if (!e)
		e = db_open(args[0], schema, &db);
	if (!e)
		e = db_sync(db);
	db_close(db);
	schema_free(schema);
	return e;
}

static struct err *run_dump(const struct options *o, int n, char **args)
{
	struct db *db;
	struct err *e;

	if (n != 1)
		return usage("`dump` takes one database file");
	if (strcmp(o->format, "table") && strcmp(o->format, "json"))
		return usage("--format is table or json");
	e = db_open(args[0], NULL, &db);
	if (e)
		return e;
	if (!strcmp(o->format, "json"))
		dump_json(db, stdout);
	else
		dump_text(db, stdout);
	db_close(db);
	if (fflush(stdout) || ferror(stdout))
		return err_sys(errno, "cannot write to standard output");
	return NULL;
}

static void on_signal(void *aux)
{
	loop_stop(aux);
}

/* Opens and serves 'n' files; whatever was opened is in 'dbs', also on error. */
static struct err *serve(struct server *s, const struct options *o, int n, char **paths,
			 struct db **dbs)
{
	struct err *e = NULL;

	for (int i = 0; i < n && !e; i++) {
		e = db_open(paths[i], NULL, &dbs[i]);
		if (!e)
			e = server_add_db(s, dbs[i]);
	}
	for (size_t i = 0; i < o->n_remotes && !e; i++)
		e = server_listen(s, o->remotes[i]);
	if (!e)
		log_event(LOG_LEVEL_INFO, "server_ready", "databases=%d remotes=%zu", n,
			  o->n_remotes);
	return e;
}

static struct err *run_server(const struct options *o, int n, char **args)
{
	struct loop_signal *terminate, *interrupt;
	struct server *server;
	struct loop *loop;
	struct db **dbs;
	struct err *e;

	if (!n)
		return usage("`server` takes one database file or more");
	if (!o->n_remotes)
		return usage("`server` needs a --remote=punix:PATH to listen on");
	e = loop_new(&loop);
	if (e)
		return e;
	terminate = loop_signal_new(loop, SIGTERM, on_signal, loop);
	interrupt = loop_signal_new(loop, SIGINT, on_signal, loop);
	server = server_new(loop, NULL);
	dbs = xcalloc((size_t)n, sizeof(*dbs));
	e = serve(server, o, n, args, dbs);
	if (!e)
		e = loop_run(loop);
	server_free(server);
	for (int i = 0; i < n; i++)
		db_close(dbs[i]);
	free(dbs);
	loop_signal_free(terminate);
	loop_signal_free(interrupt);
	loop_free(loop);
	return e;
}

enum { OPTION_REMOTE = 256, OPTION_FORMAT, OPTION_VERBOSE };

static const struct option long_options[] = {
	{"remote", required_argument, NULL, OPTION_REMOTE},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"verbose", no_argument, NULL, OPTION_VERBOSE},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

/* True if there is nothing more to do. */
static bool parse_options(int argc, char **argv, struct options *o,
			  struct err **ret_error)
{
	int c;

	*ret_error = NULL;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
		switch (c) {
		case OPTION_REMOTE:
			o->remotes[o->n_remotes++] = optarg;
			break;
		case OPTION_FORMAT:
			o->format = optarg;
			break;
		case OPTION_VERBOSE:
			log_set_level(LOG_LEVEL_DEBUG);
			break;
		case 'h':
			fputs(help_text, stdout);
			return true;
		case 'V':
			puts("ovsdb-lite " IPVL_VERSION);
			return true;
		default:
			*ret_error =
				err_hint(err_new(ERR_INVALID,
						 "%s is no option, or lacks its argument",
						 argv[optind - 1]),
					 "see `ovsdb-lite --help`");
			return true;
		}
	}
	return false;
}

static struct err *run_command(const struct options *o, int n, char **args)
{
	static const struct {
		const char *name;
		struct err *(*run)(const struct options *o, int n, char **args);
	} commands[] = {
		{"create", run_create},
		{"server", run_server},
		{"dump", run_dump},
	};

	if (!n)
		return usage("a command is missing");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(args[0], commands[i].name))
			return commands[i].run(o, n - 1, args + 1);
	return err_hint(err_new(ERR_INVALID, "%s is not a command", args[0]),
			"see `ovsdb-lite --help`");
}

int main(int argc, char **argv)
{
	struct options o = {.format = "table"};
	struct err *e;

	o.remotes = xcalloc((size_t)argc, sizeof(*o.remotes));
	if (!parse_options(argc, argv, &o, &e))
		e = run_command(&o, argc - optind, argv + optind);
	free(o.remotes);
	if (e) {
		CLEANUP(freep) char *text = err_text(e);

		fprintf(stderr, "ovsdb-lite: %s\n", text);
		err_free(e);
		return 1;
	}
	return 0;
}
