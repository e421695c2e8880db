/* ipvld's options and its --help. Nothing is opened here. docs/man/ipvld.8.scd has the
 * same options at more length; tests/lint/man.py compares them. */
#include "reconciler/options.h"

#include "config/yaml/folder.h"
#include "lib/alloc.h"
#include "lib/option.h"
#include "lib/text.h"
#include "reconciler/web/web_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DB       "/var/lib/ipvl/conf.db"
#define DEFAULT_REMOTE   "punix:/run/ipvl/db.sock"
#define DEFAULT_DATAPATH "kernel"
#define DEFAULT_AUDIT_S  300
#define AUDIT_MAX_S      (7 * 86400)

enum { OPT_DB = 256, OPT_SCHEMA, OPT_CONFIG_DIR, OPT_DATAPATH, OPT_AUDIT, OPT_HTTP };

static const struct option long_options[] = {
	{"db", required_argument, NULL, OPT_DB},
	{"schema", required_argument, NULL, OPT_SCHEMA},
	SERVER_LONG_OPTIONS,
	{"config-dir", required_argument, NULL, OPT_CONFIG_DIR},
	{"datapath", required_argument, NULL, OPT_DATAPATH},
	{"audit", required_argument, NULL, OPT_AUDIT},
	{"http", required_argument, NULL, OPT_HTTP},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"ipvld manages the ipvlan devices of this host from a database.\n"
	"\n"
	"Usage: ipvld [OPTIONS]\n"
	"\n"
	"  --db=FILE             the database, created if it is missing\n"
	"                        (" DEFAULT_DB ")\n"
	"  --remote=REMOTE       where clients connect; may be given several times\n"
	"                        (" DEFAULT_REMOTE ")\n" SERVER_OPTIONS_HELP
	"  --config-dir=DIR      apply every *.yaml there at start and at SIGHUP\n"
	"                        (" FOLDER_DEFAULT ")\n"
	"  --datapath=NAME       kernel, sim, or a plug-in (" DEFAULT_DATAPATH ")\n"
	"  --audit=SECONDS       interval at which everything is compared (300);\n"
	"                        0 disables it\n"
	"  --http=ADDRESS        serve a page and metrics over HTTP at unix:PATH or\n"
	"                        tcp:IP:PORT; may be given several times. With\n"
	"                        ,host=NAME for a name, and ,anyone for an address\n"
	"                        that other machines can reach\n"
	"  --schema=FILE         the schema of a new database\n"
	"                        (" IPVL_SCHEMA_FILE ")\n"
	"  -V, --version; -h, --help\n"
	"\n"
	"It runs in the foreground, logs to standard error, and does not change the\n"
	"kernel when it ends. See ipvld(8); ipvl-ctl(8) edits the database.\n";

static struct err *check(const struct options *o)
{
	const char *const schemes[] = {"unix:", "tcp:", "ssl:"};

	if (!*o->db)
		return err_hint(err_new(ERR_INVALID, "--db= is empty"),
				"give a file, as in --db=" DEFAULT_DB);
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (!strncmp(o->db, schemes[i], strlen(schemes[i])))
			return err_hint(err_new(ERR_UNSUPPORTED,
						"--db=%s: this version keeps its own "
						"database and cannot be a "
						"relay of another server's",
						o->db),
					"give a file, as in --db=" DEFAULT_DB);
	}
	return NULL;
}

static struct err *take(struct options *o, int option, const char *argument)
{
	struct web_address http;
	uint64_t seconds;
	struct err *e;

	if (server_options_has(option))
		return server_options_take(&o->server, option, argument);
	switch (option) {
	case OPT_DB:
		o->db = argument;
		break;
	case OPT_SCHEMA:
		o->schema = argument;
		break;
	case OPT_CONFIG_DIR:
		o->config_dir = argument;
		break;
	case OPT_DATAPATH:
		o->datapath = argument;
		break;
	case OPT_HTTP:
		e = web_address_parse(argument, &http);
		if (e)
			return e;
		web_address_clear(&http);
		o->https = xrealloc_array(o->https, o->n_https + 1, sizeof(*o->https));
		o->https[o->n_https++] = argument;
		break;
	default:
		if (!text_to_uint(argument, 0, AUDIT_MAX_S, &seconds))
			return err_new(
				ERR_INVALID,
				"--audit=%s: give a number of seconds from 0 (off) to %d",
				argument, AUDIT_MAX_S);
		o->audit_s = (int64_t)seconds;
		break;
	}
	return NULL;
}

struct err *options_parse(int argc, char **argv, struct options *ret_options,
			  enum options_what *ret_what)
{
	struct options *o = ret_options;
	struct err *e = NULL;
	int option;

	*o = (struct options){.db = DEFAULT_DB,
			      .schema = IPVL_SCHEMA_FILE,
			      .config_dir = FOLDER_DEFAULT,
			      .datapath = DEFAULT_DATAPATH,
			      .audit_s = DEFAULT_AUDIT_S};
	server_options_init(&o->server);
	*ret_what = OPTIONS_RUN;
	opterr = 0;
	while (!e &&
	       (option = getopt_long(argc, argv, ":hV", long_options, NULL)) != -1) {
		if (option == 'h' || option == 'V') {
			fputs(option == 'h' ? help : "ipvld " IPVL_VERSION "\n", stdout);
			*ret_what = OPTIONS_DONE;
			return NULL;
		}
		e = option == '?' || option == ':'
			    ? option_err(option, argv, long_options, "ipvld", NULL)
			    : take(o, option, optarg);
	}
	if (!e && optind < argc)
		e = err_hint(err_new(ERR_INVALID, "\"%s\": ipvld takes options only",
				     argv[optind]),
			     "see `ipvld --help`");
	if (!e && !o->server.n_remotes)
		e = take(o, SERVER_OPTION_REMOTE, DEFAULT_REMOTE);
	return e ? e : check(o);
}

void options_clear(struct options *o)
{
	server_options_clear(&o->server);
	free(o->https);
}
