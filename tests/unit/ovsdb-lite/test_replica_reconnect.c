/* A replica whose connection ends, and servers that know less than ours: it has the
 * server's rows again, and who looks on hears of the differences only. */
#include "ovsdb-lite/json/json_parse.h"
#include "lib/clock.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/client/replica.h"
#include "ovsdb-lite/rows/txn.h"
#include "tests/unit/ovsdb-lite/wire.h"

#include <stdio.h>

#define A     "00000000-0000-4000-8000-00000000000a"
#define B     "00000000-0000-4000-8000-00000000000b"
#define C     "00000000-0000-4000-8000-00000000000c"
#define ZEROS "00000000-0000-0000-0000-000000000000"
#define INSERT(uuid, row)                                                                \
	"{\"op\":\"insert\",\"table\":\"R\",\"uuid\":\"" uuid "\",\"row\":{" row "}}"
#define UPDATE(name, row)                                                                \
	"{\"op\":\"update\",\"table\":\"R\",\"where\":[[\"name\",\"==\",\"" name "\"]"   \
	"],\"row\":{" row "}}"
#define DELETE(name)                                                                     \
	"{\"op\":\"delete\",\"table\":\"R\",\"where\":[[\"name\",\"==\",\"" name "\"]]}"

struct look {
	struct wire *wire;
	struct replica *replica;
	struct db_observer *observer;
	unsigned int n_commits, n_changes, n_lost, n_ready;
	enum err_code why;
	bool closes_when_lost, closes_when_ready;
};

static void on_commit(void *aux, const struct txn *txn)
{
	struct look *l = aux;

	l->n_commits++;
	TXN_FOR_EACH_CHANGE (c, txn)
		l->n_changes++;
}

static void close_replica(struct look *l)
{
	db_unobserve(STEAL(l->observer));
	replica_close(STEAL(l->replica));
}

static void on_state(void *aux, const struct err *why)
{
	struct look *l = aux;

	if (why)
		l->why = why->code;
	l->n_lost += why != NULL;
	l->n_ready += !why;
	if (why ? l->closes_when_lost : l->closes_when_ready)
		close_replica(l);
}

static struct replica_options options_of(struct look *l)
{
	return (struct replica_options){
		.address = l->wire->active,
		.db_name = "T",
		.reconnects = true,
		.min_backoff_ms = 10,
		.state = on_state,
		.aux = l,
	};
}

static void open_replica(struct look *l, const struct replica_options *o)
{
	wire_must(replica_open(l->wire->loop, o, 1000, &l->replica));
	l->observer = db_observe(replica_db(l->replica), on_commit, l);
}

static void open_as_usual(struct look *l)
{
	const struct replica_options o = options_of(l);

	open_replica(l, &o);
}

/* On the server's own database. */
static void run(struct look *l, const char *operations)
{
	char *text = xasprintf("[\"T\",%s]", operations);
	struct exec_request request = {.db = l->wire->db,
				       .origin = {.uid = -1, .pid = -1}};
	struct json_object *params;
	struct exec_result result;

	wire_must(json_parse(text, strlen(text), &params));
	request.params = params;
	exec_transact(&request, &result);
	assert_true(result.changed);
	json_free(result.reply);
	json_free(params);
	free(text);
}

static void expect_same_rows(struct look *l)
{
	const struct table *have = db_table(replica_db(l->replica), "R"),
			   *want = db_table(l->wire->db, "R");
	const struct table_schema *ts = table_schema(want);

	assert_int_equal(table_count(have), table_count(want));
	TABLE_FOR_EACH (r, want) {
		const struct row *here = table_find(have, row_uuid(r));

		assert_non_null(here);
		for (size_t i = 0; i < ts->n_columns; i++)
			assert_true(datum_equals(
				row_get(here, &table_schema(have)->columns[i]),
				row_get(r, &ts->columns[i]), &ts->columns[i].type));
	}
}

static void stop(struct look *l)
{
	server_free(STEAL(l->wire->server));
	WIRE_WAIT_FOR(l->wire, l->n_lost);
	assert_int_equal(l->why, ERR_CLOSED);
	assert_non_null(replica_error(l->replica));
	assert_null(replica_client(l->replica));
}

static void start(struct look *l)
{
	wire_limit(l->wire, NULL);
	WIRE_WAIT_FOR(l->wire, l->n_ready);
	assert_null(replica_error(l->replica));
	assert_non_null(replica_client(l->replica));
}

/* As a server that ends and begins anew. */
static void reopen_db(struct wire *w)
{
	char *path = xstrdup(db_path(w->db));

	db_close(w->db);
	wire_must(db_open(path, NULL, &w->db));
	free(path);
}

