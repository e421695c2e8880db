/* Durable commits over the wire: one sync for all that came in one read, before any
 * reply, and what is said when it fails. db_sync() is replaced by the linker (--wrap). */
#include "tests/unit/ovsdb/wire.h"

#define COMMIT ",{\"op\":\"commit\",\"durable\":true}"
#define INSERT(id, more)                                                                 \
	"{\"id\":" id ",\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"insert\","   \
	"\"table\":\"R\",\"row\":{}}" more "]}"

struct err *__wrap_db_sync(struct db *db);

static unsigned int n_syncs;
static bool fails;
static struct peer *watched; /* has no message when the sync runs */

struct err *__wrap_db_sync(struct db *db)
{
	assert_non_null(db);
	n_syncs++;
	if (watched)
		assert_int_equal(watched->n_messages, 0);
	return fails ? err_new(ERR_IO, "the disk is gone") : NULL;
}

static int setup(void **state)
{
	n_syncs = 0;
	fails = false;
	watched = NULL;
	return wire_setup(state);
}

static const struct json_object *results_of(const struct json_object *reply, int id)
{
	assert_int_equal(json_get_integer(json_member(reply, "id")), id);
	assert_int_equal(json_kind(json_member(reply, "error")), JSON_NULL);
	return json_member(reply, "result");
}

static void plain_commits_do_not_sync(void **state)
{
	struct peer *p = peer_open(*state);

	peer_send(p,
		  INSERT("1", "") INSERT("2", ",{\"op\":\"commit\",\"durable\":false}"));
	json_free(peer_next(p));
	json_free(peer_next(p));
	assert_int_equal(n_syncs, 0);
	peer_close(p);
}

static void what_came_together_is_synced_once_and_then_answered(void **state)
{
	struct peer *p = peer_open(*state);

	watched = p;
	peer_send(p, INSERT("1", "") INSERT("2", COMMIT) INSERT("3", COMMIT)
			     INSERT("4", COMMIT));
	for (int i = 1; i <= 4; i++) {
		struct json_object *reply = peer_next(p);

		results_of(reply, i);
		json_free(reply);
	}
	assert_int_equal(n_syncs, 1);
	peer_close(p);
}

static void failed_sync_is_one_element_more(void **state)
{
	struct peer *p = peer_open(*state);
	const struct json_object *results;
	struct json_object *reply;

	fails = true;
	peer_send(p, INSERT("1", "") INSERT("2", COMMIT));
	reply = peer_next(p);
	assert_int_equal(json_get_length(results_of(reply, 1)), 1);
	json_free(reply);
	reply = peer_next(p);
	results = results_of(reply, 2);
	assert_int_equal(json_get_length(results), 3);
	assert_non_null(json_member(json_at(results, 0), "uuid"));
	assert_string_equal(json_get_string(json_member(json_at(results, 2), "error")),
			    "I/O error");
	json_free(reply);
	peer_close(p);
}

static void waiting_durable_transaction_is_synced_too(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_send(p,
		  "{\"id\":1,\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"wait\","
		  "\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],\"until\":\"!=\","
		  "\"rows\":[]}" COMMIT "]}");
	peer_expect_quiet(p);
	assert_int_equal(n_syncs, 0);
	peer_send(other, INSERT("1", ""));
	json_free(peer_next(other));
	json_free(peer_next(p));
	assert_int_equal(n_syncs, 1);
	peer_close(p);
	peer_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, wire_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_commits_do_not_sync),
		TEST(what_came_together_is_synced_once_and_then_answered),
		TEST(failed_sync_is_one_element_more),
		TEST(waiting_durable_transaction_is_synced_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
