/* Finding the rows of a `where`, and making objects of their columns, for exec_ops.c and
 * exec_wait.c.
 *
 * A `where` with a row's _uuid, or with all columns of an index, is a look-up and reads no
 * other row. */
#include "ovsdb-lite/exec/exec_private.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

struct err *exec_unknown_name(const struct exec *x, const struct json_object *operation,
			      const char *what, const char *name)
{
	return json_syntax_error(operation,
				 "Parsing ovsdb operation %zu of %zu failed: %s %s", x->i,
				 x->n, what, name);
}

struct table *exec_take_table(struct exec *x, struct json_fields *f)
{
	const struct json_object *name =
		json_fields_take(f, "table", JSON_MASK(JSON_STRING));
	struct table *table =
		name ? db_table(x->request->db, json_get_string(name)) : NULL;

	if (name && !table && !f->error)
		f->error = exec_unknown_name(x, f->object, "No table named",
					     json_get_string(name));
	return table;
}

static const struct datum *read_column(const void *txn, const struct row *r,
				       const struct column_schema *c)
{
	return txn_get(txn, r, c);
}

/* A search in progress. */
struct search {
	struct exec *exec;
	struct table *table;
	const struct condition *condition;
	struct exec_rows *found;
	bool is_exhausted;
};

/* In units of exec_work.c: reading a row, reading a clause, and each row of a table at
 * most in the first pass over it. */
#define UNITS_ROW     2
#define UNITS_CLAUSE  30
#define PASS_ROW_MOST 16

static void add_if_matching(void *aux, struct row *r)
{
	struct search *s = aux;
	struct exec_rows *found = s->found;
	uint64_t units = UNITS_ROW;
	bool matches;

	if (!r || s->is_exhausted)
		return;
	matches = condition_matches_all_counted(s->condition, r, read_column,
						s->exec->txn, &units);
	s->is_exhausted = !exec_spend_in_pass(s->exec, units, PASS_ROW_MOST);
	if (!matches)
		return;
	found->rows = xgrow(found->rows, found->n, &found->cap, sizeof(found->rows[0]));
	found->rows[found->n++] = r;
}

/* Looks the rows up if the clauses give all columns of index number 'i'; false if they do
 * not. */
static bool search_index(struct search *s, size_t i)
{
	const struct index_schema *x = &table_schema(s->table)->indexes[i];
	CLEANUP(freep) const struct datum **key = xcalloc(x->n_columns, sizeof(*key));

	for (size_t j = 0; j < x->n_columns; j++) {
		key[j] = condition_equal_value(s->condition, x->columns[j]);
		if (!key[j])
			return false;
	}
	txn_for_each_by_index(s->exec->txn, s->table, i, key, add_if_matching, s);
	return true;
}

static void search_all(struct search *s)
{
	const struct txn *t = s->exec->txn;
	/* Rows that the transaction deleted are skipped. */
	size_t n = txn_scan_length(t, s->table);

	exec_work_begin_pass(s->exec, s->table);
	s->is_exhausted = !exec_spend_in_pass(s->exec, n, n);
	TXN_FOR_EACH_ROW (r, t, s->table) {
		if (s->is_exhausted)
			return;
		add_if_matching(s, r);
	}
}

static void search(struct search *s)
{
	const struct uuid *uuid = condition_uuid(s->condition);

	if (uuid) {
		add_if_matching(s, txn_find(s->exec->txn, s->table, uuid));
		return;
	}
	for (size_t i = 0; i < table_schema(s->table)->n_indexes; i++) {
		if (search_index(s, i))
			return;
	}
	search_all(s);
}

struct err *exec_find_rows(struct exec *x, struct table *table,
			   const struct json_object *where, struct exec_rows *ret_rows)
{
	struct condition *condition;
	struct exec_rows found = {0};
	struct search s = {.exec = x, .table = table, .found = &found};
	struct err *e;

	if (!exec_spend(x, json_get_length(where) * UNITS_CLAUSE))
		return exec_work_exhausted(x);
	e = condition_from_json(table_schema(table), where, x->names, &condition);
	if (e)
		return e;
	s.condition = condition;
	search(&s);
	condition_free(condition);
	if (s.is_exhausted || txn_is_exhausted(x->txn)) {
		exec_rows_clear(&found);
		return exec_work_exhausted(x);
	}
	*ret_rows = found;
	return NULL;
}