static void what_was_missed_is_told_as_one_difference(void **state)
{
	struct look l = {.wire = *state};

	run(&l, INSERT(A, "\"name\":\"a\",\"e\":5,\"tags\":[\"set\",[\"x\",\"y\"]]"));
	run(&l, INSERT(B, "\"name\":\"b\""));
	open_as_usual(&l);
	stop(&l);
	run(&l, UPDATE("a", "\"n\":1"));
	run(&l, UPDATE("a", "\"tags\":[\"set\",[\"x\",\"z\"]]") "," DELETE("b"));
	run(&l, INSERT(C, "\"name\":\"c\""));
	start(&l);
	expect_same_rows(&l);
	assert_int_equal(l.n_commits, 1);
	assert_int_equal(l.n_changes, 3);
	/* And it goes on. */
	run(&l, UPDATE("c", "\"n\":7"));
	WIRE_WAIT_FOR(l.wire, l.n_commits == 2);
	expect_same_rows(&l);
	close_replica(&l);
}

/* The ephemeral column `e` is empty after it. */
static void also_after_a_restart(void **state)
{
	struct look l = {.wire = *state};

	run(&l, INSERT(A, "\"name\":\"a\",\"e\":5"));
	run(&l, INSERT(B, "\"name\":\"b\"") "," INSERT(C, "\"name\":\"c\""));
	open_as_usual(&l);
	stop(&l);
	run(&l, UPDATE("b", "\"n\":1,\"e\":2"));
	reopen_db(l.wire);
	start(&l);
	expect_same_rows(&l);
	assert_int_equal(l.n_commits, 1);
	assert_int_equal(l.n_changes, 2);
	close_replica(&l);
}

static void nothing_missed_is_no_transaction(void **state)
{
	struct look l = {.wire = *state};

	run(&l, INSERT(A, "\"name\":\"a\""));
	open_as_usual(&l);
	for (unsigned int i = 1; i <= 3; i++) {
		l.n_lost = l.n_ready = 0;
		stop(&l);
		start(&l);
	}
	assert_int_equal(l.n_commits, 0);
	expect_same_rows(&l);
	close_replica(&l);
}

static void rows_wanted_are_chosen_by_table_column_and_condition(void **state)
{
	static const char *const columns[] = {"name", NULL};
	static const char where_text[] = "[[\"n\",\">\",0]]";
	struct look l = {.wire = *state};
	struct replica_table table = {.name = "R", .columns = columns};
	struct replica_options o = options_of(&l);
	const struct table_schema *ts;
	struct json_object *where;
	const struct table *t;

	wire_must(json_parse(where_text, strlen(where_text), &where));
	table.where = where;
	o.tables = &table;
	o.n_tables = 1;
	run(&l, INSERT(A, "\"name\":\"a\",\"n\":1") "," INSERT(B, "\"name\":\"b\""));
	open_replica(&l, &o);
	json_free(where);
	t = db_table(replica_db(l.replica), "R");
	ts = table_schema(t);
	assert_int_equal(table_count(t), 1);
	assert_string_equal(
		datum_string(row_get(table_first(t), table_schema_find(ts, "name"))),
		"a");
	assert_int_equal(
		datum_integer(row_get(table_first(t), table_schema_find(ts, "n")), -1),
		0);
	stop(&l);
	run(&l, UPDATE("a", "\"n\":0") "," UPDATE("b", "\"n\":2"));
	start(&l);
	assert_int_equal(table_count(t), 1);
	assert_string_equal(
		datum_string(row_get(table_first(t), table_schema_find(ts, "name"))),
		"b");
	o.tables = &(struct replica_table){.name = "Zap"};
	{
		struct replica *other;

		wire_must_fail(replica_open(l.wire->loop, &o, 1000, &other),
			       ERR_NOT_FOUND);
	}
	close_replica(&l);
}

static const char other_schema[] =
	"{\"name\":\"T\",\"version\":\"2.0.0\",\"tables\":{\"R\":{\"columns\":{"
	"\"name\":{\"type\":\"string\"}}}}}";

