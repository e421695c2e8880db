/* Rows by state, what is counted, and the server: table by table. docs/monitoring.md
 * describes each metric; tests/e2e/test_web.py compares them. */
#include "reconciler/web/web_metrics.h"

#include "config/rows.h"
#include "config/state.h"
#include "lib/alloc.h"
#include "reconciler/web/web_process.h"

#include <sys/stat.h>

struct writing {
	const struct web_source *s;
	struct web_exposition *x;
};

static void integer(const struct writing *w, const struct web_metric *m, uint64_t value)
{
	web_exposition_family(w->x, m);
	web_exposition_integer(w->x, NULL, 0, value);
}

/* One label, and a sample for each of its values. */
struct choice {
	const char *value;
	uint64_t n;
};

static void choices(const struct writing *w, const struct web_metric *m,
		    const char *label, const struct choice *list, size_t n)
{
	web_exposition_family(w->x, m);
	for (size_t i = 0; i < n; i++)
		web_exposition_integer(w->x, &(struct web_label){label, list[i].value}, 1,
				       list[i].n);
}

/* --- rows --- */

struct census {
	struct choice states[N_STATES];
	uint64_t n_warned;
};

static struct census take_census(const struct ipvl_columns *c, const struct table *t,
				 const struct column_schema *warnings)
{
	struct census census = {0};

	for (unsigned int i = 0; i < N_STATES; i++)
		census.states[i].value = i == STATE_UNKNOWN ? "unknown" : state_name(i);
	TABLE_FOR_EACH (r, t) {
		census.states[state_of_row(c, r)].n++;
		census.n_warned += row_get(r, warnings)->n > 0;
	}
	return census;
}

static void write_rows(const struct writing *w)
{
	static const struct web_metric masters = {
		"ipvl_masters", WEB_GAUGE, NULL,
		"Masters in the database by their state."};
	static const struct web_metric slaves = {
		"ipvl_slaves", WEB_GAUGE, NULL, "Slaves in the database by their state."};
	static const struct web_metric warned_masters = {
		"ipvl_masters_with_warnings", WEB_GAUGE, NULL,
		"Masters with a limit that ipvl does not repair."};
	static const struct web_metric warned_slaves = {
		"ipvl_slaves_with_warnings", WEB_GAUGE, NULL,
		"Slaves with a limit that ipvl does not repair."};
	const struct ipvl_columns *c = w->s->query->source.columns;
	struct census m = take_census(c, c->master.table, c->master.warnings);
	struct census s = take_census(c, c->slave.table, c->slave.warnings);

	choices(w, &masters, "state", m.states, N_STATES);
	choices(w, &slaves, "state", s.states, N_STATES);
	integer(w, &warned_masters, m.n_warned);
	integer(w, &warned_slaves, s.n_warned);
}

static void write_each_master(const struct writing *w)
{
	static const struct web_metric ready = {
		"ipvl_master_ready", WEB_GAUGE, NULL,
		"1 if the master is ready or disabled, else 0."};
	const struct ipvl_columns *c = w->s->query->source.columns;

	web_exposition_family(w->x, &ready);
	TABLE_FOR_EACH (r, c->master.table) {
		enum row_state state = state_of_row(c, r);
		const struct web_label labels[] = {
			{"master", datum_text(row_get(r, c->master.name))},
			{"netns", datum_text(row_get(r, c->master.netns))},
		};

		web_exposition_integer(w->x, labels, 2,
				       state == STATE_READY || state == STATE_DISABLED);
	}
}

static void write_config(const struct writing *w)
{
	static const struct web_metric behind = {
		"ipvl_config_changes_pending", WEB_GAUGE, NULL,
		"Changes of the configuration that no pass has processed yet."};
	static const struct web_metric errors = {
		"ipvl_config_file_errors", WEB_GAUGE, NULL,
		"Errors in files of the config-dir; their last valid rows are in use."};
	static const struct web_metric trials = {
		"ipvl_trials", WEB_GAUGE, NULL,
		"Changes on trial, which will be taken back unless they are confirmed."};
	const struct ipvl_columns *c = w->s->query->source.columns;
	const struct row *host = rows_find_host(c, NULL, NULL);
	int64_t next = rows_next_cfg(c);
	int64_t cur = host ? datum_integer(row_get(host, c->host.cur_cfg), 0) : next;

	integer(w, &behind, next > cur ? (uint64_t)(next - cur) : 0);
	integer(w, &errors, host ? row_get(host, c->host.config_errors)->n : 0);
	integer(w, &trials, table_count(c->trial.table));
}

/* --- the daemon's work --- */

static void write_passes(const struct writing *w)
{
	static const struct web_metric failed = {"ipvl_passes_failed", WEB_COUNTER, NULL,
						 "Passes that were given up: the kernel "
						 "could not be read, or the database "
						 "not written."};
	static const struct web_metric durations = {
		"ipvl_pass_duration_seconds", WEB_HISTOGRAM, "seconds",
		"How long passes took that compared the database with the kernel."};
	static const struct web_metric steps = {"ipvl_steps", WEB_COUNTER, NULL,
						"Changes of the kernel by their result; "
						"skipped if an earlier one failed."};
	static const struct web_metric drift = {
		"ipvl_drift", WEB_COUNTER, NULL,
		"Changes by other programs that ipvl found, by what it did about them."};
	const struct counts *c = w->s->counts;

	integer(w, &failed, c->passes_failed);
	web_exposition_family(w->x, &durations);
	web_exposition_histogram(w->x, count_bounds_seconds, c->passes.n, COUNT_N_BOUNDS,
				 (double)c->passes.sum_us / 1e6);
	choices(w, &steps, "result",
		(const struct choice[]){{"done", c->steps_done},
					{"failed", c->steps_failed},
					{"skipped", c->steps_skipped}},
		3);
	choices(w, &drift, "action",
		(const struct choice[]){{"repaired", c->drift_repaired},
					{"failed", c->drift_failed},
					{"left", c->drift_left}},
		3);
}

