/* What a monitor tells, applied as a client does (RFC 7047 4.1.6,
 * ovsdb-server(7) 4.1.14). What the copy should be in the end is for the targets to say.
 */
#include "copy.h"

#include "fuzz.h"

#include "ovsdb-lite/values/datum.h"

#include <stdlib.h>
#include <string.h>

void copy_clear(struct copy *c)
{
	while (c->n_rows)
		json_free(c->rows[--c->n_rows].columns);
	free(c->rows);
	c->rows = NULL;
	c->cap_rows = 0;
}

static struct copy_row *find(const struct copy *c, const struct table_schema *t,
			     const struct uuid *uuid)
{
	for (size_t i = 0; i < c->n_rows; i++) {
		if (uuid_equals(&c->rows[i].uuid, uuid) &&
		    !strcmp(c->rows[i].table->name, t->name))
			return &c->rows[i];
	}
	return NULL;
}

const struct json_object *copy_find(const struct copy *c, const struct table_schema *t,
				    const struct uuid *uuid)
{
	const struct copy_row *row = find(c, t, uuid);

	return row ? row->columns : NULL;
}

/* Takes 'columns'. */
static void add(struct copy *c, const struct table_schema *t, const struct uuid *uuid,
		struct json_object *columns)
{
	c->rows = xgrow(c->rows, c->n_rows, &c->cap_rows, sizeof(c->rows[0]));
	c->rows[c->n_rows++] = (struct copy_row){t, *uuid, columns};
}

static void drop(struct copy *c, struct copy_row *row)
{
	json_free(row->columns);
	*row = c->rows[--c->n_rows];
}

/* Every member of 'some' is in 'all', with the same value or, all of them, with another.
 */
static void check_members(const struct json_object *some, const struct json_object *all,
			  bool are_equal)
{
	for (struct json_iter i = json_iter_begin(some); json_iter_next(&i);) {
		const struct json_object *value = json_member(all, i.name);

		LAW(value && json_equals(value, i.value) == are_equal);
	}
}

static void apply_plain(struct copy *c, const struct table_schema *t,
			const struct uuid *uuid, const struct json_object *update)
{
	const struct json_object *old = json_member(update, "old");
	const struct json_object *new = json_member(update, "new");
	struct copy_row *row = find(c, t, uuid);

	LAW((row != NULL) == (old != NULL));
	LAW(json_get_length(update) == (size_t)(!!old + !!new));
	if (!row) {
		LAW(new);
		add(c, t, uuid, json_clone(new));
		return;
	}
	/* The old values are those that the client has: all of a deleted row, else those
	 * that change. */
	check_members(old, row->columns, true);
	if (!new) {
		LAW(json_get_length(old) == json_get_length(row->columns));
		drop(c, row);
		return;
	}
	LAW(json_get_length(old));
	check_members(old, new, false);
	LAW(json_get_length(new) == json_get_length(row->columns));
	for (struct json_iter i = json_iter_begin(new); json_iter_next(&i);)
		LAW(json_member(old, i.name) ||
		    json_equals(i.value, json_member(row->columns, i.name)));
	json_free(row->columns);
	row->columns = json_clone(new);
}

/* The value that 'diff' makes of 'old'. Owned by the caller. */
static struct json_object *changed(const struct copy *c, const struct table_schema *t,
				   const char *name, const struct json_object *old,
				   const struct json_object *diff)
{
	const struct column_schema *column = table_schema_find(t, name);
	struct json_object *json;
	struct datum d, difference;

	if (!column) /* _version */
		return json_clone(diff);
	fuzz_must(datum_from_json(&d, &column->type, old, NULL));
	fuzz_must(datum_from_json_any_count(&difference, &column->type, diff, NULL));
	fuzz_must(datum_apply_diff(&d, &difference, &column->type));
	json = datum_to_json(&d, &column->type);
	LAW(!json_equals(json, old) || (c->is_resumed && column->ephemeral));
	datum_clear(&d, &column->type);
	datum_clear(&difference, &column->type);
	return json;
}

static struct json_object *modified(const struct copy *c, const struct copy_row *row,
				    const struct json_object *diff)
{
	struct json_object *columns = json_object();

	LAW(json_get_length(diff));
	for (struct json_iter i = json_iter_begin(diff); json_iter_next(&i);)
		LAW(json_member(row->columns, i.name));
	for (struct json_iter i = json_iter_begin(row->columns); json_iter_next(&i);) {
		const struct json_object *d = json_member(diff, i.name);

		json_put(columns, i.name,
			 d ? changed(c, row->table, i.name, i.value, d)
			   : json_clone(i.value));
	}
	return columns;
}

/* What is left out has its default, whether it is monitored or not. Owned by the caller.
 */
static struct json_object *with_defaults(const struct table_schema *t,
					 const struct json_object *given)
{
	struct json_object *columns = json_object();

	for (struct json_iter i = json_iter_begin(given); json_iter_next(&i);)
		json_put(columns, i.name, json_clone(i.value));
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column_schema *c = &t->columns[i];
		const struct json_object *value = json_member(given, c->name);
		struct json_object *if_missing;
		struct datum d;

		datum_init_default(&d, &c->type);
		if_missing = datum_to_json(&d, &c->type);
		datum_clear(&d, &c->type);
		LAW(!value || !json_equals(value, if_missing));
		if (value)
			json_free(if_missing);
		else
			json_put(columns, c->name, if_missing);
	}
	return columns;
}

static void apply_cond(struct copy *c, const struct table_schema *t,
		       const struct uuid *uuid, const struct json_object *update,
		       bool is_first)
{
	struct json_iter i = json_iter_begin(update);
	struct copy_row *row = find(c, t, uuid);

	LAW(json_get_length(update) == 1 && json_iter_next(&i));
	if (!strcmp(i.name, is_first ? "initial" : "insert")) {
		LAW(!row);
		add(c, t, uuid, with_defaults(t, i.value));
	} else if (!strcmp(i.name, "modify")) {
		struct json_object *columns;

		LAW(row);
		columns = modified(c, row, i.value);
		json_free(row->columns);
		row->columns = columns;
	} else {
		LAW(!strcmp(i.name, "delete") && json_kind(i.value) == JSON_NULL && row);
		drop(c, row);
	}
}

void copy_apply(struct copy *c, const struct json_object *updates, bool is_first)
{
	for (struct json_iter i = json_iter_begin(updates); json_iter_next(&i);) {
		const struct table_schema *t = schema_find_table(c->schema, i.name);

		LAW(t && json_get_length(i.value));
		for (struct json_iter k = json_iter_begin(i.value); json_iter_next(&k);) {
			struct uuid uuid;

			LAW(uuid_parse(k.name, &uuid));
			if (c->is_plain)
				apply_plain(c, t, &uuid, k.value);
			else
				apply_cond(c, t, &uuid, k.value, is_first);
		}
	}
}