static void a_conversion_is_the_end(void **state)
{
	struct look l = {.wire = *state};
	struct json_object *params, *result;
	struct client *c;
	char *text = xasprintf("[\"T\",%s]", other_schema);

	run(&l, INSERT(A, "\"name\":\"a\""));
	open_as_usual(&l);
	wire_must(client_open(l.wire->loop, l.wire->active, NULL, NULL, NULL, &c));
	wire_must(json_parse(text, strlen(text), &params));
	free(text);
	wire_must(client_call(c, "convert", params, 1000, &result));
	json_free(result);
	client_close(c);
	WIRE_WAIT_FOR(l.wire, l.n_lost == 2);
	assert_int_equal(l.why, ERR_INTERRUPTED);
	assert_int_equal(replica_error(l.replica)->code, ERR_INTERRUPTED);
	close_replica(&l);
	/* A new one has the new tables. */
	open_as_usual(&l);
	assert_int_equal(table_schema(db_table(replica_db(l.replica), "R"))->n_columns,
			 1);
	expect_same_rows(&l);
	close_replica(&l);
}

static void another_schema_is_the_end(void **state)
{
	struct look l = {.wire = *state};
	struct json_object *json;
	struct schema *schema;

	run(&l, INSERT(A, "\"name\":\"a\""));
	open_as_usual(&l);
	stop(&l);
	db_close(l.wire->db);
	wire_must(json_parse(other_schema, strlen(other_schema), &json));
	wire_must(schema_from_json(json, &schema));
	json_free(json);
	l.wire->db = db_new_in_memory(schema);
	wire_limit(l.wire, NULL);
	WIRE_WAIT_FOR(l.wire, l.n_lost == 2);
	assert_int_equal(l.why, ERR_INTERRUPTED);
	assert_int_equal(table_count(db_table(replica_db(l.replica), "R")), 1);
	close_replica(&l);
}

static void one_that_does_not_reconnect_stays_as_it_is(void **state)
{
	struct look l = {.wire = *state};
	struct replica_options o = options_of(&l);
	int64_t end;

	o.reconnects = false;
	open_replica(&l, &o);
	stop(&l);
	wire_limit(l.wire, NULL);
	end = clock_now_ms() + WIRE_QUIET_MS;
	while (clock_now_ms() < end)
		wire_must(loop_run_once(l.wire->loop, WIRE_QUIET_MS));
	assert_int_equal(l.n_ready, 0);
	assert_int_equal(replica_error(l.replica)->code, ERR_CLOSED);
	close_replica(&l);
}

static void it_may_be_closed_when_its_state_is_told(void **state)
{
	struct look l = {.wire = *state, .closes_when_lost = true};

	open_as_usual(&l);
	server_free(STEAL(l.wire->server));
	WIRE_WAIT_FOR(l.wire, l.n_lost);
	assert_null(l.replica);

	l = (struct look){.wire = *state, .closes_when_ready = true};
	wire_limit(l.wire, NULL);
	open_as_usual(&l);
	stop(&l);
	wire_limit(l.wire, NULL);
	WIRE_WAIT_FOR(l.wire, l.n_ready);
	assert_null(l.replica);
}

/* --- servers that are not ours --- */

/* Answers each method with the same result, or says that it does not know it. */
struct stub {
	struct look *look;
	struct stream_listener *listener;
	struct stream *stream;
	struct json_stream *parser;
	const char *cond_since, *cond, *plain; /* results; NULL: unknown method */
	const char *then;                      /* sent behind the first of them */
	unsigned int n_connections;
	char *last_since; /* the last parameter of monitor_cond_since */
};

static const char *stub_result(const struct stub *s, const char *method)
{
	if (!strcmp(method, "get_schema"))
		return wire_schema;
	if (!strcmp(method, "monitor_cond_since"))
		return s->cond_since;
	if (!strcmp(method, "monitor_cond"))
		return s->cond;
	return strcmp(method, "monitor") ? NULL : s->plain;
}

static void stub_answer(struct stub *s, const struct json_object *message)
{
	const char *method = json_get_string(json_member(message, "method"));
	CLEANUP(freep) char *id = json_text(json_member(message, "id"));
	const char *result = stub_result(s, method);
	CLEANUP(freep)
	char *text =
		result ? xasprintf("{\"id\":%s,\"result\":%s,\"error\":null}", id, result)
		       : xasprintf("{\"id\":%s,\"error\":\"unknown method\"}", id);

	if (!strcmp(method, "monitor_cond_since")) {
		free(s->last_since);
		s->last_since = xstrdup(
			json_get_string(json_at(json_member(message, "params"), 3)));
	}
	stream_write(s->stream, text, strlen(text));
	if (result && result != wire_schema && s->then)
		stream_write(s->stream, s->then, strlen(s->then));
}

static void stub_data(void *aux, const char *data, size_t n)
{
	struct stub *s = aux;

	while (n) {
		struct json_object *message;
		size_t used;

		wire_must(json_stream_feed(s->parser, data, n, &used, &message));
		if (message)
			stub_answer(s, message);
		json_free(message);
		data += used;
		n -= used;
	}
}

