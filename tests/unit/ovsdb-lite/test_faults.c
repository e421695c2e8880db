/* Every call that changes a file fails once, or the process dies at it, or the power
 * goes: what was acknowledged is there afterwards, nothing is there by half, and the file
 * is whole.
 *
 * A child works on a database through the shim (fault_vfs.h) and tells of each step in a
 * pipe; when it has ended, the file is opened without the shim and compared with the
 * states that a model of the same work allows. A few hundred of the calls are tried,
 * spread over all; with the argument --all it is each of them, which takes minutes. */
#include "database.h"
#include "fault_vfs.h"

#include "lib/alloc.h"
#include "ovsdb-lite/rows/txn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define N_SLOTS 40
#define N_STEPS 60
/* When not all calls are tried: one of so many, a prime so that different ones of a
 * commit's are met. */
#define STRIDE        61
#define CREATE_STRIDE 3
/* With each of these the file is opened. */
#define N_FIRST 24

static bool tries_all;

/* --- the model --- */

/* What is in table S: for each number, whether there is a row, and its other columns. */
struct model {
	struct slot {
		bool is_there;
		int64_t value;
		size_t length; /* of a text */
	} slots[N_SLOTS];
};

static struct model model_step(struct model m, unsigned int seed, unsigned int step)
{
	unsigned int r = seed * 7919 + step;
	int n = 1 + rand_r(&r) % 6;

	for (int i = 0; i < n; i++) {
		struct slot *s = &m.slots[rand_r(&r) % N_SLOTS];
		bool dies = s->is_there && rand_r(&r) % 3 == 0;

		*s = dies ? (struct slot){0}
			  : (struct slot){true, (int64_t)step * 100 + i,
					  (size_t)rand_r(&r) % 5000};
	}
	return m;
}

static bool model_equals(const struct model *a, const struct model *b)
{
	for (size_t i = 0; i < N_SLOTS; i++) {
		const struct slot *s = &a->slots[i], *t = &b->slots[i];

		if (s->is_there != t->is_there || s->value != t->value ||
		    s->length != t->length)
			return false;
	}
	return true;
}

static const struct column_schema *column(const struct table *t, const char *name)
{
	const struct column_schema *c = table_schema_find(table_schema(t), name);

	assert_non_null(c);
	return c;
}

static struct model model_of(const struct db *db)
{
	const struct table *t = db_table(db, "S");
	struct model m = {0};

	TABLE_FOR_EACH (r, t) {
		int64_t n = datum_keys(row_get(r, column(t, "n")))->integer;
		const char *text = datum_keys(row_get(r, column(t, "t")))->string;

		assert_in_range(n, 0, N_SLOTS - 1);
		assert_false(m.slots[n].is_there);
		m.slots[n] = (struct slot){
			true, datum_keys(row_get(r, column(t, "v")))->integer,
			strlen(text)};
	}
	return m;
}

static struct row *row_of(const struct db *db, int64_t n)
{
	const struct table *t = db_table(db, "S");

	TABLE_FOR_EACH (r, t) {
		if (datum_keys(row_get(r, column(t, "n")))->integer == n)
			return r;
	}
	return NULL;
}

/* --- the work --- */

static const char schema_words[] =
	"{'name': 'F', 'version': '1.0.0', 'tables': {'S': {'isRoot': true, "
	"'indexes': [['n']], 'columns': {'n': {'type': 'integer'}, 'v': {'type': "
	"'integer'}, 't': {'type': 'string'}}}}}";
static const char next_schema_words[] =
	"{'name': 'F', 'version': '2.0.0', 'tables': {'S': {'isRoot': true, "
	"'indexes': [['n']], 'columns': {'n': {'type': 'integer'}, 'v': {'type': "
	"'integer'}, 't': {'type': 'string'}, 'x': {'type': 'real'}}}}}";

static void set_slot(struct txn *t, const struct db *db, int64_t n, const struct slot *s)
{
	struct table *table = db_table(db, "S");
	struct row *r = row_of(db, n);
	CLEANUP(freep) char *text = xcalloc(1, s->length + 1);

	if (!s->is_there) {
		txn_delete(t, r);
		return;
	}
	if (!r)
		expect_ok(txn_insert(t, table, NULL, &r));
	memset(text, 'x', s->length);
	txn_set_integer(t, r, column(table, "n"), n);
	txn_set_integer(t, r, column(table, "v"), s->value);
	txn_set_string(t, r, column(table, "t"), text);
}

