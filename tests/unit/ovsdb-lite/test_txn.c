/* The C side of transactions: what readers and observers see before, while and after one
 * commits, and that one which fails has never been. What operations do is test_exec.c's.
 */
#include "database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/rows/txn.h"
#include "tests/unit/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char schema_text[] =
	"{'name': 'T', 'version': '1.0.0', 'tables': {"
	" 'A': {'isRoot': true, 'indexes': [['name'], ['x']], 'columns': {"
	"  'name': {'type': 'string'},"
	"  'x': {'type': 'integer'},"
	"  'y': {'type': 'integer', 'ephemeral': true},"
	"  'maybe': {'type': {'key': 'integer', 'min': 0, 'max': 1}},"
	"  'names': {'type': {'key': 'string', 'min': 0, 'max': 'unlimited'}},"
	"  'some': {'type': {'key': 'string', 'min': 1, 'max': 3}},"
	"  'map': {'type': {'key': 'string', 'value': 'string', 'min': 0, 'max': "
	"'unlimited'}},"
	"  'kids': {'type': {'key': {'type': 'uuid', 'refTable': 'B'}, 'min': 0, 'max': "
	"'unlimited'}}}},"
	" 'B': {'columns': {'n': {'type': 'integer'}}},"
	" 'E': {'isRoot': true, 'columns': {'n': {'type': 'integer', 'ephemeral': "
	"true}}}}}";

struct fixture {
	struct db *db;
	struct table *a, *b;
	const struct column_schema *name, *x, *y, *names, *kids;
};

static const struct column_schema *column(struct table *t, const char *name)
{
	const struct column_schema *c = table_schema_find(table_schema(t), name);

	assert_non_null(c);
	return c;
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->db = db_new_in_memory(make_schema(schema_text));
	f->a = db_table(f->db, "A");
	f->b = db_table(f->db, "B");
	f->name = column(f->a, "name");
	f->x = column(f->a, "x");
	f->y = column(f->a, "y");
	f->names = column(f->a, "names");
	f->kids = column(f->a, "kids");
	must_transact(f->db,
		      "[{'op': 'insert', 'table': 'A', 'row': {'name': 'one', 'x': 1}},"
		      "{'op': 'insert', 'table': 'A', 'row': {'name': 'two', 'x': 2}}]");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	free(f);
	return 0;
}

static void set_string(struct txn *t, struct row *r, const struct column_schema *c,
		       const char *s)
{
	struct datum d;

	datum_init_empty(&d);
	datum_set_string(&d, &c->type, s);
	txn_set(t, r, c, &d);
	assert_int_equal(d.n, 0);
}

static void set_integer(struct txn *t, struct row *r, const struct column_schema *c,
			int64_t i)
{
	struct datum d;

	datum_init_empty(&d);
	datum_set_integer(&d, &c->type, i);
	txn_set(t, r, c, &d);
}

static void set_strings(struct txn *t, struct row *r, const struct column_schema *c,
			const char *const *s, size_t n)
{
	struct datum d;

	datum_init_empty(&d);
	datum_set_strings(&d, &c->type, s, n);
	txn_set(t, r, c, &d);
}

static struct row *find(const struct fixture *f, const char *name)
{
	struct datum key;
	struct row *r;

	datum_init_empty(&key);
	datum_set_string(&key, &f->name->type, name);
	r = table_find_by_index(f->a, 0, &key);
	datum_clear(&key, &f->name->type);
	return r;
}

static struct row *txn_find_name(const struct fixture *f, struct txn *t, const char *name)
{
	struct datum key;
	const struct datum *keys[] = {&key};
	struct row *r;

	datum_init_empty(&key);
	datum_set_string(&key, &f->name->type, name);
	r = txn_find_by_index(t, f->a, 0, keys);
	datum_clear(&key, &f->name->type);
	return r;
}

static struct row *insert(struct txn *t, struct table *table)
{
	struct row *r = NULL;