static void stub_hang_up(struct stub *s)
{
	stream_free(STEAL(s->stream));
	json_stream_free(STEAL(s->parser));
}

static void stub_closed(void *aux, struct err *e)
{
	err_free(e);
	stub_hang_up(aux);
}

static void stub_accept(void *aux, struct stream *stream)
{
	static const struct stream_handlers handlers = {.data = stub_data,
							.closed = stub_closed};
	struct stub *s = aux;

	assert_null(s->stream);
	s->stream = stream;
	s->parser = json_stream_new(1 << 20);
	s->n_connections++;
	stream_set_handlers(stream, &handlers, s);
}

static void stub_open(struct stub *s, struct look *l)
{
	server_free(STEAL(l->wire->server));
	wire_must(stream_listen(l->wire->loop, l->wire->passive, NULL, 0600, stub_accept,
				s, &s->listener));
	open_as_usual(l);
}

static void stub_close(struct stub *s, struct look *l)
{
	close_replica(l);
	stub_hang_up(s);
	stream_listener_free(s->listener);
	free(s->last_since);
}

static int64_t n_of(struct look *l, const char *name)
{
	const struct table *t = db_table(replica_db(l->replica), "R");
	const struct table_schema *ts = table_schema(t);

	TABLE_FOR_EACH (r, t)
		if (!strcmp(datum_string(row_get(r, table_schema_find(ts, "name"))),
			    name))
			return datum_integer(row_get(r, table_schema_find(ts, "n")), -1);
	return -1;
}

