/* ipvld: puts together the database, its server, the reconciler and a datapath in one
 * process, and takes them apart. */
#include "config/daemon_txn.h"
#include "config/rows.h"
#include "config/rows_engine.h"
#include "config/valid/valid_txn.h"
#include "datapath/datapath.h"
#include "datapath/plugin.h"
#include "datapath/registry.h"
#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/log_journal.h"
#include "lib/loop.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/server/server.h"
#include "reconciler/announce/announce_method.h"
#include "reconciler/datapaths/datapaths_method.h"
#include "reconciler/doctor/doctor_method.h"
#include "reconciler/files/config_dir.h"
#include "reconciler/mark.h"
#include "reconciler/options.h"
#include "reconciler/import/import_method.h"
#include "reconciler/statistics/statistics_method.h"
#include "reconciler/preview_method.h"
#include "reconciler/reconcile.h"
#include "reconciler/files/reload.h"
#include "reconciler/rollback/rollback.h"
#include "reconciler/rollback/rollback_method.h"
#include "reconciler/status.h"
#include "reconciler/systemd/systemd.h"
#include "reconciler/trace/ipvl_trace.h"
#include "reconciler/web/web.h"
#include "reconciler/who/who_method.h"
#include "reconciler/trace/verify.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

struct daemon {
	struct options options;
	struct loop *loop;
	struct loop_signal *on_term, *on_int, *on_hup;
	struct systemd *systemd;
	struct schema *schema;
	struct db *db;
	struct ipvl_columns columns;
	struct datapath *datapath;
	struct server *server;
	struct reconciler *reconciler;
	struct preview_method *preview_method;
	struct announce_method *announce_method;
	struct statistics_method *statistics_method;
	struct query query;
	struct verify *verify;
	struct config_dir *config_dir;
	struct rollback *rollback;
	struct rollback_method *rollback_method;
	struct reload *reload;
	struct web *web;
};

static void stop(void *aux)
{
	struct daemon *d = aux;

	log_event(LOG_LEVEL_INFO, "stopping", "%s", "why=signal");
	loop_stop(d->loop);
}

static void on_sighup(void *aux)
{
	struct daemon *d = aux;

	err_free(reload_run(d->reload));
}

/* A peer that went away is an error of its stream, not a signal; so is a file size
 * limit. SIGUSR1 and SIGUSR2 would end the process. SIGHUP gets a handler later. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGXFSZ, SIGHUP, SIGUSR1, SIGUSR2};

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

static struct err *open_loop(struct daemon *d)
{
	struct err *e = loop_new(&d->loop);

	if (e)
		return e;
	d->on_term = loop_signal_new(d->loop, SIGTERM, stop, d);
	d->on_int = loop_signal_new(d->loop, SIGINT, stop, d);
	/* A SIGHUP before the loop runs is not lost. */
	d->on_hup = loop_signal_new(d->loop, SIGHUP, on_sighup, d);
	d->systemd = systemd_new(d->loop);
	return NULL;
}

static struct err *open_db(struct daemon *d)
{
	struct err *e = schema_from_file(d->options.schema, &d->schema);

	if (!e)
		e = db_open(d->options.db, d->schema, &d->db);
	if (!e)
		e = ipvl_columns_init(&d->columns, d->db);
	if (!e)
		db_set_validator(d->db, valid_transaction_of_one, &d->columns);
	return e;
}

static struct err *open_datapath(struct daemon *d)
{
	struct datapath_config config = {
		.mark = mark_of(db_identity(d->db)),
		.route_protocol = DATAPATH_ROUTE_PROTOCOL,
	};
	const struct datapath_provider *provider;
	struct err *e = registry_find_provider(d->options.datapath,
					       plugin_folder(IPVL_PLUGIN_DIR), &provider);

	if (!e)
		e = datapath_open(provider, &config, &d->datapath);
	return e;
}