static struct err *commit_difference(struct db *db, const struct model *from,
				     const struct model *to)
{
	struct txn *t = txn_new(db, &nobody);
	struct err *e;

	for (int64_t n = 0; n < N_SLOTS; n++) {
		const struct slot *a = &from->slots[n], *b = &to->slots[n];

		if (a->is_there != b->is_there || a->value != b->value)
			set_slot(t, db, n, b);
	}
	e = db_commit(t);
	txn_free(t);
	return e;
}

/* What a child tells of. */
enum event {
	EVENT_ATTEMPT = 'a',   /* the next step is about to be committed */
	EVENT_COMMITTED = 'c', /* it was */
	EVENT_FAILED = 'f',    /* it was not */
	EVENT_SYNCED = 's',    /* everything up to now is safe */
	EVENT_WRONG = 'w',     /* memory is not what it should be */
};

struct work {
	const char *path;
	unsigned int seed;
	enum fault fault;
	int fd;
	struct model now;
	unsigned int n_failures;
};

static void tell(const struct work *w, enum event event)
{
	char c = (char)event;

	if (write(w->fd, &c, 1) != 1)
		_exit(1);
}

static void check_memory(const struct work *w, const struct db *db)
{
	struct model m = model_of(db);

	if (!model_equals(&m, &w->now))
		tell(w, EVENT_WRONG);
}

/* Errors are for those faults that are errors. */
static void expect_fault(struct work *w, struct err *e)
{
	CLEANUP(freep) char *text = e ? err_text(e) : NULL;

	if (!e)
		return;
	if ((w->fault != FAULT_EIO && w->fault != FAULT_FULL) || e->code != ERR_IO) {
		fprintf(stderr, "unexpected: %s\n", text);
		tell(w, EVENT_WRONG);
	}
	err_free(e);
	/* There is room again. */
	if (++w->n_failures == 3 && w->fault == FAULT_FULL)
		fault_set(FAULT_NONE, 0);
}

static void work_step(struct work *w, struct db *db, unsigned int step)
{
	struct model next = model_step(w->now, w->seed, step);
	struct err *e;

	tell(w, EVENT_ATTEMPT);
	e = commit_difference(db, &w->now, &next);
	tell(w, e ? EVENT_FAILED : EVENT_COMMITTED);
	if (!e)
		w->now = next;
	else
		expect_fault(w, e);
	check_memory(w, db);
	if (step % 3)
		return;
	e = db_sync(db);
	if (!e)
		tell(w, EVENT_SYNCED);
	expect_fault(w, e);
}

/* As a thread would, if one is due. */
static void checkpoint(struct work *w, struct db *db)
{
	struct db_task *t = db_checkpoint_task(db);

	if (!t)
		return;
	db_task_run(t);
	expect_fault(w, db_task_finish(t));
}

static struct db *open_again(struct work *w, const struct schema *schema)
{
	struct db *db = NULL;

	for (int i = 0; i < 10 && !db; i++)
		expect_fault(w, db_open(w->path, schema, &db));
	if (!db)
		_exit(1);
	return db;
}

static void work(struct work *w)
{
	struct db *db = open_again(w, NULL);
	struct schema *next = make_schema(next_schema_words);

	for (unsigned int step = 0; step < N_STEPS; step++) {
		work_step(w, db, step);
		if (w->seed % 2)
			checkpoint(w, db);
		if (step == N_STEPS / 2)
			expect_fault(w, db_compact(db));
	}
	expect_fault(w, db_convert(db, next));
	check_memory(w, db);
	for (unsigned int step = N_STEPS; step < N_STEPS + 4; step++)
		work_step(w, db, step);
	schema_free(next);
	db_close(db);
}

/* A database of the first schema, from nothing. */
static void work_create(struct work *w)
{
	struct schema *schema = make_schema(schema_words);
	struct db *db = open_again(w, schema);

	work_step(w, db, 0);
	db_close(db);
	schema_free(schema);
}

/* --- what may be left --- */

struct outcome {
	struct model allowed[N_STEPS + 8];
	size_t n, first; /* those from 'first' on */
	bool is_wrong;
};

/* Follows the model along the events of 'fd'. */
static void read_outcome(struct outcome *o, int fd, const struct work *w)
{
	bool loses = w->fault == FAULT_POWER || w->fault == FAULT_POWER_ANY;
	size_t last = 0; /* the last that was acknowledged */
	unsigned int step = 0;
	char event;

	memset(o, 0, sizeof(*o));
	o->allowed[o->n++] = w->now;
	while (read(fd, &event, 1) == 1) {
		switch ((enum event)event) {
		case EVENT_ATTEMPT:
			/* If it dies now, this one may be there. So may one that failed,
			 * as long as nothing came after it. */
			o->allowed[o->n++] =
				model_step(o->allowed[last], w->seed, step++);
			break;
		case EVENT_COMMITTED:
			o->allowed[last + 1] = o->allowed[o->n - 1];
			o->n = ++last + 1;
			if (!loses)
				o->first = last;
			break;
		case EVENT_SYNCED:
			o->first = last;
			break;
		case EVENT_FAILED:
			break;
		case EVENT_WRONG:
			o->is_wrong = true;
		}
	}
}

