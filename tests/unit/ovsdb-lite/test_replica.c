/* The replica: the same rows as the server's, and transactions sent there. */
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/client/replica.h"

#include "ovsdb-lite/rows/txn.h"
#include "tests/unit/ovsdb-lite/wire.h"

#include <stdio.h>

struct pair {
	struct wire *wire;
	struct replica *replica;
	struct peer *peer;
};

static struct err *open_as(struct pair *x, const char *db_name, struct replica **ret)
{
	const struct replica_options o = {.address = x->wire->active, .db_name = db_name};

	return replica_open(x->wire->loop, &o, 1000, ret);
}

static int setup(void **state)
{
	struct pair *x = xcalloc(1, sizeof(*x));
	void *wire;

	wire_setup(&wire);
	x->wire = wire;
	x->peer = peer_open(x->wire);
	json_free(peer_transact(x->peer,
				"{\"op\":\"insert\",\"table\":\"R\",\"row\":"
				"{\"name\":\"a\",\"tags\":[\"set\",[\"x\",\"y\"]]}}"));
	wire_must(open_as(x, "T", &x->replica));
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct pair *x = *state;
	void *wire = x->wire;

	replica_close(x->replica);
	peer_close(x->peer);
	wire_teardown(&wire);
	free(x);
	return 0;
}

static struct table *table(struct pair *x)
{
	return db_table(replica_db(x->replica), "R");
}

static const struct column_schema *column(struct pair *x, const char *name)
{
	return table_schema_find(table_schema(table(x)), name);
}

static struct row *find(struct pair *x, const char *name)
{
	TABLE_FOR_EACH (r, table(x))
		if (!strcmp(datum_string(row_get(r, column(x, "name"))), name))
			return r;
	return NULL;
}

static int64_t n_of(struct pair *x, const char *name)
{
	struct row *r = find(x, name);

	return r ? datum_integer(row_get(r, column(x, "n")), -1) : -1;
}

static void rows_are_here_when_it_opens(void **state)
{
	struct pair *x = *state;

	assert_string_equal(db_name(replica_db(x->replica)), "T");
	assert_int_equal(table_count(table(x)), 1);
	assert_int_equal(row_get(find(x, "a"), column(x, "tags"))->n, 2);
	assert_null(replica_error(x->replica));
}

static void count_commit(void *aux, const struct txn *txn)
{
	unsigned int *n = aux;

	TXN_FOR_EACH_CHANGE (c, txn)
		(*n)++;
}

static void changes_arrive_and_observers_see_them(void **state)
{
	struct pair *x = *state;
	unsigned int n_changes = 0;
	struct db_observer *o =
		db_observe(replica_db(x->replica), count_commit, &n_changes);

	json_free(peer_transact(
		x->peer,
		"{\"op\":\"insert\",\"table\":\"R\",\"row\":{\"name\":\"b\",\"n\":7}},"
		"{\"op\":\"update\",\"table\":\"R\",\"where\":[[\"name\",\"==\",\"a\"]],"
		"\"row\":{\"e\":3,\"tags\":[\"set\",[]]}}"));
	WIRE_WAIT_FOR(x->wire, n_changes == 2);
	assert_int_equal(n_of(x, "b"), 7);
	assert_int_equal(datum_integer(row_get(find(x, "a"), column(x, "e")), -1), 3);
	assert_int_equal(row_get(find(x, "a"), column(x, "tags"))->n, 0);
	json_free(peer_transact(x->peer,
				"{\"op\":\"delete\",\"table\":\"R\",\"where\":[]}"));
	WIRE_WAIT_FOR(x->wire, n_changes == 4);
	assert_int_equal(table_count(table(x)), 0);
	db_unobserve(o);
}

/* Of the first row. */
static struct txn *set_n(struct db *db, int64_t n)
{
	const struct txn_origin origin = {.uid = -1, .pid = -1};
	struct table *t = db_table(db, "R");
	const struct column_schema *c = table_schema_find(table_schema(t), "n");
	struct txn *txn = txn_new(db, &origin);
	struct datum d;

	datum_init_empty(&d);
	datum_set_integer(&d, &c->type, n);
	txn_set(txn, table_first(t), c, &d);
	return txn;
}