/* All of them, at once: a device of a kind that no row has any more is still ours to remove. */
static void load_plugins(void)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct plugin *list;
	size_t n;

	plugin_use(plugin_folder(IPVL_PLUGIN_DIR));
	list = plugin_list(&n);
	for (size_t i = 0; i < n; i++) {
		if (*list[i].error)
			log_event(LOG_LEVEL_WARNING, "plugin_failed", "file=%s error=%s",
				  list[i].file, log_quote(a, list[i].error));
	}
}

/* Rows are found by the only Host. With several, ipvld could choose the wrong one, and
 * would remove what the others want. */
static struct err *check_one_host(const struct daemon *d)
{
	size_t n = table_count(d->columns.host.table);

	if (n <= 1)
		return NULL;
	return err_hint(err_new(ERR_INVALID,
				"%s has %zu rows of Host, and ipvld manages one host",
				d->options.db, n),
			"see `ipvl-ctl --db=%s list Host`, and remove the other one: "
			"`ipvl-ctl --db=%s destroy Host NAME`",
			d->options.db, d->options.db);
}

/* The Host row, with the versions of this daemon and of the kernel. */
static struct err *write_host(struct daemon *d)
{
	struct txn *t = daemon_txn_new(d->db);
	struct row *host = rows_ensure_host(&d->columns, t, NULL);
	struct utsname kernel;

	txn_set_string(t, host, d->columns.host.version, IPVL_VERSION);
	if (!uname(&kernel))
		txn_set_string(t, host, d->columns.host.kernel, kernel.release);
	return status_commit(&d->columns, t);
}

/* No reason to stop: a row that is still not canonical is in `error`, and its message
 * has the right text. */
static void canonise_rows(struct daemon *d)
{
	size_t n;
	struct err *e = rows_canonise(&d->columns, d->db, &n);

	if (e)
		log_err(LOG_LEVEL_WARNING, "rows_not_canonised", e, "%s", "");
	if (n)
		log_event(LOG_LEVEL_INFO, "rows_canonised", "rows=%zu", n);
	err_free(e);
}

/* The engine does not remove containers that ran when the host went down (decision 21). */
static void forget_containers(struct daemon *d)
{
	struct rows_engine_sweep sweep = {.c = &d->columns, .txn = daemon_txn_new(d->db)};
	size_t n = rows_engine_sweep(&sweep);
	struct err *e = daemon_txn_commit(sweep.txn);

	if (e)
		log_err(LOG_LEVEL_WARNING, "containers_not_forgotten", e, "%s", "");
	else if (n)
		log_event(LOG_LEVEL_INFO, "containers_forgotten", "slaves=%zu", n);
	err_free(e);
}

static struct err *open_config_dir(struct daemon *d)
{
	d->config_dir = config_dir_new(&d->columns, d->db, d->options.config_dir);
	d->rollback = rollback_new(&d->columns, d->db, d->config_dir);
	return config_dir_apply(d->config_dir);
}

static struct err *open_server(struct daemon *d)
{
	struct err *e;

	e = server_new(d->loop, &d->options.server.limits, &d->server);
	if (!e)
		e = server_add_db(d->server, d->db);
	if (!e)
		server_fix_schema(d->server, d->db); /* 'columns' */
	if (!e)
		e = server_options_apply(&d->options.server, d->server);
	if (!e)
		server_options_note_socket(&d->options.server, d->server, d->db);
	return e;
}

static void notify_ready(void *aux)
{
	const struct daemon *d = aux;

	log_event(LOG_LEVEL_INFO, "ready", "db=%s datapath=%s", d->options.db,
		  d->options.datapath);
	systemd_ready(d->systemd, config_dir_n_errors(d->config_dir));
}

static struct err *open_reconciler(struct daemon *d)
{
	struct reconciler_config config = {
		.loop = d->loop,
		.db = d->db,
		.columns = &d->columns,
		.datapath = d->datapath,
		.audit_ms = d->options.audit_s * 1000,
		.first_pass_done = notify_ready,
		.aux = d,
	};
	struct err *e = reconciler_new(&config, &d->reconciler);

