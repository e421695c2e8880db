/* A trial from its begin to its end. The transaction that inserted the row of Trial is the
 * one to take back: the history has it, whatever was lost with an ipvld. */
#include "reconciler/rollback/rollback.h"

#include "config/daemon_txn.h"
#include "config/rows.h"
#include "config/trial.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <stdlib.h>

/* After a failure, such as a full disk. */
#define RETRY_MS 5000

struct rollback {
	const struct ipvl_columns *c;
	struct db *db;
	struct config_dir *dir;
	struct db_observer *observer;
	/* 'soon': a row of Trial has come or gone. */
	struct loop_timer *deadline, *soon;
	/* The trial that is known; 0: none. */
	int64_t serial;
	bool went_back; /* it was not confirmed */
};

/* What is not part of a configuration: undo leaves it as it is. */
static const struct history_except excepted[] = {
	{"Host", "next_cfg"}, {"Host", "withheld"}, {"Trial", NULL}};

static bool inserts(const struct history_entry *entry, const struct row *trial)
{
	const struct json_object *rows =
		entry->changes ? json_member(entry->changes, "Trial") : NULL;
	char uuid[UUID_TEXT_BYTES];
	const struct json_object *change =
		rows ? json_member(rows, uuid_format(row_uuid(trial), uuid)) : NULL;

	return change && json_member(change, "insert");
}

/* The transaction that began the trial, from the newest on. To be freed by the caller with
 * history_entries_free(). */
static struct err *find_entry(const struct rollback *r, const struct row *trial,
			      struct history_entry **ret_entry)
{
	struct history_reader *reader = history_reader_new(r->db, true);
	struct history_page page = {
		.max_entries = 1, .max_bytes = SIZE_MAX, .max_changes_bytes = SIZE_MAX};
	struct history_entry *entry = NULL;
	struct err *e = NULL;
	bool more = true;
	size_t n = 0;

	while (!e && more && history_reader_begin_page(reader, &page, true)) {
		bool done;

		e = history_reader_go_on(reader, INT64_MAX, &done);
		if (e)
			break;
		history_reader_take(reader, &entry, &n);
		if (n && inserts(entry, trial))
			break;
		page.before_serial = n ? entry->serial : 0;
		more = n;
		history_entries_free(STEAL(entry), n);
	}
	history_reader_free(reader);
	if (e)
		return e;
	if (!entry)
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"the history does not have the transaction that is on "
				"trial: it was deleted, or the database was converted"),
			"`ipvl-ctl confirm` ends the trial, and keeps the change");
	*ret_entry = entry;
	return NULL;
}

static struct err *revert(const struct rollback *r, struct txn *t, struct row *trial,
			  const struct history_entry *entry, const char *why)
{
	CLEANUP(freep)
	char *comment =
		xasprintf("took back transaction %" PRId64 ": %s", entry->serial, why);
	struct err *e =
		history_revert(t, entry->changes, excepted, ARRAY_SIZE(excepted), NULL);

	if (e)
		return e;
	txn_delete(t, trial);
	config_dir_withhold(r->dir, t);
	txn_add_comment(t, comment);
	rows_bump_next_cfg(r->c, t, rows_ensure_host(r->c, t, NULL));
	return db_commit(t);
}

struct err *rollback_run(struct rollback *r, const char *why, int64_t *ret_serial)
{
	struct row *trial = trial_find(r->c, NULL);
	struct history_entry *entry;
	int64_t serial;
	struct txn *t;
	struct err *e;

	if (!trial)
		return err_hint(err_new(ERR_NOT_FOUND, "no change is on trial"),
				"see `ipvl-ctl history`");
	e = find_entry(r, trial, &entry);
	if (e)
		return e;
	serial = entry->serial;
	t = daemon_txn_new(r->db);
	e = revert(r, t, trial, entry, why);
	txn_free(t);
	history_entries_free(entry, 1);
	if (e)
		return e;
	r->went_back = true;
	log_event(LOG_LEVEL_WARNING, "trial_taken_back",
		  "transaction=%" PRId64 " why=\"%s\"", serial, why);
	e = config_dir_note_withheld(r->dir);
	if (e)
		log_err(LOG_LEVEL_ERR, "status_not_written", e, "%s", "");
	err_free(e);
	*ret_serial = serial;
	return NULL;
}

char *rollback_who(int64_t uid, const char *subject)
{
	if (subject || uid < 0)
		return xstrdup(subject ? subject : "");
	return uid ? xasprintf("uid %" PRId64, uid) : xstrdup("root");
}

/* Writes who began it, when it ends, and its number: once, right after the commit that
 * began it, or at the next start. */
static struct err *register_trial(struct rollback *r, struct row *trial)
{
	int64_t timeout_s = datum_integer(row_get(trial, r->c->trial.timeout), 0);
	CLEANUP(freep) char *who = NULL;
	struct history_entry *entry;
	struct err *e;
	struct txn *t;