static void expect_outcome(const struct outcome *o, const struct work *w,
			   const struct schema *schema, unsigned long at)
{
	struct model found, next;
	struct db *db;
	struct err *e = db_open(w->path, schema, &db);
	bool is_allowed = false;

	if (e)
		print_error("%s at call %lu:\n", fault_names[w->fault], at);
	expect_ok(e);
	found = model_of(db);
	for (size_t i = o->first; i < o->n; i++)
		is_allowed = is_allowed || model_equals(&found, &o->allowed[i]);
	if (!is_allowed || o->is_wrong)
		fail_msg("%s at call %lu, work %u: %s", fault_names[w->fault], at,
			 w->seed, o->is_wrong ? "wrong in memory" : "wrong in the file");
	next = model_step(found, w->seed, 1000);
	expect_ok(commit_difference(db, &found, &next));
	expect_ok(db_sync(db));
	db_close(db);
}

/* --- a round --- */

struct fixture {
	char folder[64];
	char *path;
	struct schema *schema;
	struct model start;
};

static void run_shell(const struct fixture *f, const char *format)
{
	CLEANUP(freep) char *command = xcalloc(1, 1000);

	snprintf(command, 1000, "cd '%s' && %s", f->folder, format);
	assert_int_equal(system(command), 0);
}

/* In memory where that is possible: nothing is really synced here. */
static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct model empty = {0};
	struct db *db;

	strcpy(f->folder, "/dev/shm/ipvl-faults-XXXXXX");
	if (!mkdtemp(f->folder)) {
		strcpy(f->folder, "/tmp/ipvl-faults-XXXXXX");
		assert_non_null(mkdtemp(f->folder));
	}
	f->path = xasprintf("%s/db", f->folder);
	f->schema = make_schema(schema_words);
	expect_ok(db_open(f->path, f->schema, &db));
	for (unsigned int i = 0; i < 20; i++)
		f->start = model_step(f->start, 99, i + 100000);
	expect_ok(commit_difference(db, &empty, &f->start));
	db_close(db);
	run_shell(f, "mkdir good && mv db* good");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	run_shell(f, "rm -r good && rm -f db*");
	assert_int_equal(rmdir(f->folder), 0);
	schema_free(f->schema);
	free(f->path);
	free(f);
	return 0;
}

static void copy_file(const char *from, const char *to)
{
	static char buffer[1 << 20];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	ssize_t n = read(in, buffer, sizeof(buffer));

	assert_true(n > 0 && n < (ssize_t)sizeof(buffer));
	assert_int_equal(write(out, buffer, (size_t)n), n);
	close(in);
	close(out);
}

static void remove_files(const struct fixture *f)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".id"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		CLEANUP(freep) char *path = xasprintf("%s%s", f->path, suffixes[i]);

		unlink(path);
	}
}

/* One child, from its start to what it left. Returns whether the fault came at all. */
static bool round_of(const struct fixture *f, void (*fn)(struct work *w), struct work *w,
		     unsigned long at)
{
	CLEANUP(freep) char *good = xasprintf("%s/good/db", f->folder);
	struct outcome *o = xcalloc(1, sizeof(*o));
	int fds[2], status;
	pid_t pid;

	remove_files(f);
	if (fn == work)
		copy_file(good, f->path);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		w->fd = fds[1];
		srandom((unsigned int)at);
		fault_vfs_register();
		fault_set(w->fault, at);
		fn(w);
		_exit(fault_n_calls() >= at ? 0 : 2);
	}
	close(fds[1]);
	read_outcome(o, fds[0], w);
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != 2 &&
				   WEXITSTATUS(status) != FAULT_EXIT_STATUS))
		fail_msg("%s at call %lu, work %u: the child ended with %#x",
			 fault_names[w->fault], at, w->seed, (unsigned int)status);
	expect_outcome(o, w, fn == work ? NULL : f->schema, at);
	free(o);
	return WEXITSTATUS(status) != 2;
}

static void try_fault(const struct fixture *f, enum fault fault)
{
	/* The first moves the log inline, the second by tasks. */
	for (unsigned int seed = 0; seed < 2; seed++) {
		unsigned long at = tries_all ? 0 : seed * STRIDE / 2;
		struct work w;

		do {
			w = (struct work){.path = f->path,
					  .seed = seed,
					  .fault = fault,
					  .now = f->start};
			at += tries_all || (!seed && at < N_FIRST) ? 1 : STRIDE;
		} while (round_of(f, work, &w, at));
		assert_true(at > 300); /* it was a work worth the name */
	}
}

