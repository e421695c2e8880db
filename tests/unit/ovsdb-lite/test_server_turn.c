/* Transactions that clients send at the same time: one transaction of the file, and what
 * clients and monitors are sent when the file refuses it. The file's commit fails when the
 * test says so (--wrap). */
#include "tests/unit/ovsdb-lite/wire.h"

#define INSERT(id, n)                                                                    \
	"{\"id\":" id ",\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"insert\","   \
	"\"table\":\"R\",\"row\":{\"n\":" n "}}]}"
#define SELECT(id)                                                                       \
	"{\"id\":" id ",\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"select\","   \
	"\"table\":\"R\",\"where\":[],\"columns\":[\"n\"]}]}"

struct store;
struct err *__real_store_commit(struct store *s);
struct err *__wrap_store_commit(struct store *s);
void store_rollback(struct store *s);

static unsigned int n_commits, n_failing;

struct err *__wrap_store_commit(struct store *s)
{
	n_commits++;
	if (!n_failing)
		return __real_store_commit(s);
	n_failing--;
	store_rollback(s);
	return err_new(ERR_IO, "the disk is full");
}

static int setup(void **state)
{
	n_commits = n_failing = 0;
	return wire_setup_file(state);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, wire_teardown)

static size_t n_rows(const struct wire *w)
{
	return table_count(db_table(w->db, "R"));
}

/* The reply to request 'id': its first result has this member. */
static void expect_member(struct peer *p, int id, const char *member)
{
	struct json_object *reply = peer_next(p);
	const struct json_object *result = json_member(reply, "result");

	assert_int_equal(json_get_integer(json_member(reply, "id")), id);
	assert_non_null(json_member(json_at(result, 0), member));
	json_free(reply);
}

/* The reply to a transaction that ran, but was not committed: an error in the place of the
 * commit's. */
static void expect_io_error(struct peer *p, int id)
{
	struct json_object *reply = peer_next(p);
	const struct json_object *results = json_member(reply, "result");
	const struct json_object *last = json_at(results, json_get_length(results) - 1);

	assert_int_equal(json_get_integer(json_member(reply, "id")), id);
	assert_int_equal(json_get_length(results), 2);
	assert_string_equal(json_get_string(json_member(last, "error")), "I/O error");
	json_free(reply);
}

static void monitor(struct peer *p)
{
	peer_ask(p,
		 "{\"id\":0,\"method\":\"monitor\",\"params\":[\"T\",null,"
		 "{\"R\":{\"columns\":[\"n\"]}}]}",
		 "{\"id\":0,\"result\":{},\"error\":null}");
}

/* The next message is an update with so many rows. */
static void expect_update(struct peer *p, size_t n)
{
	struct json_object *m = peer_next(p);

	assert_string_equal(json_get_string(json_member(m, "method")), "update");
	assert_int_equal(
		json_get_length(json_member(json_at(json_member(m, "params"), 1), "R")),
		n);
	json_free(m);
}

struct clients {
	struct peer *watcher, *p[4];
};

/* All have been accepted. */
static struct clients open_clients(struct wire *w)
{
	struct clients c = {.watcher = peer_open(w)};

	monitor(c.watcher);
	for (size_t i = 0; i < ARRAY_SIZE(c.p); i++) {
		c.p[i] = peer_open(w);
		peer_ask(c.p[i], WIRE_ECHO("0"), WIRE_ECHOED("0"));
	}
	n_commits = 0;
	return c;
}

static void close_clients(struct clients *c)
{
	peer_close(c->watcher);
	for (size_t i = 0; i < ARRAY_SIZE(c->p); i++)
		peer_close(c->p[i]);
}

static void send_all(const struct clients *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->p); i++)
		peer_send(c->p[i], INSERT("1", "1"));
}

static void what_comes_together_is_one_commit_of_the_file(void **state)
{
	struct wire *w = *state;
	struct clients c = open_clients(w);

	send_all(&c);
	for (size_t i = 0; i < ARRAY_SIZE(c.p); i++)
		expect_member(c.p[i], 1, "uuid");
	assert_int_equal(n_commits, 1);
	expect_update(c.watcher, ARRAY_SIZE(c.p));
	peer_expect_quiet(c.watcher);
	close_clients(&c);
}

static void a_commit_that_fails_is_an_error_for_each_and_news_for_nobody(void **state)
{
	struct wire *w = *state;
	struct clients c = open_clients(w);

	/* The turn's, and then that of each alone. */
	n_failing = 1 + ARRAY_SIZE(c.p);
	send_all(&c);
	for (size_t i = 0; i < ARRAY_SIZE(c.p); i++)
		expect_io_error(c.p[i], 1);
	assert_int_equal(n_commits, 1 + ARRAY_SIZE(c.p));
	assert_int_equal(n_rows(w), 0);
	peer_expect_quiet(c.watcher);
	/* And the monitor goes on from there. */
	peer_send(c.p[0], INSERT("2", "5"));
	expect_member(c.p[0], 2, "uuid");
	expect_update(c.watcher, 1);
	close_clients(&c);
}

static void what_one_alone_can_commit_is_committed(void **state)
{
	struct wire *w = *state;
	struct clients c = open_clients(w);

	n_failing = 1;
	send_all(&c);
	for (size_t i = 0; i < ARRAY_SIZE(c.p); i++)
		expect_member(c.p[i], 1, "uuid");
	assert_int_equal(n_commits, 1 + ARRAY_SIZE(c.p));
	assert_int_equal(n_rows(w), ARRAY_SIZE(c.p));
	for (size_t n = 0; n < ARRAY_SIZE(c.p); n++)
		expect_update(c.watcher, 1);
	peer_expect_quiet(c.watcher);
	close_clients(&c);
}

/* In the order of the requests, whatever they are; and what reads comes after a commit. */
static void replies_keep_their_order(void **state)
{
	struct wire *w = *state;
	struct clients c = open_clients(w);
	struct peer *p = c.p[0];

	peer_send(p, INSERT("1", "1") INSERT("2", "2") WIRE_ECHO("3")
			     INSERT("4", "3") "{\"id\":5,\"method\":\"transact\","
					      "\"params\":[\"X\"]}" SELECT("6"));
	expect_member(p, 1, "uuid");
	expect_member(p, 2, "uuid");
	peer_expect(p, WIRE_ECHOED("3"));
	expect_member(p, 4, "uuid");
	peer_expect_error(p, "", "unknown database");
	expect_member(p, 6, "rows");
	assert_int_equal(n_commits, 2);
	close_clients(&c);
}

/* It saw what the file then refused: it is asked again. */
static void a_read_in_a_turn_that_fails_shows_what_is_kept(void **state)
{
	struct wire *w = *state;
	struct clients c = open_clients(w);
	struct json_object *reply;

	n_failing = 2;
	peer_send(c.p[0], INSERT("1", "1") SELECT("2"));
	expect_io_error(c.p[0], 1);
	reply = peer_next(c.p[0]);
	assert_int_equal(json_get_length(json_member(
				 json_at(json_member(reply, "result"), 0), "rows")),
			 0);
	json_free(reply);
	close_clients(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_comes_together_is_one_commit_of_the_file),
		TEST(a_commit_that_fails_is_an_error_for_each_and_news_for_nobody),
		TEST(what_one_alone_can_commit_is_committed),
		TEST(replies_keep_their_order),
		TEST(a_read_in_a_turn_that_fails_shows_what_is_kept),
	};

	/* A turn ends after two milliseconds: not on a slow machine, too. */
	clock_stop();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