void exec_rows_clear(struct exec_rows *rows)
{
	free(rows->rows);
}

static struct err *not_a_column(const struct json_object *columns,
				const struct json_object *name)
{
	CLEANUP(freep) char *text = json_text(name);

	return json_syntax_error(columns, "%s is not a valid column name", text);
}

static struct err *add_column(const struct table_schema *ts,
			      const struct json_object *columns,
			      const struct json_object *name, struct projection *p)
{
	const char *text = json_kind(name) == JSON_STRING ? json_get_string(name) : NULL;
	const struct column_schema *c = text ? table_schema_find(ts, text) : NULL;
	bool *internal = !text                       ? NULL
			 : !strcmp(text, "_uuid")    ? &p->has_uuid
			 : !strcmp(text, "_version") ? &p->has_version
						     : NULL;
	bool is_repeated = internal && *internal;

	if (!c && !internal)
		return not_a_column(columns, name);
	for (size_t i = 0; c && i < p->n; i++)
		is_repeated |= p->columns[i] == c;
	if (is_repeated)
		return json_syntax_error(columns, "column %s is there twice", text);
	if (internal)
		*internal = true;
	else
		p->columns[p->n++] = c;
	return NULL;
}

struct err *projection_from_json(const struct table_schema *ts,
				 const struct json_object *json, bool with_internal,
				 struct projection *ret_projection)
{
	struct projection p = {.columns = xcalloc(ts->n_columns + 1, sizeof(*p.columns))};
	struct err *e = NULL;

	if (!json) {
		p.has_uuid = p.has_version = with_internal;
		for (; p.n < ts->n_columns; p.n++)
			p.columns[p.n] = &ts->columns[p.n];
	}
	for (size_t i = 0; !e && json && i < json_get_length(json); i++)
		e = add_column(ts, json, json_at(json, i), &p);
	if (e)
		projection_clear(&p);
	else
		*ret_projection = p;
	return e;
}

void projection_clear(struct projection *p)
{
	free(p->columns);
}

/* What SQL would call an anonymous column: exactly one UUID. */
static const struct column_type uuid_type = {
	.key = {.type = ATOM_UUID},
	.n_min = 1,
	.n_max = 1,
};

static struct json_object *uuid_to_json(const struct uuid *uuid)
{
	const union atom atom = {.uuid = *uuid};

	return datum_atom_to_json(&atom, ATOM_UUID);
}

/* To make an object of a row, to write it out and to free it, in units of exec_work.c. */
#define UNITS_SHOW_ROW  60
#define UNITS_SHOW_CELL 100
#define UNITS_SHOW_ATOM 10

struct err *projection_read(const struct projection *p, struct exec *x,
			    const struct row *r, struct json_object **ret_row)
{
	struct json_object *json = json_object();
	uint64_t units = UNITS_SHOW_ROW + p->n * UNITS_SHOW_CELL;

	if (p->has_uuid)
		json_put(json, "_uuid", uuid_to_json(row_uuid(r)));
	if (p->has_version)
		json_put(json, "_version", uuid_to_json(row_version(r)));
	for (size_t i = 0; i < p->n; i++) {
		const struct column_schema *c = p->columns[i];
		const struct datum *value = txn_get(x->txn, r, c);

		units += UNITS_SHOW_ATOM * datum_weight(value, &c->type);
		json_put(json, c->name, datum_to_json(value, &c->type));
	}
	if (!exec_spend_in_pass(x, units, units)) {
		json_free(json);
		return exec_work_exhausted(x);
	}
	*ret_row = json;
	return NULL;
}

/* The member 'name' of 'row', or the type's default, in its normal form as member of
 * 'normal'. */