	expect_ok(txn_insert(t, table, NULL, &r));
	return r;
}

static void test_reads_through(void **state)
{
	const struct fixture *f = *state;
	struct txn *t = txn_new(f->db, &nobody);
	struct row *one = find(f, "one");

	set_string(t, one, f->name, "uno");
	assert_string_equal(datum_string(txn_get(t, one, f->name)), "uno");
	assert_string_equal(datum_string(row_get(one, f->name)), "one");
	assert_ptr_equal(txn_get(t, one, f->x), row_get(one, f->x));
	assert_ptr_equal(find(f, "one"), one);
	assert_null(txn_find_name(f, t, "one"));
	assert_ptr_equal(txn_find_name(f, t, "uno"), one);

	expect_ok(db_commit(t));
	assert_string_equal(datum_string(row_get(one, f->name)), "uno");
	assert_ptr_equal(find(f, "uno"), one);
	assert_null(find(f, "one"));
	txn_free(t);
}

static void test_abandoned(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(freep) char *before = dump(f->db, true);
	CLEANUP(freep) char *after = NULL;
	struct txn *t = txn_new(f->db, &nobody);
	struct row *r = insert(t, f->a);

	set_string(t, r, f->name, "three");
	set_string(t, find(f, "one"), f->name, "uno");
	txn_delete(t, find(f, "two"));
	txn_free(t);
	after = dump(f->db, true);
	assert_string_equal(before, after);
}

static size_t count_rows(const struct txn *t, const struct table *table)
{
	size_t n = 0;

	TXN_FOR_EACH_ROW (r, t, table)
		n++;
	return n;
}

static void test_rows_of_a_transaction(void **state)
{
	const struct fixture *f = *state;
	struct txn *t = txn_new(f->db, &nobody);
	struct row *three = insert(t, f->a), *four = insert(t, f->a);

	assert_int_equal(count_rows(t, f->a), 4);
	assert_int_equal(table_count(f->a), 2);
	assert_ptr_equal(txn_find(t, f->a, row_uuid(three)), three);
	assert_null(table_find(f->a, row_uuid(three)));
	txn_delete(t, three);
	txn_delete(t, find(f, "one"));
	assert_int_equal(count_rows(t, f->a), 2);
	assert_null(txn_find(t, f->a, row_uuid(three)));
	assert_null(txn_find(t, f->a, row_uuid(find(f, "one"))));
	assert_true(txn_row_is_deleted(t, three));
	assert_false(txn_row_is_deleted(t, four));
	assert_ptr_equal(txn_find(t, f->a, row_uuid(four)), four);
	txn_free(t);
}

/* Its UUID is free again, and is the next one's. */
static void test_a_row_taken_back(void **state)
{
	const struct fixture *f = *state;
	struct txn *t = txn_new(f->db, &nobody);
	struct row *first, *second, *third;
	struct uuid uuid = uuid_random();

	expect_ok(txn_insert(t, f->a, &uuid, &first));
	txn_delete(t, first);
	expect_ok(txn_insert(t, f->a, &uuid, &second));
	assert_ptr_equal(txn_find(t, f->a, &uuid), second);
	assert_int_equal(count_rows(t, f->a), 3);
	assert_int_equal(txn_scan_length(t, f->a), 3);
	expect_err(txn_insert(t, f->a, &uuid, &third), ERR_DUPLICATE_UUID, NULL);
	/* One that was committed keeps it. */
	uuid = *row_uuid(find(f, "one"));
	txn_delete(t, find(f, "one"));
	expect_err(txn_insert(t, f->a, &uuid, &third), ERR_DUPLICATE_UUID, NULL);
	expect_ok(db_commit(t));
	assert_int_equal(table_count(f->a), 2);
	txn_free(t);
	txn_free(NULL);
}

/* A look-up by an index finds each row by what it is in the transaction: changed in a
 * column of that index, of another one, or of none. */
