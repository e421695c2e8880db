/* Durable commits over the wire: who shares a sync, what waits for it and what does not,
 * and what is said when it fails. The syncs of the database are replaced by the linker
 * (--wrap) with tasks that end when the test says so. */
#include "tests/unit/ovsdb-lite/wire.h"

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#define COMMIT ",{\"op\":\"commit\",\"durable\":true}"
#define INSERT(id, more)                                                                 \
	"{\"id\":" id ",\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"insert\","   \
	"\"table\":\"R\",\"row\":{}}" more "]}"
#define NOTHING(id, more)                                                                \
	"{\"id\":" id ",\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"comment\","  \
	"\"comment\":\"\"}" more "]}"
#define ECHO(id)   "{\"id\":" id ",\"method\":\"echo\",\"params\":[]}"
#define ECHOED(id) "{\"id\":" id ",\"result\":[],\"error\":null}"

struct err *__wrap_db_sync_task(struct db *db, struct db_task **ret_task);
void __wrap_db_task_run(struct db_task *t);
struct err *__wrap_db_task_finish(struct db_task *t);

struct db_task {
	bool is_out;
};

static struct db_task task;
static unsigned int n_syncs, n_commits, n_synced;
static bool fails, is_broken;
static sem_t gate; /* each sync passes once */
static pthread_t loop_thread;
static bool was_in_loop; /* the last sync */
static unsigned int slow_ms;

static struct err *disk_is_gone(void)
{
	return err_new(ERR_IO, "the disk is gone");
}

struct err *__wrap_db_sync_task(struct db *db, struct db_task **ret_task)
{
	assert_non_null(db);
	assert_false(task.is_out);
	if (is_broken)
		return disk_is_gone();
	task.is_out = n_commits != n_synced;
	n_synced = n_commits;
	*ret_task = task.is_out ? &task : NULL;
	return NULL;
}

void __wrap_db_task_run(struct db_task *t)
{
	assert_ptr_equal(t, &task);
	sem_wait(&gate);
	was_in_loop = pthread_equal(pthread_self(), loop_thread);
	usleep(slow_ms * 1000);
}

struct err *__wrap_db_task_finish(struct db_task *t)
{
	t->is_out = false;
	n_syncs++;
	is_broken = fails;
	return fails ? disk_is_gone() : NULL;
}

static void let_syncs_end(int n)
{
	while (n--)
		sem_post(&gate);
}

static void count_commit(void *aux, const struct txn *txn)
{
	(void)aux;
	(void)txn;
	n_commits++;
}

static int setup(void **state)
{
	struct wire *w;

	n_syncs = n_commits = n_synced = 0;
	fails = is_broken = task.is_out = was_in_loop = false;
	slow_ms = 0;
	loop_thread = pthread_self();
	sem_init(&gate, 0, 0);
	wire_setup(state);
	w = *state;
	w->observer = db_observe(w->db, count_commit, NULL);
	return 0;
}

static int teardown(void **state)
{
	struct wire *w = *state;

	let_syncs_end(10);
	server_free(STEAL(w->server));
	db_unobserve(STEAL(w->observer));
	wire_teardown(state);
	sem_destroy(&gate);
	return 0;
}

/* The reply to request 'id', of 'n' elements. */
static void expect_results(struct peer *p, int id, size_t n)
{
	struct json_object *reply = peer_next(p);

	assert_int_equal(json_get_integer(json_member(reply, "id")), id);
	assert_int_equal(json_kind(json_member(reply, "error")), JSON_NULL);
	assert_int_equal(json_get_length(json_member(reply, "result")), n);
	json_free(reply);
}

static void expect_io_error(struct peer *p, int id, size_t n)
{
	struct json_object *reply = peer_next(p);
	const struct json_object *results = json_member(reply, "result");

	assert_int_equal(json_get_integer(json_member(reply, "id")), id);
	assert_int_equal(json_kind(json_member(reply, "error")), JSON_NULL);
	assert_int_equal(json_get_length(results), n + 1);
	for (size_t i = 0; i < n; i++)
		assert_null(json_member(json_at(results, i), "error"));
	assert_string_equal(json_get_string(json_member(json_at(results, n), "error")),
			    "I/O error");
	json_free(reply);
}

static void plain_commits_do_not_sync(void **state)
{
	struct peer *p = peer_open(*state);

	peer_send(p,
		  INSERT("1", "") INSERT("2", ",{\"op\":\"commit\",\"durable\":false}"));
	expect_results(p, 1, 1);
	expect_results(p, 2, 2);
	peer_expect_quiet(p);
	assert_int_equal(n_syncs, 0);
	peer_close(p);
}

