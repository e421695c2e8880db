/* The connection: a replica of some columns for the transactions, and plain requests for what the
 * daemon does then. */
#include "engines/attachment/attachment_session.h"

#include "config/pool/lease.h"
#include "config/rows.h"
#include "config/state.h"
#include "engines/attachment/attachment_rows.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/loop.h"
#include "ovsdb-lite/client/replica.h"
#include "ovsdb-lite/json/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DB_NAME "ipvl"
/* Each attempt serves at least one client. */
#define ATTEMPTS_MAX 200U
/* How long a row may wait for what is not there yet. */
#define WAITING_MS 3000
#define FLUSH_MS   5000

struct attachment_session {
	struct loop *loop;
	struct replica *replica;
	struct ipvl_columns columns;
	int64_t deadline_ms;
	int64_t next_cfg; /* of the last edit; 0: none */
};

static int64_t left_ms(const struct attachment_session *s)
{
	int64_t left = s->deadline_ms - clock_now_ms();

	return left > 0 ? left : 0;
}

/* Takes 'e'. */
static struct err *no_daemon(const char *remote, struct err *e)
{
	const char *why = e->sys_errno ? strerror(e->sys_errno) : e->message;
	struct err *said = err_hint(
		err_new(ERR_BUSY, "ipvld does not answer on %s (%s)", remote, why),
		"start it with `systemctl start ipvld`, or see `systemctl status ipvld`");

	err_free(e);
	return said;
}

struct err *attachment_session_open(const char *remote, int64_t deadline_ms,
				    struct attachment_session **ret_session)
{
	static const char *const host_columns[] = {"name", "masters", "next_cfg",
						   "external_ids", NULL};
	const struct replica_table tables[] = {
		{.name = "Host", .columns = host_columns},
		{.name = "Master", .columns = attachment_rows_master_columns},
		{.name = "Slave", .columns = attachment_rows_slave_columns},
		{.name = "Pool"},
		{.name = "Lease"},
	};
	const struct replica_options options = {
		.address = remote,
		.db_name = DB_NAME,
		.tables = tables,
		.n_tables = ARRAY_SIZE(tables),
	};
	struct attachment_session *s = xcalloc(1, sizeof(*s));
	struct err *e = loop_new(&s->loop);

	s->deadline_ms = deadline_ms;
	if (!e)
		e = replica_open(s->loop, &options, left_ms(s), &s->replica);
	if (e && e->code != ERR_INVALID)
		e = no_daemon(remote, e);
	if (!e)
		e = ipvl_columns_init(&s->columns, replica_db(s->replica));
	if (e) {
		attachment_session_close(s);
		return e;
	}
	*ret_session = s;
	return NULL;
}

void attachment_session_close(struct attachment_session *s)
{
	if (!s)
		return;
	replica_close(s->replica);
	loop_free(s->loop);
	free(s);
}

/* --- transactions --- */

static struct err *commit(struct attachment_session *s, struct attachment_edit *edit)
{
	const struct ipvl_columns *c = edit->c;
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct row *host = rows_find_host(c, edit->txn, NULL);
	bool is_new = host && !table_find(c->host.table, row_uuid(host));
	bool bumps = host && !is_new && rows_changes_config(c, edit->txn);
	struct json_object *extra = bumps ? rows_bump_operations(host) : json_array();
	struct err *e;

	for (size_t i = 0; i < json_get_length(edit->extra); i++)
		json_add(extra, json_clone(json_at(edit->extra, i)));
	if (is_new)
		s->next_cfg = rows_bump_next_cfg(c, edit->txn, host);
	e = replica_commit(s->replica, edit->txn, extra, left_ms(s), &results);
	if (!e && bumps)
		s->next_cfg = rows_bumped(results);
	return e;
}

/* Another client has changed the rows meanwhile, and they are here by now. */
static bool is_lost(const struct attachment_session *s,
		    const struct attachment_edit *edit, const struct err *e)
{
	if (e->code == ERR_TIMED_OUT) /* replica.h */
		return true;
	if (e->code != ERR_CONSTRAINT)
		return false;
	if (lease_is_lost(&s->columns, edit->txn))
		return true;
	/* A master of that name. */
	TXN_FOR_EACH_CHANGE (change, edit->txn) {
		const struct column_schema *name = s->columns.master.name;

		if (change.table == s->columns.master.table &&
		    change.kind == CHANGE_INSERT &&
		    rows_find_master(
			    &s->columns, NULL,
			    datum_text(change_new(&change, s->columns.master.netns)),
			    datum_text(change_new(&change, name))))
			return true;
	}
	return false;
}