static void test_look_ups(void **state)
{
	const struct fixture *f = *state;
	struct txn *t = txn_new(f->db, &nobody);
	struct row *one = find(f, "one"), *two = find(f, "two"), *three;
	static const char *const names[] = {"n"};

	set_strings(t, one, f->names, names, 1);
	assert_ptr_equal(txn_find_name(f, t, "one"), one);
	set_integer(t, two, f->x, 20);
	assert_ptr_equal(txn_find_name(f, t, "two"), two);
	assert_ptr_equal(txn_find_name(f, t, "one"), one);
	set_string(t, one, f->name, "uno");
	assert_null(txn_find_name(f, t, "one"));
	assert_ptr_equal(txn_find_name(f, t, "uno"), one);
	three = insert(t, f->a);
	set_string(t, three, f->name, "one");
	assert_ptr_equal(txn_find_name(f, t, "one"), three);
	txn_delete(t, three);
	assert_null(txn_find_name(f, t, "one"));
	txn_delete(t, two);
	assert_null(txn_find_name(f, t, "two"));
	txn_free(t);
}

/* One that is given up, with rows of every kind in it and with look-ups by each index;
 * and two that add a row and remove it. */
static void use_transactions(const struct fixture *f)
{
	struct txn *t = txn_new(f->db, &nobody);
	struct datum x;
	const struct datum *key = &x;
	struct row *r = insert(t, f->a);

	txn_delete(t, insert(t, f->a));
	set_string(t, r, f->name, "given up");
	set_string(t, find(f, "one"), f->name, "another");
	txn_delete(t, find(f, "two"));
	datum_init_empty(&x);
	datum_set_integer(&x, &f->x->type, 7);
	assert_null(txn_find_by_index(t, f->a, 1, &key));
	datum_clear(&x, &f->x->type);
	assert_ptr_equal(txn_find_name(f, t, "given up"), r);
	txn_free(t);
	t = txn_new(f->db, &nobody);
	r = insert(t, f->a);
	txn_delete(t, insert(t, f->a));
	expect_ok(db_commit(t));
	txn_free(t);
	t = txn_new(f->db, &nobody);
	txn_delete(t, r);
	expect_ok(db_commit(t));
	txn_free(t);
}

/* The first ones make room that the database keeps. */
static void test_memory_is_given_back(void **state)
{
	size_t before;

	for (int i = 0; i < 10; i++)
		use_transactions(*state);
	before = heap_used();
	for (int i = 0; i < 1000; i++)
		use_transactions(*state);
	assert_in_range(heap_used(), 0, before + 10000);
}

/* txn_set() with values of C. */
static void test_values(void **state)
{
	const struct fixture *f = *state;
	struct txn *t = txn_new(f->db, &nobody);
	const struct column_schema *maybe = column(f->a, "maybe");
	struct row *r = find(f, "one");

	txn_set_integer_or_none(t, r, maybe, 5);
	assert_int_equal(datum_integer(txn_get(t, r, maybe), 0), 5);
	txn_set_integer_or_none(t, r, maybe, 0);
	assert_int_equal(txn_get(t, r, maybe)->n, 0);
	txn_set_integer(t, r, f->x, 0);
	assert_int_equal(txn_get(t, r, f->x)->n, 1);
	txn_free(t);
}

static void test_deletes_while_iterating(void **state)
{
	const struct fixture *f = *state;
	struct txn *t = txn_new(f->db, &nobody);
	size_t n = 0;

	(void)insert(t, f->a);
	(void)insert(t, f->a);
	TXN_FOR_EACH_ROW (r, t, f->a) {
		txn_delete(t, r);
		n++;
	}
	assert_int_equal(n, 4);
	assert_int_equal(count_rows(t, f->a), 0);
	expect_ok(db_commit(t));
	assert_int_equal(table_count(f->a), 0);
	txn_free(t);
}