static struct err *normalise_value(const char *name, const struct column_type *type,
				   const struct json_object *row,
				   struct named_uuids *names, struct json_object *normal)
{
	const struct json_object *value = json_member(row, name);
	struct datum d;
	struct err *e = NULL;

	if (value)
		e = datum_from_json(&d, type, value, names);
	else
		datum_init_default(&d, type);
	if (e)
		return e;
	json_put(normal, name, datum_to_json(&d, type));
	datum_clear(&d, type);
	return NULL;
}

static bool is_shown(const struct projection *p, const struct column_schema *c,
		     const char *name)
{
	if (!c)
		return strcmp(name, "_uuid") != 0 ? p->has_version : p->has_uuid;
	for (size_t i = 0; i < p->n; i++) {
		if (p->columns[i] == c)
			return true;
	}
	return false;
}

static struct err *check_member(const struct projection *p, const struct table_schema *ts,
				const struct json_object *row, const struct json_iter *i,
				struct named_uuids *names)
{
	const struct column_schema *c = table_schema_find(ts, i->name);
	const struct column_type *type = c ? &c->type : &uuid_type;
	struct datum unused;
	struct err *e;

	if (!c && strcmp(i->name, "_uuid") != 0 && strcmp(i->name, "_version") != 0)
		return json_at_error(err_new(ERR_UNKNOWN_COLUMN,
					     "No column %s in table %s.", i->name,
					     ts->name),
				     row);
	if (is_shown(p, c, i->name))
		return NULL;
	e = datum_from_json(&unused, type, i->value, names);
	if (!e)
		datum_clear(&unused, type);
	return e;
}

/* The members that normalise_value() does not read: those that are no column of the table,
 * or not one of 'p'. */
static struct err *check_row(const struct projection *p, const struct table_schema *ts,
			     const struct json_object *row, struct named_uuids *names)
{
	struct err *e = NULL;

	if (json_kind(row) != JSON_OBJECT)
		return json_syntax_error(row, "a row must be an object");
	for (struct json_iter i = json_iter_begin(row); !e && json_iter_next(&i);)
		e = check_member(p, ts, row, &i, names);
	return e;
}

struct err *projection_normalise(const struct projection *p,
				 const struct table_schema *ts,
				 const struct json_object *row, struct named_uuids *names,
				 struct json_object **ret_row)
{
	struct json_object *normal = json_object();
	struct err *e = check_row(p, ts, row, names);

	if (!e && p->has_uuid)
		e = normalise_value("_uuid", &uuid_type, row, names, normal);
	if (!e && p->has_version)
		e = normalise_value("_version", &uuid_type, row, names, normal);
	for (size_t i = 0; !e && i < p->n; i++)
		e = normalise_value(p->columns[i]->name, &p->columns[i]->type, row, names,
				    normal);
	if (e)
		json_free(normal);
	else
		*ret_row = normal;
	return e;
}

struct exec_set {
	struct json_set_member {
		char *text;
		UT_hash_handle hh;
	} * members;
};

struct exec_set *exec_set_new(void)
{
	return xcalloc(1, sizeof(struct exec_set));
}

void exec_set_free(struct exec_set *s)
{
	struct json_set_member *m, *next;

	HASH_ITER (hh, s->members, m, next) {
		HASH_DEL(s->members, m);
		free(m->text);
		free(m);
	}
	free(s);
}

bool exec_set_add(struct exec_set *s, const struct json_object *v)
{
	char *text = json_text(v);
	struct json_set_member *m;

	HASH_FIND_STR(s->members, text, m);
	if (m) {
		free(text);
		return false;
	}
	m = xcalloc(1, sizeof(*m));
	m->text = text;
	HASH_ADD_KEYPTR(hh, s->members, m->text, strlen(m->text), m);
	return true;
}

bool exec_set_has(const struct exec_set *s, const struct json_object *v)
{
	CLEANUP(freep) char *text = json_text(v);
	struct json_set_member *m;

	HASH_FIND_STR(s->members, text, m);
	return m != NULL;
}

size_t exec_set_count(const struct exec_set *s)
{
	return HASH_COUNT(s->members);
}