static void what_came_together_is_synced_once_and_then_answered(void **state)
{
	struct peer *p = peer_open(*state);

	peer_send(p, INSERT("1", "") INSERT("2", COMMIT) INSERT("3", COMMIT)
			     INSERT("4", COMMIT));
	expect_results(p, 1, 1);
	peer_expect_quiet(p);
	let_syncs_end(1);
	for (int i = 2; i <= 4; i++)
		expect_results(p, i, 2);
	assert_int_equal(n_syncs, 1);
	peer_close(p);
}

static void clients_share_a_sync(void **state)
{
	struct wire *w = *state;
	struct peer *p[8];

	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = peer_open(w);
	/* The first has one for itself; the others come while it is under way. */
	peer_send(p[0], INSERT("1", COMMIT));
	WIRE_WAIT_FOR(w, task.is_out);
	for (size_t i = 1; i < ARRAY_SIZE(p); i++)
		peer_send(p[i], INSERT("1", COMMIT));
	WIRE_WAIT_FOR(w, n_commits == ARRAY_SIZE(p));
	let_syncs_end(1);
	expect_results(p[0], 1, 2);
	for (size_t i = 1; i < ARRAY_SIZE(p); i++)
		peer_expect_quiet(p[i]);
	let_syncs_end(1);
	for (size_t i = 1; i < ARRAY_SIZE(p); i++)
		expect_results(p[i], 1, 2);
	assert_int_equal(n_syncs, 2);
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		peer_close(p[i]);
}

static void others_are_served_while_the_disk_works(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_send(p, INSERT("1", COMMIT));
	peer_expect_quiet(p);
	peer_ask(other, ECHO("1"), ECHOED("1"));
	peer_send(other, INSERT("2", ""));
	expect_results(other, 2, 1);
	let_syncs_end(1);
	expect_results(p, 1, 2);
	peer_close(p);
	peer_close(other);
}

static void what_comes_behind_a_durable_reply_waits_with_it(void **state)
{
	struct peer *p = peer_open(*state);

	peer_send(p, ECHO("1") INSERT("2", COMMIT) ECHO("3"));
	peer_expect(p, ECHOED("1"));
	peer_expect_quiet(p);
	peer_send(p, ECHO("4"));
	peer_expect_quiet(p);
	let_syncs_end(1);
	expect_results(p, 2, 2);
	peer_expect(p, ECHOED("3"));
	peer_expect(p, ECHOED("4"));
	peer_close(p);
}

/* It is safe only what it has seen is. */
static void a_durable_transaction_without_a_change_waits_for_what_it_saw(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);

	peer_send(other, INSERT("1", ""));
	expect_results(other, 1, 1);
	peer_send(p, NOTHING("1", COMMIT));
	peer_expect_quiet(p);
	let_syncs_end(1);
	expect_results(p, 1, 2);
	assert_int_equal(n_syncs, 1);
	/* And for nothing, if that is safe. */
	peer_send(p, NOTHING("2", COMMIT));
	expect_results(p, 2, 2);
	assert_int_equal(n_syncs, 1);
	peer_close(p);
	peer_close(other);
}

static void monitors_merge_while_a_reply_is_held(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);
	struct json_object *message;

	peer_ask(p,
		 "{\"id\":0,\"method\":\"monitor\",\"params\":[\"T\",null,"
		 "{\"R\":{\"columns\":[\"n\"]}}]}",
		 "{\"id\":0,\"result\":{},\"error\":null}");
	peer_send(p, INSERT("1", COMMIT));
	message = peer_next(p); /* what the reply tells of precedes it */
	assert_string_equal(json_get_string(json_member(message, "method")), "update");
	json_free(message);
	for (int i = 0; i < 3; i++) {
		peer_send(other, INSERT("5", ""));
		expect_results(other, 5, 1);
	}
	peer_expect_quiet(p);
	let_syncs_end(1);
	expect_results(p, 1, 2);
	message = peer_next(p);
	assert_int_equal(json_get_length(json_member(
				 json_at(json_member(message, "params"), 1), "R")),
			 3);
	json_free(message);
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(other);
}

static void failed_sync_is_one_element_more(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	fails = true;
	peer_send(p, INSERT("1", "") INSERT("2", COMMIT) ECHO("3"));
	peer_send(other, INSERT("1", COMMIT));
	expect_results(p, 1, 1);
	let_syncs_end(2);
	expect_io_error(p, 2, 2);
	peer_expect(p, ECHOED("3"));
	expect_io_error(other, 1, 2);
	/* And from now on, at once. */
	peer_send(p, NOTHING("4", COMMIT));
	expect_io_error(p, 4, 2);
	peer_close(p);
	peer_close(other);
}