static void write_events(const struct writing *w)
{
	static const struct web_metric events = {
		"ipvl_kernel_events", WEB_COUNTER, NULL,
		"Events of the kernel about devices and namespaces."};
	static const struct web_metric lost = {
		"ipvl_kernel_events_lost", WEB_COUNTER, NULL,
		"How often the kernel dropped events, and everything was read again."};

	integer(w, &events, w->s->counts->events);
	integer(w, &lost, w->s->counts->events_lost);
}

/* --- the database and its server --- */

static void write_database(const struct writing *w)
{
	static const struct web_metric size = {
		"ipvl_database_size_bytes", WEB_GAUGE, "bytes",
		"Size of the database's files: the database itself, and its write-ahead "
		"log."};
	static const struct web_metric transactions = {
		"ipvl_transactions", WEB_COUNTER, NULL,
		"Committed transactions by who made them: a client, or ipvld itself."};
	const char *path = w->s->query->db_path;
	CLEANUP(freep) char *log = xasprintf("%s-wal", path);
	struct stat db = {0}, wal = {0};

	(void)stat(path, &db);
	(void)stat(log, &wal);
	choices(w, &size, "file",
		(const struct choice[]){{"database", (uint64_t)db.st_size},
					{"log", (uint64_t)wal.st_size}},
		2);
	choices(w, &transactions, "by",
		(const struct choice[]){{"client", w->s->own->transactions[0]},
					{"ipvld", w->s->own->transactions[1]}},
		2);
}

static void write_server(const struct writing *w)
{
	static const struct web_metric sessions = {"ipvl_sessions", WEB_GAUGE, NULL,
						   "Clients of the database now."};
	static const struct web_metric limit = {"ipvl_sessions_limit", WEB_GAUGE, NULL,
						"How many there may be."};
	static const struct web_metric accepted = {
		"ipvl_sessions_accepted", WEB_COUNTER, NULL,
		"Clients of the database since the start."};
	static const struct web_metric monitors = {"ipvl_monitors", WEB_GAUGE, NULL,
						   "Monitors that clients have now."};
	static const struct web_metric unsent = {
		"ipvl_unsent_bytes", WEB_GAUGE, "bytes",
		"Replies that clients have not read yet."};
	struct server_stats stats = server_stats(w->s->server);

	integer(w, &sessions, stats.n_sessions);
	integer(w, &limit, stats.max_sessions);
	integer(w, &accepted, stats.n_sessions_ever);
	integer(w, &monitors, stats.n_monitors);
	integer(w, &unsent, stats.unsent_bytes);
}

static void write_answers(const struct writing *w)
{
	static const struct web_metric answers = {
		"ipvl_http_answers", WEB_COUNTER, NULL,
		"Answers to HTTP requests by their status."};
	const uint64_t *n = w->s->own->answers;

	choices(w, &answers, "status",
		(const struct choice[]){{"2xx", n[2]}, {"4xx", n[4]}, {"5xx", n[5]}}, 3);
}

/* --- the process --- */

static void write_build(const struct writing *w)
{
	static const struct web_metric build = {
		"ipvl_build", WEB_INFO, NULL, "The version of ipvld, and its datapath."};
	const struct web_label labels[] = {{"version", w->s->version},
					   {"datapath", w->s->query->datapath_name}};

	web_exposition_family(w->x, &build);
	web_exposition_integer(w->x, labels, 2, 1);
}

static void write_process(const struct writing *w)
{
	static const struct web_metric cpu = {"process_cpu_seconds", WEB_COUNTER,
					      "seconds", "CPU time of user and system."};
	static const struct web_metric memory = {"process_resident_memory_bytes",
						 WEB_GAUGE, "bytes", "Resident memory."};
	static const struct web_metric open = {"process_open_fds", WEB_GAUGE, NULL,
					       "Open file descriptors."};
	static const struct web_metric max = {"process_max_fds", WEB_GAUGE, NULL,
					      "How many there may be."};
	static const struct web_metric start = {
		"process_start_time_seconds", WEB_GAUGE, "seconds",
		"When the process started, in seconds since 1970."};
	static const struct web_metric wakeups = {"ipvl_wakeups", WEB_COUNTER, NULL,
						  "How often the process waited and was "
						  "woken (voluntary context switches)."};
	struct web_process p = web_process_read();

	web_exposition_family(w->x, &cpu);
	web_exposition_sample(w->x, NULL, 0, p.cpu_seconds);
	integer(w, &memory, p.resident_bytes);
	integer(w, &open, p.n_fds);
	integer(w, &max, p.max_fds);
	web_exposition_family(w->x, &start);
	web_exposition_sample(w->x, NULL, 0, (double)w->s->started_wall_ms / 1000);
	integer(w, &wakeups, p.wakeups);
}

void web_metrics_write(const struct web_source *s, enum web_format format,
		       struct buffer *b)
{
	struct web_exposition x = {.b = b, .format = format};
	const struct writing w = {s, &x};

	write_build(&w);
	write_rows(&w);
	write_each_master(&w);
	write_config(&w);
	write_passes(&w);
	write_events(&w);
	write_database(&w);
	write_server(&w);
	write_answers(&w);
	write_process(&w);
	web_exposition_end(&x);
}