static void test_equal_writes_are_no_change(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(freep) char *before = dump(f->db, true);
	CLEANUP(freep) char *after = NULL;
	struct txn *t = txn_new(f->db, &nobody);
	struct row *one = find(f, "one");

	set_string(t, one, f->name, "one");
	assert_true(txn_is_empty(t));
	set_string(t, one, f->name, "uno");
	assert_false(txn_is_empty(t));
	set_string(t, one, f->name, "one");
	set_integer(t, one, f->x, 1);
	assert_true(txn_is_empty(t));
	txn_delete(t, insert(t, f->a));
	assert_true(txn_is_empty(t));
	expect_ok(db_commit(t));
	txn_free(t);
	after = dump(f->db, true);
	assert_string_equal(before, after);
}

/* What an observer was told, as text. */
struct told {
	const struct fixture *f;
	size_t n_calls;
	char *text;
};

static const char *text_of(const struct datum *d)
{
	return d ? datum_string(d) : "-";
}

static void note_change(struct told *told, const struct change *c)
{
	static const char *const kinds[] = {"insert", "update", "delete"};
	const struct fixture *f = told->f;
	CLEANUP(freep) char *before = told->text;

	told->text = xasprintf("%s%s %s->%s%s;", before ? before : "", kinds[c->kind],
			       text_of(change_old(c, f->name)),
			       text_of(change_new(c, f->name)),
			       change_is_changed(c, f->x) ? " x" : "");
	assert_int_equal(c->kind == CHANGE_INSERT, !change_old_version(c));
	if (c->kind == CHANGE_UPDATE && !change_is_changed(c, f->x))
		assert_ptr_equal(change_old(c, f->x), change_new(c, f->x));
}

static void observe(void *aux, const struct txn *txn)
{
	struct told *told = aux;

	told->n_calls++;
	TXN_FOR_EACH_CHANGE (c, txn) {
		if (c.table == told->f->a)
			note_change(told, &c);
	}
}

static struct err *validate(void *aux, const struct txn *txn)
{
	observe(aux, txn);
	return NULL;
}

static void test_observer_and_validator_see_the_same(void **state)
{
	const struct fixture *f = *state;
	struct told told = {.f = f}, asked = {.f = f};
	struct db_observer *o = db_observe(f->db, observe, &told);
	struct txn *t = txn_new(f->db, &nobody);
	struct uuid version = *row_version(find(f, "one"));
	struct row *one = find(f, "one");

	db_set_validator(f->db, validate, &asked);
	set_string(t, one, f->name, "uno");
	set_string(t, insert(t, f->a), f->name, "three");
	txn_delete(t, find(f, "two"));
	expect_ok(db_commit(t));
	assert_string_equal(told.text,
			    "update one->uno;insert -->three x;delete two->- x;");
	assert_string_equal(asked.text, told.text);
	assert_false(uuid_equals(&version, row_version(one)));
	TXN_FOR_EACH_CHANGE (c, t) {
		if (c.kind == CHANGE_UPDATE)
			assert_true(uuid_equals(&version, change_old_version(&c)));
	}
	txn_free(t);

	t = txn_new(f->db, &nobody);
	set_string(t, one, f->name, "uno");
	expect_ok(db_commit(t));
	txn_free(t);
	assert_int_equal(told.n_calls, 1);
	assert_int_equal(asked.n_calls, 1);
	db_unobserve(o);
	free(told.text);
	free(asked.text);
}

static struct err *refuse(void *aux, const struct txn *txn)
{
	(void)aux;
	assert_int_equal(txn_origin(txn)->uid, -1);
	return err_new(ERR_PERMISSION, "not today");
}