static void try_create(const struct fixture *f, enum fault fault)
{
	unsigned long at = 0;
	struct work w;

	do {
		w = (struct work){.path = f->path, .fault = fault};
		at += tries_all ? 1 : CREATE_STRIDE;
	} while (round_of(f, work_create, &w, at));
	assert_true(at > 10);
}

#define FAULT_TESTS(name, fault)                                                         \
	static void test_##name(void **state)                                            \
	{                                                                                \
		try_fault(*state, fault);                                                \
	}                                                                                \
	static void test_##name##_in_the_making(void **state)                            \
	{                                                                                \
		try_create(*state, fault);                                               \
	}

FAULT_TESTS(failed_calls, FAULT_EIO)
FAULT_TESTS(full_disk, FAULT_FULL)
FAULT_TESTS(crash, FAULT_CRASH)
FAULT_TESTS(torn_writes, FAULT_TORN)
FAULT_TESTS(power_loss, FAULT_POWER)
FAULT_TESTS(power_loss_in_any_order, FAULT_POWER_ANY)

/* Commits until a checkpoint is due, one of whose calls fails; returns whether nothing is
 * written any more. */
static bool is_broken_by_checkpoint(const struct fixture *f, unsigned int call)
{
	struct work w = {.path = f->path, .fault = FAULT_EIO, .now = f->start};
	struct db_task *t = NULL;
	struct err *e;
	struct db *db;
	bool is_broken;

	expect_ok(db_open(f->path, NULL, &db));
	for (unsigned int step = 0; !t; step++) {
		struct model next = model_step(w.now, 0, step);

		expect_ok(commit_difference(db, &w.now, &next));
		w.now = next;
		t = db_checkpoint_task(db);
	}
	fault_set(FAULT_EIO, fault_n_calls() + call);
	db_task_run(t);
	fault_set(FAULT_NONE, 0);
	err_free(db_task_finish(t));
	e = db_sync(db);
	is_broken = e != NULL;
	if (e)
		expect_err(e, ERR_IO, "an earlier sync to the disk failed");
	if (is_broken) {
		struct model next = model_step(w.now, 0, 1000);

		expect_err(commit_difference(db, &w.now, &next), ERR_IO,
			   "an earlier sync to the disk failed");
	}
	db_close(db);
	return is_broken;
}

/* A checkpoint's two syncs, of the log before and of the file after, are as final as any
 * other; its writes are tried again. Random UUIDs move the calls a little from round to
 * round, so that a sync may be hit twice. */
static void test_failed_sync_of_a_checkpoint(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(freep) char *good = xasprintf("%s/good/db", f->folder);
	int status;
	pid_t pid = fork();

	if (!pid) {
		unsigned long n_failed = 0;

		fault_vfs_register();
		for (unsigned int call = 1; call < 400; call++) {
			bool is_broken;

			remove_files(f);
			copy_file(good, f->path);
			is_broken = is_broken_by_checkpoint(f, call);
			if (is_broken != (fault_n_failed_syncs() > n_failed))
				_exit(1);
			n_failed = fault_n_failed_syncs();
		}
		_exit(n_failed ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The frames of a transaction, however many, are one write. Now and then the log has to grow
 * first. */
static void test_commit_is_one_write(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(freep) char *good = xasprintf("%s/good/db", f->folder);
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct model now = f->start;
		unsigned long fewest = ULONG_MAX;
		struct db *db;

		fault_vfs_register();
		copy_file(good, f->path);
		expect_ok(db_open(f->path, NULL, &db));
		for (unsigned int step = 0; step < 8; step++) {
			struct model next = model_step(now, 0, step);
			unsigned long before = fault_n_calls(), n;

			expect_ok(commit_difference(db, &now, &next));
			n = fault_n_calls() - before;
			fewest = n < fewest ? n : fewest;
			now = next;
		}
		_exit(fewest == 1 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(fn)                                                                         \
	cmocka_unit_test_setup_teardown(test_##fn, setup, teardown),                     \
		cmocka_unit_test_setup_teardown(test_##fn##_in_the_making, setup,        \
						teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(failed_calls),
		TEST(full_disk),
		TEST(crash),
		TEST(torn_writes),
		TEST(power_loss),
		TEST(power_loss_in_any_order),
		cmocka_unit_test_setup_teardown(test_failed_sync_of_a_checkpoint, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_commit_is_one_write, setup,
						teardown),
	};

	tries_all = argc > 1 && !strcmp(argv[1], "--all");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
