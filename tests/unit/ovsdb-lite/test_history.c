/* The history of a database: what it says about the past is compared with what the past
 * was, after thousands of random transactions and restarts. */
#include "history_database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json_write.h"
#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- states as text --- */

struct lines {
	char **lines;
	size_t n, cap;
};

static int line_cmp(const void *a, const void *b)
{
	char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* Sorted, as one text; empties 'l'. */
static char *join(struct lines *l)
{
	struct buffer b = {0};

	if (l->n)
		qsort(l->lines, l->n, sizeof(*l->lines), line_cmp);
	for (size_t i = 0; i < l->n; i++) {
		buffer_puts(&b, l->lines[i]);
		free(l->lines[i]);
	}
	free(l->lines);
	return buffer_take(&b);
}

static bool is_stored(const struct table_schema *ts)
{
	return strcmp(ts->name, "Brief") != 0;
}

/* 'old' NULL: as it is now; else NULL in it means that of 'now'. */
static void add_line(struct lines *l, const struct table_schema *ts,
		     const struct uuid *uuid, const struct row *now,
		     const struct datum *const *old, bool with_ephemeral)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};
	char text[UUID_TEXT_BYTES];

	if (!with_ephemeral && !is_stored(ts))
		return;
	buffer_puts(&b, ts->name);
	buffer_putc(&b, ' ');
	buffer_puts(&b, uuid_format(uuid, text));
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct datum *d = old && old[i] ? old[i] : NULL;

		if (c->ephemeral && !with_ephemeral)
			continue;
		if (!d) {
			assert_non_null(now);
			d = row_get(now, c);
		}
		buffer_putc(&b, ' ');
		datum_write(&b, d, &c->type);
	}
	buffer_putc(&b, '\n');
	l->lines = xgrow(l->lines, l->n, &l->cap, sizeof(*l->lines));
	l->lines[l->n++] = buffer_take(&b);
}

/* All rows as they were in view 'v'; NULL: as they are. */
static char *snapshot(struct db *db, const struct history_view *v, bool with_ephemeral)
{
	struct lines l = {0};
	struct history_image image;

	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		struct table *t = db_table_at(db, i);

		TABLE_FOR_EACH (r, t) {
			bool is_touched = false;
			void *cursor = NULL;

			while (v && !is_touched && history_view_next(v, &cursor, &image))
				is_touched = image.table == table_schema(t) &&
					     uuid_equals(&image.uuid, row_uuid(r));
			if (!is_touched)
				add_line(&l, table_schema(t), row_uuid(r), r, NULL,
					 with_ephemeral);
		}
	}
	for (void *cursor = NULL; v && history_view_next(v, &cursor, &image);) {
		struct table *t = db_table_at(db, image.table->index);

		if (image.existed)
			add_line(&l, image.table, &image.uuid, table_find(t, &image.uuid),
				 image.old, with_ephemeral);
	}
	return join(&l);
}

/* --- random transactions --- */

static unsigned int seed = 1;