/* A transaction that fails leaves no trace, whichever pass finds fault with it. */
static void test_failures_leave_no_trace(void **state)
{
	static const struct failure {
		const char *operations;
		const char *tag;
		bool is_refused;
	} failures[] = {
		{"{'op': 'update', 'table': 'A', 'where': [], 'row': {'kids': "
		 "['uuid', '11111111-1111-4111-8111-111111111111']}}",
		 "referential integrity violation", false},
		{"{'op': 'update', 'table': 'A', 'where': [], 'row': {'name': 'same'}}",
		 "constraint violation", false},
		{"{'op': 'update', 'table': 'A', 'where': [], 'row': {'names': 'n'}}",
		 "permission error", true},
	};
	const struct fixture *f = *state;
	struct told told = {.f = f};
	struct db_observer *o = db_observe(f->db, observe, &told);

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		CLEANUP(freep) char *before = dump(f->db, true);
		CLEANUP(freep)
		char *operations = xasprintf(
			"[{'op': 'delete', 'table': 'A', 'where': [['name', '==', "
			"'two']]},"
			" {'op': 'insert', 'table': 'A', 'row': {'name': 'three', 'x': 3,"
			"  'kids': ['named-uuid', 'k']}},"
			" {'op': 'insert', 'table': 'B', 'row': {}, 'uuid-name': 'k'}, "
			"%s]",
			failures[i].operations);
		CLEANUP(freep) char *reply = NULL;
		CLEANUP(freep) char *after = NULL;

		db_set_validator(f->db, failures[i].is_refused ? refuse : NULL, NULL);
		reply = transact(f->db, operations);
		assert_non_null(strstr(reply, failures[i].tag));
		after = dump(f->db, true);
		assert_string_equal(before, after);
		assert_non_null(find(f, "two"));
		assert_null(find(f, "three"));
	}
	assert_int_equal(told.n_calls, 0);
	db_unobserve(o);
	db_set_validator(f->db, NULL, NULL);
	/* And the next one works as if nothing had been. */
	must_transact(
		f->db,
		"[{'op': 'insert', 'table': 'A', 'row': {'name': 'three', 'x': 3}}]");
}

static void test_check_changes_nothing(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(freep) char *before = dump(f->db, true);
	CLEANUP(freep) char *after = NULL;
	struct txn *t = txn_new(f->db, &nobody);
	struct row *kid = insert(t, f->b);

	set_string(t, find(f, "one"), f->name, "uno");
	expect_ok(db_commit_check(t));
	assert_true(txn_row_is_deleted(t, kid)); /* collected */
	after = dump(f->db, true);
	assert_string_equal(before, after);
	expect_ok(db_commit(t));
	assert_non_null(find(f, "uno"));
	assert_int_equal(table_count(f->b), 0);
	txn_free(t);
}

static struct db_observer *observers[3];
static int calls[3];

static void remove_all(void *aux, const struct txn *txn)
{
	int *n = aux;

	(void)txn;
	++*n;
	for (size_t i = 0; i < ARRAY_SIZE(observers); i++) {
		db_unobserve(observers[i]);
		observers[i] = NULL;
	}
}

static void test_observers_removed_by_an_observer(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(observers); i++)
		observers[i] = db_observe(f->db, remove_all, &calls[i]);
	must_transact(f->db, "[{'op': 'delete', 'table': 'A', 'where': []}]");
	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {}}]");
	assert_int_equal(calls[0], 1);
	assert_int_equal(calls[1] + calls[2], 0);
}

static void test_persistent(void **state)
{
	const struct fixture *f = *state;
	struct txn *t = txn_new(f->db, &nobody);
	size_t n = 0;

	set_integer(t, find(f, "one"), f->y, 5);
	set_integer(t, find(f, "two"), f->y, 5);
	set_integer(t, find(f, "two"), f->x, 5);
	(void)insert(t, f->a);
	(void)insert(t, db_table(f->db, "E"));
	TXN_FOR_EACH_CHANGE (c, t)
		n += change_is_persistent(&c);
	assert_int_equal(n, 2);
	txn_free(t);
}