static struct err *attempt(struct attachment_session *s, unsigned int n,
			   attachment_edit_fn *fn, void *aux, bool *ret_is_lost)
{
	const struct txn_origin origin = {.uid = getuid(), .pid = getpid()};
	struct attachment_edit edit = {
		.c = &s->columns,
		.txn = txn_new(replica_db(s->replica), &origin),
		.attempt = n,
		.extra = json_array(),
	};
	struct err *e = fn(aux, &edit);
	bool is_done = e || txn_is_empty(edit.txn);

	if (!is_done)
		e = commit(s, &edit);
	*ret_is_lost = !is_done && e && is_lost(s, &edit, e);
	txn_free(edit.txn);
	json_free(edit.extra);
	return e;
}

struct err *attachment_session_edit(struct attachment_session *s, attachment_edit_fn *fn,
				    void *aux)
{
	bool lost = true;
	struct err *e = NULL;

	for (unsigned int n = 1; n <= ATTEMPTS_MAX && lost; n++) {
		err_free(e);
		e = attempt(s, n, fn, aux, &lost);
		lost &= left_ms(s) > 0;
	}
	return e;
}

/* --- what the daemon does --- */

static struct json_object *columns(const char *const *names)
{
	struct json_object *list = json_array();

	for (; *names; names++)
		json_add(list, json_string(*names));
	return list;
}

static struct json_object *select_status(const char *table, const struct uuid *row)
{
	static const char *const names[] = {"state", "message", "mac", "link_mtu", NULL};
	struct json_object *op = txn_operation_on("select", table, row);

	json_put(op, "columns", columns(names));
	return op;
}

/* RFC 7047 5.2.6: until the row's column is no longer 'value'. */
static struct json_object *wait_while(const char *table, const struct uuid *row,
				      const char *column, struct json_object *value,
				      int64_t timeout_ms)
{
	const char *const names[] = {column, NULL};
	struct json_object *op = txn_operation_on("wait", table, row),
			   *rows = json_array(), *one = json_object();

	json_put(one, column, value);
	json_add(rows, one);
	json_put(op, "columns", columns(names));
	json_put(op, "until", json_string("!="));
	json_put(op, "rows", rows);
	json_put(op, "timeout", json_integer(timeout_ms));
	return op;
}

/* Takes the mark away if the row is ready. */
static struct json_object *unmark(const struct uuid *slave, const char *mark)
{
	struct json_object *op = txn_operation_on("mutate", "Slave", slave);
	struct json_object *where = json_array(), *clause, *mutations = json_array();
	struct json_object *mutation, *keys = json_array();

	for (size_t i = 0; i < json_get_length(json_member(op, "where")); i++)
		json_add(where, json_clone(json_at(json_member(op, "where"), i)));
	clause = json_pair(json_string("state"), json_string("=="));
	json_add(clause, json_string(state_name(STATE_READY)));
	json_add(where, clause);
	json_put(op, "where", where);
	json_add(keys, json_string(mark));
	mutation = json_pair(json_string("external_ids"), json_string("delete"));
	json_add(mutation, json_pair(json_string("set"), keys));
	json_add(mutations, mutation);
	json_put(op, "mutations", mutations);
	return op;
}

static struct attachment_status read_status(const struct json_object *result,
					    struct arena *a)
{
	const struct json_object *rows = json_member(result, "rows");
	const struct json_object *row = json_get_length(rows) ? json_at(rows, 0) : NULL;
	const struct json_object *mtu = row ? json_member(row, "link_mtu") : NULL;

	return (struct attachment_status){
		.exists = row,
		.state = arena_strdup(a, json_member_text(row, "state")),
		.message = arena_strdup(a, json_member_text(row, "message")),
		.mac = arena_strdup(a, json_member_text(row, "mac")),
		.mtu = json_kind(mtu) == JSON_INTEGER ? (uint32_t)json_get_integer(mtu)
						      : 0,
	};
}

static struct err *transact(struct attachment_session *s, struct json_object *operations,
			    struct json_object **ret_results)
{
	struct client *client = replica_client(s->replica);

	if (!client) {
		json_free(operations);
		return err_new(ERR_CLOSED, "the connection to ipvld was lost");
	}
	return client_transact(client, DB_NAME, operations, left_ms(s) + 1000,
			       ret_results);
}

/* One round: until the state is another one than 'last', or the time is over. */
static struct err *settle_once(struct attachment_session *s, const struct uuid *slave,
			       const char *mark, const char *last, int64_t timeout_ms,
			       struct arena *a, struct attachment_status *status)
{
	struct json_object *operations = json_array();
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct err *e;

	json_add(operations,
		 wait_while("Slave", slave, "state", json_string(last), timeout_ms));
	json_add(operations, unmark(slave, mark));
	json_add(operations, select_status("Slave", slave));
	e = transact(s, operations, &results);
	if (!e)
		*status = read_status(json_at(results, 2), a);
	/* The wait has its operation as the path; a server that does not answer has none. */
	if (e && e->code == ERR_TIMED_OUT && e->path) {
		err_free(e);
		e = attachment_session_status(s, "Slave", slave, a, status);
	}
	return e;
}

