/* `ovsdb-lite server`: serves database files until a signal ends it. Options and signals.
 */
#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "ovsdb-lite/program/tool.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/server/server.h"
#include "ovsdb-lite/server/server_options.h"

#include <signal.h>
#include <stdlib.h>

static void on_signal(void *aux)
{
	loop_stop(aux);
}

/* Opens and serves 'n' files; those that were opened are in 'dbs', also on error. */
static struct err *serve(struct server *s, const struct server_options *o, int n,
			 char **paths, struct db **dbs)
{
	struct err *e = NULL;

	for (int i = 0; i < n && !e; i++) {
		e = db_open(paths[i], NULL, &dbs[i]);
		if (!e)
			e = server_add_db(s, dbs[i]);
	}
	if (!e)
		e = server_options_apply(o, s);
	for (int i = 0; i < n && !e; i++)
		server_options_note_socket(o, s, dbs[i]);
	if (!e)
		log_event(LOG_LEVEL_INFO, "server_ready", "databases=%d remotes=%zu", n,
			  o->n_remotes);
	return e;
}

static struct err *run(const struct server_options *o, int n, char **paths)
{
	struct loop_signal *terminate, *interrupt;
	struct server *server = NULL;
	struct loop *loop;
	struct db **dbs;
	struct err *e;

	if (!n)
		return tool_usage("`server` takes one database file or more");
	if (!o->n_remotes)
		return tool_usage(
			"`server` needs a --remote, such as --remote=punix:PATH");
	alloc_set_policy();
	e = loop_new(&loop);
	if (e)
		return e;
	terminate = loop_signal_new(loop, SIGTERM, on_signal, loop);
	interrupt = loop_signal_new(loop, SIGINT, on_signal, loop);
	dbs = xcalloc((size_t)n, sizeof(*dbs));
	e = server_new(loop, &o->limits, &server);
	if (!e)
		e = serve(server, o, n, paths, dbs);
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

enum { OPTION_VERBOSE = 256 };

static const struct option options[] = {
	TOOL_COMMON_OPTIONS,
	SERVER_LONG_OPTIONS,
	{"verbose", no_argument, NULL, OPTION_VERBOSE},
	{0},
};

static struct err *run_server(int argc, char **argv)
{
	struct server_options o;
	struct err *e = NULL;
	int c;

	server_options_init(&o);
	while (!e && (c = tool_getopt(argc, argv, options)) != -1) {
		if (server_options_has(c))
			e = server_options_take(&o, c, optarg);
		else if (c == OPTION_VERBOSE)
			log_set_level(LOG_LEVEL_DEBUG);
		else
			e = tool_bad_option(c, argv, options);
	}
	if (!e)
		e = run(&o, argc - optind, argv + optind);
	server_options_clear(&o);
	return e;
}

const struct command tool_server = {
	.name = "server",
	.arguments = "--remote=REMOTE... DB...",
	.summary = "serve databases until SIGTERM",
	.options = "  --remote=REMOTE       where clients connect; may be given several "
		   "times\n" SERVER_OPTIONS_HELP
		   "  --verbose             log what clients do, too\n",
	.run = run_server,
};