static void test_replicated(void **state)
{
	struct db *db = db_new_in_memory(make_schema(schema_text));
	struct fixture f = {.db = db, .a = db_table(db, "A"), .b = db_table(db, "B")};
	struct told told = {.f = &f};
	struct db_observer *o = db_observe(db, observe, &told);
	struct txn *t = txn_new(db, &nobody), *mine;
	struct uuid nowhere = uuid_random();
	struct row *r;
	struct datum d;

	(void)state;
	f.name = column(f.a, "name");
	f.x = column(f.a, "x");
	f.kids = column(f.a, "kids");
	/* References to rows that did not come yet, and equal index columns, are no
	 * matter. */
	(void)insert(t, f.a);
	r = insert(t, f.a);
	(void)insert(t, f.b);
	datum_init_empty(&d);
	datum_append(&d, (union atom){.uuid = nowhere}, NULL);
	expect_ok(datum_sort(&d, &f.kids->type));
	txn_set(t, r, f.kids, &d);
	expect_ok(db_commit_replicated(t));
	txn_free(t);
	assert_int_equal(table_count(f.a), 2);
	assert_int_equal(table_count(f.b), 1);
	assert_int_equal(told.n_calls, 1);

	/* A row that somebody's transaction has touched goes away under it. */
	mine = txn_new(db, &nobody);
	set_string(mine, r, f.name, "mine");
	t = txn_new(db, &nobody);
	txn_delete(t, r);
	expect_ok(db_commit_replicated(t));
	txn_free(t);
	txn_free(mine);
	assert_int_equal(table_count(f.a), 1);
	free(told.text);
	db_unobserve(o);
	db_close(db);
}

static char *operations_of(const struct txn *t)
{
	struct json_object *json = txn_to_operations(t);
	char *text = json_text(json);

	json_free(json);
	return text;
}

/* Removes j, gives k another value, adds m, and leaves l. */
static void change_map(struct txn *t, struct row *r, const struct column_schema *c)
{
	static const char *const entries[][2] = {{"k", "9"}, {"l", "2"}, {"m", "3"}};
	struct datum d;

	datum_init_empty(&d);
	for (size_t i = 0; i < 3; i++) {
		union atom value = {.string = xstrdup(entries[i][1])};

		datum_append(&d, (union atom){.string = xstrdup(entries[i][0])}, &value);
	}
	expect_ok(datum_sort(&d, &c->type));
	txn_set(t, r, c, &d);
}

/* Changes something of every kind in the database that test_operations() filled. */
static struct txn *change_everything(struct db *db)
{
	static const char *const new_names[] = {"b", "c"}, *const new_some[] = {"t", "u"};
	struct txn *t = txn_new(db, &nobody);
	struct table *a = db_table(db, "A");
	struct row *kid;
	struct uuid uuid;
	struct datum d;

	assert_true(uuid_parse("11111111-1111-4111-8111-111111111111", &uuid));
	set_integer(t, table_find(a, &uuid), column(a, "x"), 30);
	set_strings(t, table_find(a, &uuid), column(a, "names"), new_names, 2);
	set_strings(t, table_find(a, &uuid), column(a, "some"), new_some, 2);
	kid = insert(t, db_table(db, "B"));
	set_integer(t, kid, column(db_table(db, "B"), "n"), 2);
	datum_init_empty(&d);
	datum_append(&d, (union atom){.uuid = *row_uuid(kid)}, NULL);
	expect_ok(datum_sort(&d, &column(a, "kids")->type));
	txn_set(t, table_find(a, &uuid), column(a, "kids"), &d);
	change_map(t, table_find(a, &uuid), column(a, "map"));
	assert_true(uuid_parse("33333333-3333-4333-8333-333333333333", &uuid));
	txn_delete(t, table_find(a, &uuid));
	txn_add_comment(t, "two");
	txn_add_comment(t, "lines \x1b[2J \xff");
	assert_string_equal(txn_comment(t), "two\nlines ?[2J ?");
	return t;
}

