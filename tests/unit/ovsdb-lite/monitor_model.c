/* The wire's rules for clients of a monitor (RFC 7047 4.1.6, ovsdb-wire.md 4). What is
 * random in the tests is not here. */
#include "tests/unit/ovsdb-lite/monitor_model.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "tests/unit/ovsdb-lite/database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void model_init(struct model *m, enum monitor_method method, const struct schema *s)
{
	assert_true(s->n_tables <= MODEL_MAX_TABLES);
	*m = (struct model){.method = method, .schema = s};
}

static void forget_row(const struct table_schema *ts, struct model_table *mt,
		       struct model_row *row)
{
	for (size_t i = 0; i < ts->n_columns; i++)
		datum_clear(&row->columns[i], &ts->columns[i].type);
	HASH_DEL(mt->rows, row);
	free(row);
}

static void forget_rows(struct model *m)
{
	for (size_t i = 0; i < m->schema->n_tables; i++) {
		struct model_row *row, *next;

		HASH_ITER (hh, m->tables[i].rows, row, next)
			forget_row(&m->schema->tables[i], &m->tables[i], row);
	}
}

void model_clear(struct model *m)
{
	model_disconnect(m);
	forget_rows(m);
	for (size_t i = 0; i < m->schema->n_tables; i++)
		for (size_t j = 0; j < m->tables[i].n_where; j++)
			free(m->tables[i].where[j]);
}

static struct model_row *find_row(struct model_table *mt, const char *name)
{
	struct model_row *row;
	struct uuid uuid;

	assert_true(uuid_parse(name, &uuid));
	HASH_FIND(hh, mt->rows, &uuid, sizeof(uuid), row);
	return row;
}

/* --- what is told --- */

/* Every column asked for is there (v1), or is not at its default (v2); and no other. */
static void add_row(const struct table_schema *ts, struct model_table *mt,
		    const char *name, const struct json_object *json, bool is_plain)
{
	struct model_row *row =
		xcalloc(1, sizeof(*row) + ts->n_columns * sizeof(row->columns[0]));
	size_t n_known = 0;

	assert_null(find_row(mt, name));
	assert_true(uuid_parse(name, &row->uuid));
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct json_object *value = json_member(json, c->name);

		if (!(mt->columns & 1u << i))
			continue;
		n_known += value != NULL;
		if (!value) {
			assert_false(is_plain);
			datum_init_default(&row->columns[i], &c->type);
			continue;
		}
		expect_ok(datum_from_json(&row->columns[i], &c->type, value, NULL));
		assert_true(is_plain || !datum_is_default(&row->columns[i], &c->type));
	}
	assert_int_equal(n_known, json_get_length(json));
	HASH_ADD(hh, mt->rows, uuid, sizeof(row->uuid), row);
}

static const struct column_schema *
asked_for(const struct table_schema *ts, const struct model_table *mt, const char *name)
{
	const struct column_schema *c = table_schema_find(ts, name);

	assert_non_null(c);
	assert_true(mt->columns & 1u << c->index);
	return c;
}

static void expect_old(const struct table_schema *ts, const struct model_table *mt,
		       const struct model_row *row, const struct json_object *old)
{
	for (struct json_iter i = json_iter_begin(old); json_iter_next(&i);) {
		const struct column_schema *c = asked_for(ts, mt, i.name);
		struct datum d;

		expect_ok(datum_from_json(&d, &c->type, i.value, NULL));
		assert_true(datum_equals(&d, &row->columns[c->index], &c->type));
		datum_clear(&d, &c->type);
	}
}

static void apply_plain(const struct table_schema *ts, struct model_table *mt,
			const char *name, const struct json_object *update)
{
	const struct json_object *old = json_member(update, "old"),
				 *new = json_member(update, "new");
	struct model_row *row = find_row(mt, name);

	assert_true(old || new);
	assert_true(!row == !old);
	if (old) {
		assert_true(json_get_length(old) > 0 || !mt->columns);
		expect_old(ts, mt, row, old);
		forget_row(ts, mt, row);
	}
	if (new)
		add_row(ts, mt, name, new, true);
}