static unsigned int below(unsigned int n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* A row of the table, or zeros. */
static const char *any_row(struct db *db, const char *table, char buf[UUID_TEXT_BYTES])
{
	struct table *t = db_table(db, table);
	const struct uuid zeros = {0};
	size_t n = table_count(t);
	struct row *r = n ? table_first(t) : NULL;

	for (size_t i = n ? below((unsigned int)n) : 0; i; i--)
		r = table_next(t, r);
	return uuid_format(r ? row_uuid(r) : &zeros, buf);
}

static char *random_operation(struct db *db)
{
	static unsigned int n;
	char root[UUID_TEXT_BYTES], other[UUID_TEXT_BYTES], kid[UUID_TEXT_BYTES];
	CLEANUP(freep) char *where_root = NULL;
	CLEANUP(freep) char *where_kid = NULL;

	any_row(db, "Root", root);
	any_row(db, "Root", other);
	any_row(db, "Kid", kid);
	where_root = xasprintf("'where': [['_uuid', '==', ['uuid', '%s']]]", root);
	where_kid = xasprintf("'where': [['_uuid', '==', ['uuid', '%s']]]", kid);
	n++;
	switch (below(13)) {
	case 0:
		return xasprintf(
			"{'op': 'insert', 'table': 'Root', 'row': {'name': 'r%u', "
			"'state': 'new'}}",
			n);
	case 1:
		return xasprintf("{'op': 'insert', 'table': 'Kid', 'uuid-name': 'k%u', "
				 "'row': {'n': %u, 'state': 'x'}}, {'op': 'mutate', "
				 "'table': 'Root', %s, 'mutations': [['kids', 'insert', "
				 "['named-uuid', 'k%u']], ['notes', 'insert', ['map', "
				 "[[['named-uuid', 'k%u'], 'n%u']]]]]}",
				 n, n, where_root, n, n, n);
	case 2: /* a chain, of which only the first is held */
		return xasprintf(
			"{'op': 'insert', 'table': 'Kid', 'uuid-name': 'c%u', "
			"'row': {}}, {'op': 'update', 'table': 'Kid', %s, 'row': "
			"{'next': ['named-uuid', 'c%u']}}",
			n, where_kid, n);
	case 3:
		return xasprintf("{'op': 'delete', 'table': 'Root', %s}", where_root);
	case 4:
		return xasprintf("{'op': 'update', 'table': 'Root', %s, 'row': {'kids': "
				 "['set', []]}}",
				 where_root);
	case 5:
		return xasprintf("{'op': 'mutate', 'table': 'Root', %s, 'mutations': "
				 "[['friends', 'insert', ['uuid', '%s']]]}",
				 where_root, other);
	case 6:
		return xasprintf("{'op': 'update', 'table': 'Root', %s, 'row': {'state': "
				 "'s%u', 'counts': ['map', [['a', %u]]]}}",
				 where_root, below(4), n);
	case 7:
		return xasprintf("{'op': 'update', 'table': 'Kid', %s, 'row': {'n': %u, "
				 "'state': 's%u'}}",
				 where_kid, below(3), below(3));
	case 8:
		return xasprintf("{'op': 'insert', 'table': 'Brief', 'row': {'n': %u}}",
				 n);
	case 9:
		return xasprintf(
			"{'op': 'mutate', 'table': 'Brief', 'where': [['n', '>', "
			"%u]], 'mutations': [['n', '-=', 1]]}",
			n / 2);
	case 10:
		return xasprintf(
			"{'op': 'delete', 'table': 'Brief', 'where': [['n', '<', "
			"%u]]}",
			n / 2);
	case 11: /* comes and goes in one transaction */
		return xasprintf("{'op': 'insert', 'table': 'Root', 'row': {'name': "
				 "'gone%u'}}, {'op': 'delete', 'table': 'Root', 'where': "
				 "[['name', '==', 'gone%u']]}",
				 n, n);
	default:
		return xasprintf("{'op': 'update', 'table': 'Root', %s, 'row': {'name': "
				 "'r%u'}}",
				 where_root, n);
	}
}

/* One that fails changes nothing, which is as good. */
static void random_transaction(struct db *db)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};
	char *reply, *text;

	buffer_putc(&b, '[');
	for (unsigned int i = 0, n = 1 + below(3); i < n; i++) {
		CLEANUP(freep) char *operation = random_operation(db);

		buffer_puts(&b, i ? ", " : "");
		buffer_puts(&b, operation);
	}
	buffer_putc(&b, ']');
	text = buffer_take(&b);
	reply = transact(db, text);
	free(reply);
	free(text);
}

/* --- the past --- */

struct moment {
	struct uuid id;
	char *whole, *persistent;
	bool is_of_this_process;
};

static void expect_moment(struct db *db, const struct moment *m)
{
	enum history_reach reach;
	struct history_view *v;
	char *text;

	expect_ok(history_view_since(db, &m->id, &reach, &v));
	assert_int_equal(reach,
			 m->is_of_this_process ? HISTORY_WHOLE : HISTORY_PERSISTENT);
	text = snapshot(db, v, m->is_of_this_process);
	assert_string_equal(text, m->is_of_this_process ? m->whole : m->persistent);
	free(text);
	history_view_free(v);
}

#define N_MOMENTS 200