/* What a transaction does here, its operations do to an equal database elsewhere. */
static void test_operations(void **state)
{
	static const char fill[] =
		"[{'op': 'insert', 'table': 'A', 'uuid': "
		"'11111111-1111-4111-8111-111111111111',"
		"  'row': {'name': 'three', 'x': 3, 'names': ['set', ['a', 'b']], "
		"'some': 's',"
		"  'map': ['map', [['j', '0'], ['k', '1'], ['l', '2']]],"
		"  'kids': ['uuid', '22222222-2222-4222-8222-222222222222']}},"
		" {'op': 'insert', 'table': 'B', 'uuid': "
		"'22222222-2222-4222-8222-222222222222',"
		"  'row': {'n': 1}},"
		" {'op': 'insert', 'table': 'A', 'uuid': "
		"'33333333-3333-4333-8333-333333333333',"
		"  'row': {'name': 'four', 'x': 4}}]";
	/* Somebody else changes the same set and the same map: no clash, and what only that
	 * one has changed stays so. */
	static const char meanwhile[] =
		"[{'op': 'mutate', 'table': 'A', 'where': [['name', '==', 'three']],"
		" 'mutations': [['names', 'insert', 'z'], ['names', 'delete', 'b'],"
		"  ['map', 'delete', ['set', ['l']]],"
		"  ['map', 'insert', ['map', [['z', '26']]]]]}]";
	struct db *here = db_new_in_memory(make_schema(schema_text));
	struct db *there = db_new_in_memory(make_schema(schema_text));
	struct txn *t;
	CLEANUP(freep) char *operations = NULL;
	CLEANUP(freep) char *dump_here = NULL;
	CLEANUP(freep) char *dump_there = NULL;
	CLEANUP(freep) char *again = NULL;

	(void)state;
	must_transact(here, fill);
	must_transact(there, fill);
	must_transact(there, meanwhile);

	t = change_everything(here);
	operations = operations_of(t);
	must_transact(there, operations);
	again = transact(there, operations);
	assert_non_null(strstr(again, "timed out")); /* x is not 3 any more */
	expect_ok(db_commit(t));
	txn_free(t);
	must_transact(here, meanwhile);
	dump_here = dump(here, false);
	dump_there = dump(there, false);
	assert_string_equal(dump_here, dump_there);
	db_close(here);
	db_close(there);
}

static void insert_many(const struct fixture *f, struct txn *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct row *r = insert(t, f->a);
		CLEANUP(freep) char *name = xasprintf("row %zu", i);

		set_string(t, r, f->name, name);
		set_integer(t, r, f->x, (int64_t)(1000 + i));
		assert_ptr_equal(txn_find_name(f, t, name), r);
	}
}

/* Would take minutes if any of it looked at all rows for each. */
static void test_ten_thousand_rows(void **state)
{
	const struct fixture *f = *state;
	const size_t n = 10000;
	struct txn *t = txn_new(f->db, &nobody);

	insert_many(f, t, n);
	expect_ok(db_commit(t));
	txn_free(t);
	assert_int_equal(table_count(f->a), n + 2);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(freep) char *name = xasprintf("row %zu", i);
		CLEANUP(freep) char *new_name = xasprintf("line %zu", i);

		t = txn_new(f->db, &nobody);
		set_string(t, find(f, name), f->name, new_name);
		expect_ok(db_commit(t));
		txn_free(t);
	}
	assert_non_null(find(f, "line 9999"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_reads_through),
		TEST(test_abandoned),
		TEST(test_rows_of_a_transaction),
		TEST(test_a_row_taken_back),
		TEST(test_look_ups),
		TEST(test_memory_is_given_back),
		TEST(test_values),
		TEST(test_deletes_while_iterating),
		TEST(test_equal_writes_are_no_change),
		TEST(test_observer_and_validator_see_the_same),
		TEST(test_failures_leave_no_trace),
		TEST(test_check_changes_nothing),
		TEST(test_observers_removed_by_an_observer),
		TEST(test_persistent),
		TEST(test_replicated),
		TEST(test_operations),
		TEST(test_ten_thousand_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