static void committing_sends_and_the_tables_follow(void **state)
{
	static const char select[] =
		"[{\"op\":\"select\",\"table\":\"R\",\"where\":[],"
		"\"columns\":[\"n\"]},{\"op\":\"comment\",\"comment\":\"x\"}]";
	struct pair *x = *state;
	struct txn *t = set_n(replica_db(x->replica), 42);
	struct json_object *extra, *results;

	wire_must(json_parse(select, strlen(select), &extra));
	wire_must(replica_commit(x->replica, t, extra, 1000, &results));
	txn_free(t);
	assert_int_equal(n_of(x, "a"), 42);
	assert_int_equal(json_get_length(results), 2);
	assert_int_equal(
		json_get_integer(json_member(
			json_at(json_member(json_at(results, 0), "rows"), 0), "n")),
		42);
	json_free(results);
	assert_int_equal(table_count(db_table(x->wire->db, "R")), 1);
}

static void new_and_deleted_rows_are_sent(void **state)
{
	const struct txn_origin origin = {.uid = -1, .pid = -1};
	struct pair *x = *state;
	struct txn *t = txn_new(replica_db(x->replica), &origin);
	struct datum d;
	struct row *r;

	txn_delete(t, find(x, "a"));
	wire_must(txn_insert(t, table(x), NULL, &r));
	datum_init_empty(&d);
	datum_set_string(&d, &column(x, "name")->type, "new");
	txn_set(t, r, column(x, "name"), &d);
	wire_must(replica_commit(x->replica, t, NULL, 1000, NULL));
	txn_free(t);
	assert_null(find(x, "a"));
	assert_non_null(find(x, "new"));
	assert_int_equal(table_count(db_table(x->wire->db, "R")), 1);
}

/* Somebody else was faster, and its update has not come in yet. */
static void conflict_says_try_again(void **state)
{
	struct pair *x = *state;
	struct txn *t = set_n(x->wire->db, 9);

	wire_must(db_commit(t));
	txn_free(t);
	t = set_n(replica_db(x->replica), 1);
	wire_must_fail(replica_commit(x->replica, t, NULL, 1000, NULL), ERR_TIMED_OUT);
	txn_free(t);
	WIRE_WAIT_FOR(x->wire, n_of(x, "a") == 9);
	t = set_n(replica_db(x->replica), 10);
	wire_must(replica_commit(x->replica, t, NULL, 1000, NULL));
	txn_free(t);
	assert_int_equal(n_of(x, "a"), 10);
}

static void silent_server_is_busy_not_in_conflict(void **state)
{
	static const char wait[] = "[{\"op\":\"wait\",\"table\":\"R\",\"where\":[],"
				   "\"columns\":[\"n\"],\"until\":\"==\",\"rows\":[]}]";
	struct pair *x = *state;
	struct txn *t = set_n(replica_db(x->replica), 42);
	struct json_object *extra;

	wire_must(json_parse(wait, strlen(wait), &extra));
	wire_must_fail(replica_commit(x->replica, t, extra, 50, NULL), ERR_BUSY);
	txn_free(t);
	assert_null(replica_error(x->replica));
}

static void end_of_the_server_is_told_and_the_rows_stay(void **state)
{
	struct pair *x = *state;
	struct txn *t = set_n(replica_db(x->replica), 1);

	server_free(STEAL(x->wire->server));
	WIRE_WAIT_FOR(x->wire, replica_error(x->replica));
	assert_int_equal(replica_error(x->replica)->code, ERR_CLOSED);
	assert_non_null(find(x, "a"));
	wire_must_fail(replica_commit(x->replica, t, NULL, 1000, NULL), ERR_CLOSED);
	txn_free(t);
}

static void failures_to_open(void **state)
{
	struct pair *x = *state;
	struct replica *r;

	wire_must_fail(open_as(x, "X", &r), ERR_UNKNOWN_DATABASE);
	server_free(STEAL(x->wire->server));
	wire_must_fail(open_as(x, "T", &r), ERR_SYSTEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_here_when_it_opens),
		TEST(changes_arrive_and_observers_see_them),
		TEST(committing_sends_and_the_tables_follow),
		TEST(new_and_deleted_rows_are_sent),
		TEST(conflict_says_try_again),
		TEST(silent_server_is_busy_not_in_conflict),
		TEST(end_of_the_server_is_told_and_the_rows_stay),
		TEST(failures_to_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