	r->serial = datum_integer(row_get(trial, r->c->trial.serial), 0);
	if (r->serial)
		return NULL;
	e = find_entry(r, trial, &entry);
	if (e)
		return e;
	r->serial = entry->serial;
	who = rollback_who(entry->uid, entry->subject);
	t = daemon_txn_new(r->db);
	txn_set_integer(t, trial, r->c->trial.serial, entry->serial);
	txn_set_integer(t, trial, r->c->trial.deadline,
			entry->time_ms + timeout_s * 1000);
	txn_set_string(t, trial, r->c->trial.who, who);
	history_entries_free(entry, 1);
	log_event(LOG_LEVEL_INFO, "trial_begun",
		  "transaction=%" PRId64 " seconds=%" PRId64 " by=\"%s\"", r->serial,
		  timeout_s, who);
	return daemon_txn_commit(t);
}

/* Without its transaction a trial can only end as confirmed: else no client could change
 * anything any more. */
static struct err *give_up(struct rollback *r, struct row *trial)
{
	struct txn *t = daemon_txn_new(r->db);

	r->went_back = true;
	txn_add_comment(t, "the trial cannot be taken back: its transaction is lost");
	txn_delete(t, trial);
	return daemon_txn_commit(t);
}

static void run_in_time(struct rollback *r, struct row *trial)
{
	int64_t timeout_s = datum_integer(row_get(trial, r->c->trial.timeout), 0);
	CLEANUP(freep)
	char *why = xasprintf("not confirmed within %" PRId64 " s", timeout_s);
	int64_t serial;
	struct err *e = rollback_run(r, why, &serial);

	if (!e)
		return;
	log_err(LOG_LEVEL_ERR, "trial_not_taken_back", e, "%s", "");
	if (e->code == ERR_UNSUPPORTED) {
		err_free(e);
		e = give_up(r, trial);
	}
	if (e && r->deadline)
		loop_timer_set(r->deadline, RETRY_MS);
	err_free(e);
}

static void on_deadline(void *aux)
{
	struct rollback *r = aux;
	struct row *trial = trial_find(r->c, NULL);

	if (trial)
		run_in_time(r, trial);
}

static void take_up(struct rollback *r, struct row *trial)
{
	struct err *e = register_trial(r, trial);

	if (e)
		log_err(LOG_LEVEL_ERR, "trial_not_registered", e, "%s", "");
	err_free(e);
	history_keep_from(r->db, r->serial);
}

static void note_end(struct rollback *r)
{
	struct err *e = NULL;

	if (r->serial && !r->went_back)
		log_event(LOG_LEVEL_INFO, "trial_confirmed", "transaction=%" PRId64,
			  r->serial);
	r->serial = 0;
	history_keep_from(r->db, 0);
	loop_timer_clear(r->deadline);
	if (config_dir_is_owed(r->dir))
		e = config_dir_apply(r->dir);
	if (e)
		log_err(LOG_LEVEL_ERR, "reload_failed", e, "%s", "");
	err_free(e);
}

static void on_change(void *aux)
{
	struct rollback *r = aux;
	struct row *trial = trial_find(r->c, NULL);

	if (!trial) {
		note_end(r);
		return;
	}
	if (r->serial &&
	    r->serial == datum_integer(row_get(trial, r->c->trial.serial), 0))
		return;
	r->went_back = false;
	take_up(r, trial);
	loop_timer_set(r->deadline, trial_left_ms(r->c, trial));
}

static void on_commit(void *aux, const struct txn *t)
{
	struct rollback *r = aux;

	TXN_FOR_EACH_CHANGE (change, t) {
		if (change.table == r->c->trial.table)
			loop_timer_set(r->soon, 0);
	}
}

struct rollback *rollback_new(const struct ipvl_columns *c, struct db *db,
			      struct config_dir *dir)
{
	struct rollback *r = xcalloc(1, sizeof(*r));
	struct row *trial;

	r->c = c;
	r->db = db;
	r->dir = dir;
	trial = trial_find(c, NULL);
	if (!trial)
		return r;
	take_up(r, trial);
	if (!trial_left_ms(c, trial))
		run_in_time(r, trial);
	return r;
}

void rollback_free(struct rollback *r)
{
	if (!r)
		return;
	db_unobserve(r->observer);
	loop_timer_free(r->soon);
	loop_timer_free(r->deadline);
	free(r);
}

void rollback_follow(struct rollback *r, struct loop *loop)
{
	struct row *trial = trial_find(r->c, NULL);

	r->deadline = loop_timer_new(loop, on_deadline, r);
	r->soon = loop_timer_new(loop, on_change, r);
	r->observer = db_observe(r->db, on_commit, r);
	if (trial)
		loop_timer_set(r->deadline, trial_left_ms(r->c, trial));
	else
		loop_timer_set(r->soon, 0);
}
