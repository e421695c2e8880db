/* What work a request may cause. */
#include "tests/unit/ovsdb-lite/wire.h"

#include "lib/buffer.h"

#include <stdio.h>

/* A request of one parameter after the others, "where" being so many times a clause with
 * a
 * '#' for the number. Owned by the caller. */
static char *conditional(const char *method, const char *params, const char *clause,
			 int n)
{
	struct buffer b = {0};
	char number[16];

	buffer_puts(&b, "{\"id\":1,\"method\":\"");
	buffer_puts(&b, method);
	buffer_puts(&b, "\",\"params\":[");
	buffer_puts(&b, params);
	buffer_puts(&b, ",{\"R\":{\"where\":[");
	for (int i = 0; i < n; i++) {
		const char *at = strchr(clause, '#');

		snprintf(number, sizeof(number), "%d", i);
		buffer_puts(&b, i ? "," : "");
		buffer_put(&b, clause, (size_t)(at - clause));
		buffer_puts(&b, number);
		buffer_puts(&b, at + 1);
	}
	buffer_puts(&b, "]}}]}");
	return buffer_take(&b);
}

#define ONE_BY_ONE                                                                       \
	"[\"tags\",\"includes\",[\"set\",[\"a\",\"b#\"]]]" /* of two: no hash */

/* ovn-controller sends thousands of `==`. */
static void conditions_that_are_no_look_up_are_bounded(void **state)
{
	static const char done[] = "{\"id\":1,\"result\":{},\"error\":null}";
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);
	char *hashed = conditional("monitor_cond", "\"T\",1", "[\"n\",\"==\",#]", 20000);
	char *most = conditional("monitor_cond", "\"T\",2", ONE_BY_ONE, 1000);
	char *more = conditional("monitor_cond", "\"T\",3", ONE_BY_ONE, 4);
	char *change = conditional("monitor_cond_change", "1,1", ONE_BY_ONE, 4);
	char *fewer = conditional("monitor_cond_change", "2,2", ONE_BY_ONE, 996);

	peer_ask(p, hashed, done);
	peer_ask(p, most, done);
	peer_expect_error(p, more, "resources exhausted");
	peer_expect_error(p, change, "resources exhausted");
	peer_ask(p, fewer, done);
	peer_ask(p, change, done);
	peer_expect_error(p, more, "resources exhausted");
	/* It is a client's affair. */
	peer_ask(other, most, done);
	free(hashed);
	free(most);
	free(more);
	free(change);
	free(fewer);
	peer_close(p);
	peer_close(other);
}

/* A `wait` of the rows given; 'want' NULL: no error but that it does not hold. */
static void peer_expect_work(struct peer *p, const char *rows, const char *want)
{
	char *text = xasprintf(
		"{\"id\":1,\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"wait\","
		"\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],\"until\":\"==\","
		"\"rows\":["
		"%s],\"timeout\":0}]}",
		rows);
	struct json_object *reply;

	peer_send(p, text);
	reply = peer_next(p);
	assert_string_equal(json_get_string(json_member(
				    json_at(json_member(reply, "result"), 0), "error")),
			    want ? want : "timed out");
	json_free(reply);
	free(text);
}

static void work_of_a_transaction_is_bounded(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p;

	limits.max_work = 1000;
	wire_limit(w, &limits);
	p = peer_open(w);
	peer_expect_work(p, "{},{}", NULL);
	peer_expect_work(p, "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
			 "resources exhausted");
	peer_close(p);
}

/* Each is tried again after every commit. */
static void work_of_waiting_transactions_is_bounded_together(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;

	limits.max_work = 1000;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	for (int id = 1; id < 20; id++) {
		/* 30 for the operation, 100 for the row that is given. */
		char *text = xasprintf(
			"{\"id\":%d,\"method\":\"transact\",\"params\":[\"T\",{\"op\":"
			"\"wait\",\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],"
			"\"until\":\"==\",\"rows\":[{}]}]}",
			id);

		if (id <= 7)
			peer_send(p, text);
		else
			peer_expect_error(p, text, "resources exhausted");
		if (id == 1)
			peer_send(other, text);
		free(text);
	}
	peer_expect_quiet(p);
	peer_expect_quiet(other);
	peer_close(p);
	peer_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(conditions_that_are_no_look_up_are_bounded),
		WIRE_TEST(work_of_a_transaction_is_bounded),
		WIRE_TEST(work_of_waiting_transactions_is_bounded_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
