/* A replica of a database that a program serves, while others write to it and the program
 * is killed and begun again: ovsdb-lite, and Open vSwitch's ovsdb-server where there is
 * one. */
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/loop.h"
#include "ovsdb-lite/client/client.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/client/replica.h"
#include "ovsdb-lite/rows/txn.h"
#include "tests/unit/patience.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS patience_ms()
#define N_ROUNDS    8

static const char schema_text[] =
	"{\"name\":\"T\",\"version\":\"1.0.0\",\"tables\":{"
	"\"R\":{\"isRoot\":true,\"columns\":{"
	"\"name\":{\"type\":\"string\"},"
	"\"n\":{\"type\":\"integer\"},"
	"\"e\":{\"type\":\"integer\",\"ephemeral\":true},"
	"\"tags\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":\"unlimited\"}},"
	"\"map\":{\"type\":{\"key\":\"integer\",\"value\":\"string\",\"min\":0,"
	"\"max\":\"unlimited\"}},"
	"\"own\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"S\"},\"min\":0,"
	"\"max\":\"unlimited\"}}}},"
	"\"S\":{\"columns\":{\"v\":{\"type\":\"integer\"}}}}}";

struct scene {
	bool is_ours;
	char dir[32];
	char *db, *address, *passive;
	pid_t server;
	struct loop *loop;
	struct replica *replica;
	struct client *writer; /* NULL while it has no connection */
	unsigned int n_written, n_lost, n_ready;
};

static void must(struct err *e)
{
	char *text;

	if (!e)
		return;
	text = err_text(e);
	print_error("%s\n", text);
	free(text);
	err_free(e);
	fail();
}

#define WAIT_FOR(s, condition)                                                           \
	do {                                                                             \
		int64_t end_ = clock_now_ms() + PATIENCE_MS;                             \
		while (!(condition) && clock_now_ms() < end_)                            \
			must(loop_run_once((s)->loop, 20));                              \
		assert_true(condition);                                                  \
	} while (0)

/* --- the program --- */

static pid_t spawn(char *const *argv)
{
	pid_t parent = getpid(), pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	/* Nothing of ours outlives us. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(126);
	if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

static void create(const struct scene *s)
{
	char *schema = xasprintf("%s/schema", s->dir), *program,
	     *word = xstrdup("create");
	int status, fd = open(schema, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	pid_t pid;

	assert_int_equal(write(fd, schema_text, strlen(schema_text)),
			 strlen(schema_text));
	close(fd);
	program = xstrdup(s->is_ours ? getenv("OVSDB_LITE") : "ovsdb-tool");
	pid = spawn((char *const[]){program, word, s->db, schema, NULL});
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(program);
	free(word);
	free(schema);
}

static void start(struct scene *s)
{
	char *program = xstrdup(s->is_ours ? getenv("OVSDB_LITE") : "ovsdb-server");
	char *remote = xasprintf("--remote=%s", s->passive);
	char *third =
		s->is_ours ? xstrdup("server") : xasprintf("--unixctl=%s/ctl", s->dir);

	/* Ours has a word where the other has an option. */
	s->server =
		spawn(s->is_ours ? (char *const[]){program, third, remote, s->db, NULL}
				 : (char *const[]){program, remote, third, s->db, NULL});
	free(program);
	free(remote);
	free(third);
}

static void kill_server(struct scene *s)
{
	assert_int_equal(kill(s->server, SIGKILL), 0);
	assert_int_equal(waitpid(s->server, NULL, 0), s->server);
	s->server = 0;
}

/* --- the writer --- */

static unsigned int below(unsigned int n)
{
	return (unsigned int)random() % n;
}

static char *random_operation(void)
{
	unsigned int n = below(40), i = below(5), j = below(5);

	switch (below(6)) {
	case 0:
	case 1:
		return xasprintf("{\"op\":\"insert\",\"table\":\"S\",\"uuid-name\":\"s\","
				 "\"row\":{\"v\":%u}},{\"op\":\"insert\",\"table\":\"R\","
				 "\"row\":{\"name\":\"r%u\",\"n\":%u,\"e\":%u,\"own\":"
				 "[\"named-uuid\",\"s\"],\"tags\":[\"set\",[%u,%u]]}}",
				 i, n, n, below(2), i, i + 1 + j);
	case 2:
		return xasprintf("{\"op\":\"mutate\",\"table\":\"R\",\"where\":[[\"n\","
				 "\"==\",%u]],\"mutations\":[[\"tags\",\"%s\",%u],"
				 "[\"map\",\"insert\",[\"map\",[[%u,\"%u\"]]]]]}",
				 n, below(2) ? "insert" : "delete", i, j, i);
	case 3:
		return xasprintf("{\"op\":\"update\",\"table\":\"R\",\"where\":[[\"n\","
				 "\"==\",%u]],\"row\":{\"name\":\"x%u\",\"map\":"
				 "[\"map\",[[%u,\"y\"]]]}}",
				 n, i, j);
	case 4:
		return xasprintf("{\"op\":\"update\",\"table\":\"S\",\"where\":[[\"v\","
				 "\"==\",%u]],\"row\":{\"v\":%u}}",
				 i, j);
	default:
		return xasprintf("{\"op\":\"delete\",\"table\":\"R\",\"where\":[[\"n\","
				 "\"==\",%u]]}",
				 n);
	}
}