static void waiting_durable_transaction_is_synced_too(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_send(p,
		  "{\"id\":1,\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"wait\","
		  "\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],\"until\":\"!=\","
		  "\"rows\":[]}" COMMIT "]}");
	peer_expect_quiet(p);
	peer_send(other, INSERT("1", ""));
	expect_results(other, 1, 1);
	peer_expect_quiet(p);
	let_syncs_end(1);
	expect_results(p, 1, 2);
	assert_int_equal(n_syncs, 1);
	peer_close(p);
	peer_close(other);
}

static void a_client_may_go_while_its_reply_is_held(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);

	peer_send(p, INSERT("1", COMMIT) ECHO("2"));
	WIRE_WAIT_FOR(w, task.is_out);
	peer_close(p);
	peer_ask(other, ECHO("1"), ECHOED("1"));
	let_syncs_end(1);
	WIRE_WAIT_FOR(w, n_syncs == 1);
	peer_ask(other, ECHO("2"), ECHOED("2"));
	peer_close(other);
}

static void the_server_s_end_waits_for_the_sync(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w);

	peer_send(p, INSERT("1", COMMIT));
	WIRE_WAIT_FOR(w, task.is_out);
	peer_send(p, INSERT("2", COMMIT));
	WIRE_WAIT_FOR(w, n_commits == 2);
	let_syncs_end(2);
	server_free(STEAL(w->server));
	assert_int_equal(n_syncs, 2);
	expect_results(p, 1, 2);
	expect_results(p, 2, 2);
	peer_expect_closed(p);
	peer_close(p);
}

static void insert_durably(struct peer *p)
{
	let_syncs_end(1);
	peer_send(p, INSERT("1", COMMIT));
	expect_results(p, 1, 2);
}

/* A loaded machine makes a sync of nothing slow now and then: the count begins again. */
static void expect_loop_syncs(struct peer *p)
{
	int64_t end_ms = clock_now_ms() + WIRE_PATIENCE_MS;

	while (!was_in_loop && clock_now_ms() < end_ms)
		insert_durably(p);
	assert_true(was_in_loop);
}

static void a_quick_disk_is_waited_for_by_the_loop_if_one_client_waits(void **state)
{
	struct peer *p = peer_open(*state);

	for (int i = 0; i < 10; i++) {
		insert_durably(p);
		assert_false(was_in_loop);
	}
	expect_loop_syncs(p);
	let_syncs_end(1);
	peer_send(p, INSERT("1", COMMIT) INSERT("2", COMMIT));
	expect_results(p, 1, 2);
	expect_results(p, 2, 2);
	assert_false(was_in_loop);
	expect_loop_syncs(p);
	slow_ms = 20;
	insert_durably(p);
	slow_ms = 0;
	insert_durably(p);
	assert_false(was_in_loop);
	peer_close(p);
}

/* It is the average that counts. A loaded machine may make any sync slow: tries again. */
static void a_disk_that_is_slow_once_is_still_quick(void **state)
{
	struct peer *p = peer_open(*state);
	int64_t end_ms = clock_now_ms() + WIRE_PATIENCE_MS;

	was_in_loop = false;
	while (!was_in_loop && clock_now_ms() < end_ms) {
		expect_loop_syncs(p);
		slow_ms = 4;
		insert_durably(p);
		slow_ms = 0;
		insert_durably(p);
	}
	assert_true(was_in_loop);
	peer_close(p);
}

static void a_sync_that_fails_in_the_loop_is_an_error_too(void **state)
{
	struct peer *p = peer_open(*state);

	expect_loop_syncs(p);
	fails = true;
	let_syncs_end(1);
	peer_send(p, INSERT("1", COMMIT));
	expect_io_error(p, 1, 2);
	peer_close(p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_commits_do_not_sync),
		TEST(what_came_together_is_synced_once_and_then_answered),
		TEST(clients_share_a_sync),
		TEST(others_are_served_while_the_disk_works),
		TEST(what_comes_behind_a_durable_reply_waits_with_it),
		TEST(a_durable_transaction_without_a_change_waits_for_what_it_saw),
		TEST(monitors_merge_while_a_reply_is_held),
		TEST(failed_sync_is_one_element_more),
		TEST(waiting_durable_transaction_is_synced_too),
		TEST(a_client_may_go_while_its_reply_is_held),
		TEST(the_server_s_end_waits_for_the_sync),
		TEST(a_quick_disk_is_waited_for_by_the_loop_if_one_client_waits),
		TEST(a_disk_that_is_slow_once_is_still_quick),
		TEST(a_sync_that_fails_in_the_loop_is_an_error_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