static void modify(const struct table_schema *ts, struct model_table *mt,
		   struct model_row *row, const struct json_object *diff,
		   bool may_be_the_same)
{
	assert_true(json_get_length(diff) > 0);
	for (struct json_iter i = json_iter_begin(diff); json_iter_next(&i);) {
		const struct column_schema *c = asked_for(ts, mt, i.name);
		struct datum d, before;

		expect_ok(datum_from_json_any_count(&d, &c->type, i.value, NULL));
		datum_copy(&before, &row->columns[c->index], &c->type);
		expect_ok(datum_apply_diff(&row->columns[c->index], &d, &c->type));
		if (!may_be_the_same || !c->ephemeral)
			assert_false(
				datum_equals(&before, &row->columns[c->index], &c->type));
		datum_clear(&d, &c->type);
		datum_clear(&before, &c->type);
	}
}

enum stage { STAGE_INITIAL, STAGE_SINCE, STAGE_UPDATE };

static void apply_cond(const struct table_schema *ts, struct model_table *mt,
		       const char *name, const struct json_object *update,
		       enum stage stage)
{
	struct model_row *row = find_row(mt, name);
	struct json_iter i = json_iter_begin(update);

	assert_int_equal(json_get_length(update), 1);
	assert_true(json_iter_next(&i));
	if (!strcmp(i.name, stage == STAGE_INITIAL ? "initial" : "insert")) {
		add_row(ts, mt, name, i.value, false);
		return;
	}
	assert_int_not_equal(stage, STAGE_INITIAL);
	assert_non_null(row);
	if (!strcmp(i.name, "delete")) {
		assert_int_equal(json_kind(i.value), JSON_NULL);
		forget_row(ts, mt, row);
	} else {
		assert_string_equal(i.name, "modify");
		modify(ts, mt, row, i.value, stage == STAGE_SINCE);
	}
}

static void apply(struct model *m, const struct json_object *tables, enum stage stage)
{
	for (struct json_iter t = json_iter_begin(tables); json_iter_next(&t);) {
		const struct table_schema *ts = schema_find_table(m->schema, t.name);

		assert_non_null(ts);
		assert_true(json_get_length(t.value) > 0);
		for (struct json_iter r = json_iter_begin(t.value); json_iter_next(&r);) {
			if (m->method == MONITOR_PLAIN)
				apply_plain(ts, &m->tables[ts->index], r.name, r.value);
			else
				apply_cond(ts, &m->tables[ts->index], r.name, r.value,
					   stage);
		}
	}
}

static struct json_object *parse_buffer(struct buffer *b)
{
	struct json_object *json;

	expect_ok(json_parse(b->data, b->n, &json));
	buffer_clear(b);
	return json;
}

static void set_last(struct model *m, const struct json_object *id)
{
	assert_true(uuid_parse(json_get_string(id), &m->last));
}

/* --- what it does --- */

static struct json_object *where_json(const struct model_table *mt)
{
	struct json_object *where = json_array();

	for (size_t i = 0; i < mt->n_where; i++)
		json_add(where, parse(mt->where[i]));
	return where;
}

static struct json_object *columns_json(const struct table_schema *ts,
					unsigned int columns)
{
	struct json_object *json = json_array();

	for (size_t i = 0; i < ts->n_columns; i++)
		if (columns & 1u << i)
			json_add(json, json_string(ts->columns[i].name));
	return json;
}

static struct json_object *requests_json(const struct model *m, bool is_change)
{
	struct json_object *requests = json_object();

	for (size_t i = 0; i < m->schema->n_tables; i++) {
		const struct table_schema *ts = &m->schema->tables[i];
		struct json_object *request;

		if (!m->tables[i].columns)
			continue;
		request = json_object();
		if (!is_change)
			json_put(request, "columns",
				 columns_json(ts, m->tables[i].columns));
		if (m->method != MONITOR_PLAIN)
			json_put(request, "where", where_json(&m->tables[i]));
		json_put(requests, ts->name, request);
	}
	return requests;
}

static struct json_object *next_id(struct model *m)
{
	return json_integer(++m->id);
}

static bool take_since(struct model *m, const struct json_object *reply)
{
	bool found = json_get_boolean(json_at(reply, 0));

	set_last(m, json_at(reply, 1));
	if (!found)
		forget_rows(m);
	apply(m, json_at(reply, 2), found ? STAGE_SINCE : STAGE_INITIAL);
	return found;
}