static void the_best_monitor_that_the_server_knows_is_used(void **state)
{
	static const char by_cond[] =
		"{\"R\":{\"" A "\":{\"initial\":{\"name\":\"a\",\"n\":1}}}}";
	static const char by_plain[] =
		"{\"R\":{\"" A "\":{\"new\":{\"name\":\"a\",\"n\":1,\"tags\":[\"set\",[]]"
		",\"e\":0}}}}";
	static const struct stub stubs[] = {
		{.cond_since = "[false,\"" ZEROS "\",{\"R\":{\"" A
			       "\":{\"initial\":{\"name\":\"a\",\"n\":1}}}}]",
		 .then = "{\"id\":null,\"method\":\"update3\",\"params\":[\"replica\","
			 "\"" B "\",{\"R\":{\"" A "\":{\"modify\":{\"n\":2}}}}]}"},
		{.cond = by_cond,
		 .then = "{\"id\":null,\"method\":\"update2\",\"params\":[\"replica\","
			 "{\"R\":{\"" A "\":{\"modify\":{\"n\":2}}}}]}"},
		{.plain = by_plain,
		 .then = "{\"id\":null,\"method\":\"update\",\"params\":[\"replica\","
			 "{\"R\":{\"" A
			 "\":{\"old\":{\"n\":1},\"new\":{\"name\":\"a\",\"n\":2,"
			 "\"tags\":[\"set\",[]],\"e\":0}}}}]}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(stubs); i++) {
		struct look l = {.wire = *state};
		struct stub s = stubs[i];

		stub_open(&s, &l);
		WIRE_WAIT_FOR(l.wire, n_of(&l, "a") == 2);
		/* A dump anew: only what differs is told. */
		l.n_commits = l.n_changes = 0;
		stub_hang_up(&s);
		WIRE_WAIT_FOR(l.wire, l.n_ready && n_of(&l, "a") == 2);
		assert_int_equal(s.n_connections, 2);
		assert_int_equal(l.n_commits, 2); /* n: 1, and 2 again */
		assert_int_equal(l.n_changes, 2);
		assert_string_equal(s.last_since, i ? ZEROS : B);
		stub_close(&s, &l);
	}
}

static void a_dump_is_all_that_there_is(void **state)
{
	struct look l = {.wire = *state};
	struct stub s = {
		.cond = "{\"R\":{\"" A
			"\":{\"initial\":{\"name\":\"a\",\"n\":1,\"tags\":\"x\"}},\"" B
			"\":{\"initial\":{\"name\":\"b\",\"n\":4}}}}"};

	stub_open(&s, &l);
	assert_int_equal(n_of(&l, "b"), 4);
	stub_hang_up(&s);
	s.cond = "{\"R\":{\"" A "\":{\"initial\":{\"name\":\"a\",\"n\":1}},\"" C
		 "\":{\"initial\":{\"name\":\"c\"}}}}";
	WIRE_WAIT_FOR(l.wire, l.n_ready);
	assert_int_equal(l.n_commits, 1);
	assert_int_equal(l.n_changes, 3);
	assert_int_equal(n_of(&l, "a"), 1);
	assert_int_equal(n_of(&l, "b"), -1);
	assert_int_equal(n_of(&l, "c"), 0);
	stub_hang_up(&s);
	s.cond = "{}";
	WIRE_WAIT_FOR(l.wire, l.n_ready == 2);
	assert_int_equal(table_count(db_table(replica_db(l.replica), "R")), 0);
	stub_close(&s, &l);
}

/* The id that an earlier connection told is not that of these rows. */
static void a_dump_without_an_id_makes_the_last_one_void(void **state)
{
	struct look l = {.wire = *state};
	struct stub s = {.cond_since = "[false,\"" B "\",{}]"};

	stub_open(&s, &l);
	stub_hang_up(&s);
	s.cond_since = NULL;
	s.cond = "{\"R\":{\"" A "\":{\"initial\":{\"name\":\"a\"}}}}";
	WIRE_WAIT_FOR(l.wire, l.n_ready == 1);
	assert_string_equal(s.last_since, B);
	stub_hang_up(&s);
	s.cond_since = "[false,\"" C "\",{}]";
	WIRE_WAIT_FOR(l.wire, l.n_ready == 2);
	assert_string_equal(s.last_since, ZEROS);
	assert_int_equal(n_of(&l, "a"), -1);
	stub_close(&s, &l);
}

/* It cannot be known any more what the tables are: everything is asked for. */
static void what_cannot_be_understood_ends_the_connection(void **state)
{
	static const char *const updates[] = {
		"[\"replica\",\"" C "\"]",
		"[\"replica\",\"zap\",{}]",
		"[\"replica\",\"" C "\",7]",
		"[\"replica\",\"" C "\",{\"Zap\":{}}]",
		"[\"replica\",\"" C "\",{\"R\":7}]",
		"[\"replica\",\"" C "\",{\"R\":{\"zap\":{\"delete\":null}}}]",
		"[\"replica\",\"" C "\",{\"R\":{\"" A "\":7}}]",
		"[\"replica\",\"" C "\",{\"R\":{\"" A "\":{}}}]",
		"[\"replica\",\"" C "\",{\"R\":{\"" A "\":{\"modify\":{\"zap\":1}}}}]",
		"[\"replica\",\"" C "\",{\"R\":{\"" A "\":{\"modify\":{\"n\":\"x\"}}}}]",
		"[\"replica\",\"" C "\",{\"R\":{\"" A
		"\":{\"modify\":{\"n\":[\"set\",[]]}}}}]",
		"[\"replica\",\"" C "\",{\"R\":{\"" B "\":{\"modify\":{\"n\":1}}}}]",
		"[\"replica\",\"" C "\",{\"R\":{\"" B "\":{\"insert\":{\"n\":\"x\"}}}}]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(updates); i++) {
		struct look l = {.wire = *state};
		struct stub s = {.cond_since = "[false,\"" B "\",{\"R\":{\"" A
					       "\":{\"initial\":{\"n\":1}}}}]"};
		CLEANUP(freep)
		char *update = xasprintf(
			"{\"id\":null,\"method\":\"update3\",\"params\":%s}", updates[i]);

		stub_open(&s, &l);
		stream_write(s.stream, update, strlen(update));
		WIRE_WAIT_FOR(l.wire, l.n_lost && l.n_ready);
		assert_string_equal(s.last_since, ZEROS);
		assert_int_equal(l.n_commits, 0);
		stub_close(&s, &l);
	}
}

#define FILE_TEST(name)                                                                  \
	cmocka_unit_test_setup_teardown(name, wire_setup_file, wire_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(what_was_missed_is_told_as_one_difference),
		FILE_TEST(also_after_a_restart),
		FILE_TEST(nothing_missed_is_no_transaction),
		FILE_TEST(rows_wanted_are_chosen_by_table_column_and_condition),
		FILE_TEST(a_conversion_is_the_end),
		WIRE_TEST(another_schema_is_the_end),
		WIRE_TEST(one_that_does_not_reconnect_stays_as_it_is),
		WIRE_TEST(it_may_be_closed_when_its_state_is_told),
		WIRE_TEST(the_best_monitor_that_the_server_knows_is_used),
		WIRE_TEST(a_dump_is_all_that_there_is),
		WIRE_TEST(a_dump_without_an_id_makes_the_last_one_void),
		WIRE_TEST(what_cannot_be_understood_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