static void test_random(void **state)
{
	struct fixture *f = *state;
	struct moment *moments = xcalloc(N_MOMENTS, sizeof(*moments));

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	for (size_t i = 0; i < N_MOMENTS; i++) {
		struct moment *m = &moments[i];

		random_transaction(f->db);
		if (!below(30)) {
			reopen(f);
			for (size_t j = 0; j < i; j++)
				moments[j].is_of_this_process = false;
		}
		m->id = *history_last_id(f->db);
		m->whole = snapshot(f->db, NULL, true);
		m->persistent = snapshot(f->db, NULL, false);
		m->is_of_this_process = true;
		assert_false(uuid_is_zero(&m->id));
		for (size_t j = i % 9; j <= i; j += 9)
			expect_moment(f->db, &moments[j]);
	}
	for (size_t i = 0; i < N_MOMENTS; i++) {
		expect_moment(f->db, &moments[i]);
		free(moments[i].whole);
		free(moments[i].persistent);
	}
	free(moments);
}

/* --- undoing --- */

/* The line of a row ("TABLE UUID"), up to its end; NULL if it is not there. */
static const char *find_line(const char *text, const char *key, size_t n_key)
{
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		if (!strncmp(line, key, n_key))
			return line;
	}
	return NULL;
}

static bool same_words(const char *a, const char *b)
{
	size_t n = strcspn(a, " \n");

	return n == strcspn(b, " \n") && !strncmp(a, b, n);
}

static const char *next_word(const char *word)
{
	word += strcspn(word, " \n");
	return *word == ' ' ? word + 1 : NULL;
}

/* Whether what was changed from 'before' to 'after' is in 'now' what it was 'after'. Goes
 * through the lines of 'before'; rows that 'after' alone has are those of a call with the
 * two exchanged. */
static bool is_as_left(const char *before, const char *after, const char *now,
		       bool is_exchanged)
{
	for (const char *line = before; *line; line = strchr(line, '\n') + 1) {
		size_t n_key = strcspn(line, " ") + 1 + (UUID_TEXT_BYTES - 1) + 1;
		const char *left = find_line(after, line, n_key);
		const char *is = find_line(now, line, n_key), *was = line;

		if (!left && is_exchanged &&
		    (!is || strcspn(is, "\n") != strcspn(was, "\n") ||
		     strncmp(is, was, strcspn(was, "\n")) != 0))
			return false;
		if (!left && !is_exchanged && is)
			return false;
		while (left && was && !is_exchanged) {
			if (!same_words(was, left) && (!is || !same_words(is, left)))
				return false;
			was = next_word(was);
			left = next_word(left);
			is = is ? next_word(is) : NULL;
		}
	}
	return true;
}

static void undo_and_back(struct db *db, int64_t serial, const char *before,
			  const char *after)
{
	CLEANUP(freep) char *now = snapshot(db, NULL, false);
	bool may = is_as_left(before, after, now, false) &&
		   is_as_left(after, before, now, true);
	int64_t last = last_serial(db);
	struct err *e = try_undo(db, serial);
	char *undone, *back;

	if (!may)
		expect_err(e, ERR_BUSY, " since");
	if (!may || e) { /* what it refers to may be gone, a name be taken */
		assert_true(!may || e->code == ERR_REFERENTIAL ||
			    e->code == ERR_CONSTRAINT);
		if (may)
			err_free(e);
		return;
	}
	undone = snapshot(db, NULL, false);
	if (serial == last)
		assert_string_equal(undone, before);
	if (last_serial(db) > last) {
		expect_ok(try_undo(db, last + 1));
		back = snapshot(db, NULL, false);
		assert_string_equal(back, now);
		free(back);
	}
	free(undone);
}

#define N_UNDONE 150

static void test_random_undo(void **state)
{
	struct fixture *f = *state;
	char *states[N_UNDONE + 1];
	int64_t serials[N_UNDONE + 1];

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	for (size_t i = 0; i <= N_UNDONE; i++) {
		states[i] = snapshot(f->db, NULL, false);
		serials[i] = last_serial(f->db);
		for (size_t j = i; j && j + 6 > i; j--) {
			if (serials[j] == serials[j - 1] + 1)
				undo_and_back(f->db, serials[j], states[j - 1],
					      states[j]);
		}
		if (!below(30))
			reopen(f);
		random_transaction(f->db);
	}
	for (size_t i = 0; i <= N_UNDONE; i++)
		free(states[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY_TEST(test_random),
		HISTORY_TEST(test_random_undo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