static bool is_open(const struct attachment_status *status, int64_t waiting_until_ms)
{
	enum row_state state = state_from_name(status->state);

	return status->exists &&
	       (state == STATE_UNKNOWN || state == STATE_PENDING ||
		(state == STATE_WAITING && clock_now_ms() < waiting_until_ms));
}

/* On a master that was made with it the device is ready before its address is reported. */
static struct err *await_mac(struct attachment_session *s, const struct uuid *slave,
			     struct arena *a, struct attachment_status *status)
{
	struct json_object *operations = json_array();
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct err *e;

	json_add(operations,
		 wait_while("Slave", slave, "mac", json_string(status->mac), WAITING_MS));
	json_add(operations, select_status("Slave", slave));
	e = transact(s, operations, &results);
	if (!e)
		*status = read_status(json_at(results, 1), a);
	if (e && e->code == ERR_TIMED_OUT && e->path) /* it has none */
		err_free(STEAL(e));
	return e;
}

static bool lacks_mac(const struct attachment_status *status)
{
	return status->exists && state_from_name(status->state) == STATE_READY &&
	       !status->mac[strspn(status->mac, "0:")];
}

struct err *attachment_session_settle(struct attachment_session *s,
				      const struct uuid *slave, const char *mark,
				      struct arena *a,
				      struct attachment_status *ret_status)
{
	struct attachment_status status = {.exists = true, .state = "", .message = ""};
	int64_t waiting_until_ms = clock_now_ms() + WAITING_MS;
	struct err *e = NULL;

	while (!e && is_open(&status, waiting_until_ms) && left_ms(s)) {
		int64_t timeout_ms = left_ms(s);

		if (state_from_name(status.state) == STATE_WAITING &&
		    waiting_until_ms - clock_now_ms() < timeout_ms)
			timeout_ms = waiting_until_ms - clock_now_ms();
		e = settle_once(s, slave, mark, status.state,
				timeout_ms > 0 ? timeout_ms : 0, a, &status);
	}
	if (!e && lacks_mac(&status))
		e = await_mac(s, slave, a, &status);
	if (!e)
		*ret_status = status;
	return e;
}

struct err *attachment_session_await_end(struct attachment_session *s,
					 const struct uuid *slave)
{
	struct json_object *operations = json_array();
	CLEANUP(json_freep) struct json_object *results = NULL;
	char text[UUID_TEXT_BYTES];
	struct err *e;

	uuid_format(slave, text);
	json_add(operations, wait_while("Slave", slave, "_uuid",
					json_pair(json_string("uuid"), json_string(text)),
					WAITING_MS));
	e = transact(s, operations, &results);
	if (e && e->code == ERR_TIMED_OUT && e->path) /* it stays */
		err_free(STEAL(e));
	return e;
}

struct err *attachment_session_status(struct attachment_session *s, const char *table,
				      const struct uuid *row, struct arena *a,
				      struct attachment_status *ret_status)
{
	struct json_object *operations = json_array();
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct err *e;

	json_add(operations, select_status(table, row));
	e = transact(s, operations, &results);
	if (!e)
		*ret_status = read_status(json_at(results, 0), a);
	return e;
}

/* Until cur_cfg is another one than 'last'; '*ret_cfg' is what it is then. */
static struct err *flush_once(struct attachment_session *s, const struct row *host,
			      int64_t last, int64_t timeout_ms, int64_t *ret_cfg)
{
	static const char *const names[] = {"cur_cfg", NULL};
	struct json_object *operations = json_array(), *select;
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct err *e;

	select = txn_operation_on("select", "Host", row_uuid(host));
	json_put(select, "columns", columns(names));
	if (last >= 0)
		json_add(operations, wait_while("Host", row_uuid(host), "cur_cfg",
						json_integer(last), timeout_ms));
	json_add(operations, select);
	e = transact(s, operations, &results);
	if (!e) {
		const struct json_object *rows =
			json_member(json_at(results, last >= 0), "rows");

		*ret_cfg = json_get_length(rows) ? json_get_integer(json_member(
							   json_at(rows, 0), "cur_cfg"))
						 : INT64_MAX;
	}
	return e;
}

struct err *attachment_session_flush(struct attachment_session *s)
{
	const struct row *host = rows_find_host(&s->columns, NULL, NULL);
	int64_t until_ms = clock_now_ms() + FLUSH_MS, cfg = -1;
	struct err *e = NULL;

	while (!e && host && cfg < s->next_cfg) {
		int64_t left = until_ms - clock_now_ms();

		if (left <= 0)
			break;
		e = flush_once(s, host, cfg, left, &cfg);
	}
	if (e && e->code == ERR_TIMED_OUT && e->path)
		err_free(STEAL(e));
	return e;
}