bool model_connect(struct model *m, struct monitor_set *set)
{
	CLEANUP(json_freep) struct json_object *requests = requests_json(m, false);
	CLEANUP(json_freep) struct json_object *id = next_id(m);
	CLEANUP(json_freep) struct json_object *reply = NULL;
	struct buffer b = {0};

	expect_ok(monitor_new(set, m->method, id, requests,
			      m->method == MONITOR_COND_SINCE ? &m->last : NULL,
			      &m->monitor));
	monitor_write_initial(m->monitor, &b);
	reply = parse_buffer(&b);
	if (m->method == MONITOR_COND_SINCE)
		return take_since(m, reply);
	forget_rows(m);
	apply(m, reply, STAGE_INITIAL);
	return false;
}

void model_disconnect(struct model *m)
{
	monitor_free(STEAL(m->monitor));
}

void model_catch_up(struct model *m)
{
	static const char *const methods[] = {"update", "update2", "update3"};
	bool is_behind = monitor_is_behind(m->monitor);
	struct json_object *message, *params;
	struct buffer b = {0};
	size_t n;

	if (!monitor_write_update(m->monitor, &b)) {
		assert_int_equal(b.n, 0);
		assert_false(monitor_is_behind(m->monitor));
		return;
	}
	assert_true(is_behind && !monitor_is_behind(m->monitor));
	message = parse_buffer(&b);
	assert_string_equal(json_get_string(json_member(message, "method")),
			    methods[m->method]);
	params = json_member(message, "params");
	n = json_get_length(params);
	assert_int_equal(n, m->method == MONITOR_COND_SINCE ? 3 : 2);
	assert_int_equal(json_get_integer(json_at(params, 0)), m->id);
	if (n == 3)
		set_last(m, json_at(params, 1));
	assert_true(json_get_length(json_at(params, n - 1)) > 0);
	apply(m, json_at(params, n - 1), STAGE_UPDATE);
	json_free(message);
	assert_false(monitor_write_update(m->monitor, &b));
}

void model_change(struct model *m)
{
	CLEANUP(json_freep) struct json_object *requests = requests_json(m, true);
	CLEANUP(json_freep) struct json_object *id = NULL;

	model_catch_up(m);
	id = next_id(m);
	expect_ok(monitor_change(m->monitor, id, requests, SIZE_MAX));
}

/* --- what it should have --- */

static struct json_object *select_rows(struct db *db, const struct table_schema *ts,
				       unsigned int columns, const char *clause)
{
	CLEANUP(json_freep) struct json_object *json = columns_json(ts, columns);
	CLEANUP(freep) char *columns_text = NULL, *text = NULL, *reply = NULL;
	struct json_object *results;

	json_add(json, json_string("_uuid"));
	columns_text = json_text(json);
	text = xasprintf("[{'op':'select','table':'%s','columns':%s,'where':[%s]}]",
			 ts->name, columns_text, clause);
	reply = transact(db, text);
	expect_ok(json_parse(reply, strlen(reply), &results));
	return results;
}

static void expect_row(const struct table_schema *ts, struct model_table *mt,
		       const struct json_object *json, unsigned int mark, size_t *n)
{
	const char *name = json_get_string(json_at(json_member(json, "_uuid"), 1));
	struct model_row *row = find_row(mt, name);

	assert_non_null(row);
	if (row->mark == mark)
		return;
	row->mark = mark;
	++*n;
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		struct datum d;

		if (!(mt->columns & 1u << i))
			continue;
		expect_ok(
			datum_from_json(&d, &c->type, json_member(json, c->name), NULL));
		assert_true(datum_equals(&d, &row->columns[i], &c->type));
		datum_clear(&d, &c->type);
	}
}

void model_check(struct model *m, struct db *db)
{
	static unsigned int mark;

	mark++;
	for (size_t i = 0; i < m->schema->n_tables; i++) {
		const struct table_schema *ts = &m->schema->tables[i];
		struct model_table *mt = &m->tables[i];
		size_t n = 0;

		for (size_t j = 0; mt->columns && (j < mt->n_where || !j); j++) {
			CLEANUP(json_freep)
			struct json_object *results = select_rows(
				db, ts, mt->columns, mt->n_where ? mt->where[j] : "");
			const struct json_object *rows =
				json_member(json_at(results, 0), "rows");

			for (size_t k = 0; k < json_get_length(rows); k++)
				expect_row(ts, mt, json_at(rows, k), mark, &n);
		}
		assert_int_equal(n, HASH_COUNT(mt->rows));
	}
}