	if (e)
		return e;
	d->preview_method =
		preview_method_new(d->server, d->db, d->reconciler, d->datapath);
	d->announce_method = announce_method_new(d->server, &d->columns, d->db,
						 reconciler_announcer(d->reconciler));
	d->query = (struct query){.db = d->db,
				  .source = reconciler_source(d->reconciler),
				  .datapath = d->datapath,
				  .db_path = d->options.db,
				  .datapath_name = d->options.datapath};
	import_method_add(d->server, &d->query);
	d->statistics_method = statistics_method_new(d->server, &d->query);
	ipvl_trace_add(d->server, &d->query);
	who_method_add(d->server, &d->query);
	doctor_method_add(d->server, &d->query);
	datapaths_method_add(d->server, &d->query);
	d->verify = verify_new(d->server, d->db, d->loop, d->datapath);
	d->reload = reload_new(d->server, &d->columns, d->db, d->config_dir, d->systemd);
	d->rollback_method =
		rollback_method_new(d->server, &d->columns, d->db, d->rollback);
	rollback_follow(d->rollback, d->loop);
	config_dir_follow(d->config_dir, d->loop);
	return NULL;
}

static struct err *open_web(struct daemon *d)
{
	struct err *e = NULL;

	if (!d->options.n_https)
		return NULL;
	d->web = web_new(&(struct web_source){
		.loop = d->loop,
		.query = &d->query,
		.server = d->server,
		.counts = reconciler_counts(d->reconciler),
		.version = IPVL_VERSION,
	});
	for (size_t i = 0; !e && i < d->options.n_https; i++)
		e = web_listen(d->web, d->options.https[i]);
	return e;
}

/* The datapath comes before the configuration: if the kernel has no ipvlan, the
 * database stays as it was. */
static struct err *start(struct daemon *d)
{
	struct err *e = open_loop(d);

	load_plugins();
	if (!e)
		e = open_db(d);
	if (!e)
		e = check_one_host(d);
	if (!e)
		e = open_datapath(d);
	if (!e)
		e = write_host(d);
	if (!e)
		canonise_rows(d);
	if (!e)
		forget_containers(d);
	if (!e)
		e = open_config_dir(d);
	if (!e)
		e = open_server(d);
	if (!e)
		e = open_reconciler(d);
	if (!e)
		e = open_web(d);
	return e;
}

static void finish(struct daemon *d)
{
	web_free(d->web);
	preview_method_free(d->preview_method);
	announce_method_free(d->announce_method);
	verify_free(d->verify);
	reload_free(d->reload);
	rollback_method_free(d->rollback_method);
	rollback_free(d->rollback);
	config_dir_free(d->config_dir);
	reconciler_free(d->reconciler);
	server_free(d->server);
	statistics_method_free(d->statistics_method);
	datapath_close(d->datapath);
	db_close(d->db);
	schema_free(d->schema);
	loop_signal_free(d->on_term);
	loop_signal_free(d->on_int);
	loop_signal_free(d->on_hup);
	systemd_free(d->systemd);
	loop_free(d->loop);
	options_clear(&d->options);
}

int main(int argc, char **argv)
{
	struct daemon d = {0};
	enum options_what what;
	struct err *e;

	ignore_signals();
	e = options_parse(argc, argv, &d.options, &what);

	if (!e && what == OPTIONS_DONE) {
		options_clear(&d.options);
		return 0;
	}
	alloc_set_policy();
	if (!e)
		e = start(&d);
	if (!e)
		e = loop_run(d.loop);
	if (e) {
		char *text = err_text(e);

		fprintf(stderr, "%sipvld: %s\n", log_journal_is_stderr() ? "<3>" : "",
			text);
		free(text);
	}
	if (!e)
		systemd_stopping();
	finish(&d);
	if (!e)
		return 0;
	err_free(e);
	return 1;
}