static void write_more(struct scene *s);

static void on_written(void *aux, const struct json_object *result, const struct err *e)
{
	struct scene *s = aux;

	(void)result;
	if (e)
		return;
	s->n_written++;
	write_more(s);
}

static void write_more(struct scene *s)
{
	CLEANUP(freep) char *operation = random_operation();
	CLEANUP(freep) char *text = xasprintf("[\"T\",%s]", operation);
	struct json_object *params;

	must(json_parse(text, strlen(text), &params));
	client_send(s->writer, "transact", params, on_written, s);
}

/* As soon as somebody listens. */
static void begin_to_write(struct scene *s)
{
	int64_t end = clock_now_ms() + PATIENCE_MS;

	while (!s->writer && clock_now_ms() < end) {
		struct err *e =
			client_open(s->loop, s->address, NULL, NULL, NULL, &s->writer);

		if (e)
			must(loop_run_once(s->loop, 10));
		err_free(e);
	}
	assert_non_null(s->writer);
	write_more(s);
}

static void stop_writing(struct scene *s)
{
	client_close(STEAL(s->writer));
}

/* --- the replica --- */

static void on_state(void *aux, const struct err *why)
{
	struct scene *s = aux;

	s->n_lost += why != NULL;
	s->n_ready += !why;
}

static struct replica *open_replica(struct scene *s)
{
	const struct replica_options o = {
		.address = s->address,
		.db_name = "T",
		.reconnects = true,
		.min_backoff_ms = 10,
		.state = on_state,
		.aux = s,
	};
	struct replica *r;

	must(replica_open(s->loop, &o, PATIENCE_MS, &r));
	return r;
}

/* Everything that the server has said until now has come. */
static void catch_up(struct scene *s)
{
	struct json_object *params = json_array(), *result;

	must(client_call(replica_client(s->replica), "echo", params, PATIENCE_MS,
			 &result));
	json_free(result);
}

static void expect_same_table(const struct table *have, const struct table *want)
{
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

/* With one that has just been opened. */
static void expect_the_same(struct scene *s)
{
	struct replica *fresh = open_replica(s);

	catch_up(s);
	expect_same_table(db_table(replica_db(s->replica), "R"),
			  db_table(replica_db(fresh), "R"));
	expect_same_table(db_table(replica_db(s->replica), "S"),
			  db_table(replica_db(fresh), "S"));
	replica_close(fresh);
}

static void scene_begin(struct scene *s)
{
	strcpy(s->dir, "/tmp/ipvl-replica-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->db = xasprintf("%s/db", s->dir);
	s->address = xasprintf("unix:%s/s", s->dir);
	s->passive = xasprintf("punix:%s/s", s->dir);
	must(loop_new(&s->loop));
	create(s);
	start(s);
	begin_to_write(s);
	s->replica = open_replica(s);
}

static void scene_end(struct scene *s)
{
	CLEANUP(freep) char *command = xasprintf("rm -r %s", s->dir);

	replica_close(s->replica);
	stop_writing(s);
	kill_server(s);
	loop_free(s->loop);
	assert_int_equal(system(command), 0);
	free(s->db);
	free(s->address);
	free(s->passive);
}

static void it_follows_a_server_that_is_killed(bool is_ours)
{
	struct scene s = {.is_ours = is_ours};

	srandom(11);
	scene_begin(&s);
	for (unsigned int i = 1; i <= N_ROUNDS; i++) {
		unsigned int enough = s.n_written + 20 + below(60);

		WAIT_FOR(&s, s.n_written >= enough);
		kill_server(&s);
		WAIT_FOR(&s, s.n_lost == i);
		stop_writing(&s);
		start(&s);
		begin_to_write(&s);
		WAIT_FOR(&s, s.n_ready == i);
		assert_null(replica_error(s.replica));
		if (i % 2) {
			stop_writing(&s);
			catch_up(&s);
			expect_the_same(&s);
			begin_to_write(&s);
		}
	}
	stop_writing(&s);
	catch_up(&s);
	expect_the_same(&s);
	assert_true(table_count(db_table(replica_db(s.replica), "R")) > 10);
	scene_end(&s);
}

static void ovsdb_lite(void **state)
{
	(void)state;
	if (!getenv("OVSDB_LITE"))
		skip();
	it_follows_a_server_that_is_killed(true);
}

static void ovsdb_server(void **state)
{
	(void)state;
	if (system("command -v ovsdb-server ovsdb-tool >/dev/null"))
		skip();
	it_follows_a_server_that_is_killed(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ovsdb_lite),
		cmocka_unit_test(ovsdb_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
