/* Reads the request of a monitor: which tables, columns, kinds of change, and rows. */
#include "ovsdb-lite/monitor/monitor_request.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_write.h"

#include <stdlib.h>
#include <string.h>

const char *monitor_column_name(const struct monitor_column *c)
{
	switch (c->pseudo) {
	case MONITOR_UUID:
		return "_uuid";
	case MONITOR_VERSION:
		return "_version";
	case MONITOR_REAL:
		break;
	}
	return c->schema->name;
}

static struct err *add_column(struct monitor_table *mt, const char *name,
			      unsigned int select)
{
	const struct table_schema *ts = table_schema(mt->table);
	struct monitor_column c = {.select = select};

	for (size_t i = 0; i < mt->n_columns; i++)
		if (!strcmp(monitor_column_name(&mt->columns[i]), name))
			return err_new(
				ERR_SYNTAX,
				"column %s of table %s is asked for more than once", name,
				ts->name);
	if (!strcmp(name, "_uuid"))
		c.pseudo = MONITOR_UUID;
	else if (!strcmp(name, "_version"))
		c.pseudo = MONITOR_VERSION;
	else
		c.schema = table_schema_find(ts, name);
	if (c.pseudo == MONITOR_REAL && !c.schema)
		return err_new(ERR_SYNTAX, "%s is not a column of table %s", name,
			       ts->name);
	mt->columns = xrealloc_array(mt->columns, mt->n_columns + 1, sizeof(c));
	mt->columns[mt->n_columns++] = c;
	return NULL;
}

/* Without `columns`: every column and _version, but not _uuid, which names the row in an
 * update anyway. */
static struct err *add_all_columns(struct monitor_table *mt, unsigned int select)
{
	const struct table_schema *ts = table_schema(mt->table);
	struct err *e = NULL;

	for (size_t i = 0; i < ts->n_columns && !e; i++)
		e = add_column(mt, ts->columns[i].name, select);
	return e ? e : add_column(mt, "_version", select);
}

static struct err *add_columns(struct monitor_table *mt,
			       const struct json_object *columns, unsigned int select)
{
	if (!columns)
		return add_all_columns(mt, select);
	if (json_kind(columns) != JSON_ARRAY)
		return err_new(ERR_SYNTAX,
			       "\"columns\" must be an array of column names");
	for (size_t i = 0; i < json_get_length(columns); i++) {
		const struct json_object *name = json_at(columns, i);
		struct err *e;

		if (json_kind(name) != JSON_STRING)
			return err_new(ERR_SYNTAX,
				       "\"columns\" must be an array of column names");
		e = add_column(mt, json_get_string(name), select);
		if (e)
			return e;
	}
	return NULL;
}

static struct err *parse_select(const struct json_object *json, unsigned int *ret_select)
{
	static const struct {
		const char *name;
		enum monitor_select bit;
	} words[] = {
		{"initial", MONITOR_INITIAL},
		{"insert", MONITOR_INSERT},
		{"delete", MONITOR_DELETE},
		{"modify", MONITOR_MODIFY},
	};
	unsigned int select = MONITOR_ALL;

	if (json_kind(json) != JSON_OBJECT)
		return err_new(ERR_SYNTAX, "\"select\" must be an object");
	for (struct json_iter i = json_iter_begin(json); json_iter_next(&i);) {
		size_t w = 0;

		while (w < ARRAY_SIZE(words) && strcmp(words[w].name, i.name))
			w++;
		if (w == ARRAY_SIZE(words))
			return err_new(ERR_SYNTAX,
				       "\"select\" has an unknown member \"%s\"", i.name);
		if (json_kind(i.value) != JSON_BOOLEAN)
			return err_new(ERR_SYNTAX,
				       "\"%s\" of \"select\" must be true or false",
				       i.name);
		if (!json_get_boolean(i.value))
			select &= ~(unsigned int)words[w].bit;
	}
	*ret_select = select;
	return NULL;
}

/* Several requests for a table: a row is monitored if one of them includes it. An empty
 * 'where' includes every row, as does none at all. */
static struct err *add_where(struct json_object *all, const struct json_object *where)
{
	if (where && json_kind(where) != JSON_ARRAY)
		return err_new(ERR_SYNTAX, "\"where\" must be an array of conditions");
	if (!where || !json_get_length(where))
		json_add(all, json_boolean(true));
	for (size_t i = 0; where && i < json_get_length(where); i++)
		json_add(all, json_clone(json_at(where, i)));
	return NULL;
}

static struct err *parse_request(const struct monitor_request *r,
				 struct monitor_table *mt, const struct json_object *json,
				 struct json_object *wheres)
{
	const struct json_object *columns = NULL, *where = NULL;
	unsigned int select = MONITOR_ALL;
	struct err *e = NULL;

	if (json_kind(json) != JSON_OBJECT)
		return err_new(ERR_SYNTAX, "a monitor request must be an object");
	for (struct json_iter i = json_iter_begin(json); json_iter_next(&i) && !e;) {
		if (!strcmp(i.name, "columns"))
			columns = i.value;
		else if (!strcmp(i.name, "select"))
			e = parse_select(i.value, &select);
		else if (!strcmp(i.name, "where") && !r->is_plain)
			where = i.value;
		else
			e = err_new(ERR_SYNTAX,
				    "a monitor request has an unknown member \"%s\"",
				    i.name);
	}
	if (e)
		return e;
	mt->select |= select;
	e = add_columns(mt, columns, select);
	return e ? e : add_where(wheres, where);
}

/* Of monitor_cond_change. */
static struct err *parse_change(const struct monitor_request *r, struct monitor_table *mt,
				const struct json_object *json,
				struct json_object *wheres)
{
	const struct json_object *where = NULL;

	(void)r;
	(void)mt;
	if (json_kind(json) != JSON_OBJECT)
		return err_new(ERR_SYNTAX, "a change of conditions must be an object");
	for (struct json_iter i = json_iter_begin(json); json_iter_next(&i);) {
		if (!strcmp(i.name, "columns"))
			return err_hint(
				err_new(ERR_SYNTAX, "changing columns is unsupported"),
				"cancel the monitor and begin another");
		if (strcmp(i.name, "where"))
			return err_new(
				ERR_SYNTAX,
				"a change of conditions has an unknown member \"%s\"",
				i.name);
		where = i.value;
	}
	return add_where(wheres, where);
}

struct clause_text {
	char *text;
	struct json_object *json; /* borrowed */
};

static int compare_clauses(const void *a, const void *b)
{
	const struct clause_text *ca = a, *cb = b;

	return strcmp(ca->text, cb->text);
}

/* Each clause once, in an order that does not depend on the client's; NULL if one is
 * `true`, which includes every row. They are copies: the rest of their messages need not
 * live as long as the monitor. */
static struct json_object *normal_where(const struct json_object *wheres)
{
	size_t n = json_get_length(wheres);
	struct clause_text *clauses = xcalloc(n, sizeof(*clauses));
	struct json_object *normal = json_array();
	bool is_all = !n;

	for (size_t i = 0; i < n; i++) {
		clauses[i].json = json_at(wheres, i);
		clauses[i].text = json_text(clauses[i].json);
		if (!strcmp(clauses[i].text, "true"))
			is_all = true;
	}
	qsort(clauses, n, sizeof(*clauses), compare_clauses);
	for (size_t i = 0; i < n; i++)
		if (!i || strcmp(clauses[i].text, clauses[i - 1].text))
			json_add(normal, json_copy(clauses[i].json));
	for (size_t i = 0; i < n; i++)
		free(clauses[i].text);
	free(clauses);
	if (!is_all)
		return normal;
	json_free(normal);
	return NULL;
}

static void note_fleeting(struct monitor_table *mt, const struct json_object *clause)
{
	const struct column_schema *c;
	const char *name;

	if (json_kind(clause) != JSON_ARRAY)
		return;
	name = json_get_string(json_at(clause, 0));
	c = table_schema_find(table_schema(mt->table), name);
	if (c && c->ephemeral)
		mt->asks_for_ephemeral = true;
	if (!strcmp(name, "_version"))
		mt->asks_for_version = true;
}

/* Evaluations of clauses that no hash answers, for all rows of a table together: 50 ms. A
 * few for each row are not limited: to send the row costs more. */
#define MAX_ASKED     5000000
#define MAX_ASKED_ROW 32

static struct err *check_cost(const struct monitor_table *mt, const struct condition *c)
{
	size_t n = condition_n_scanned(c);

	if (n <= MAX_ASKED_ROW || n * table_count(mt->table) <= MAX_ASKED)
		return NULL;
	return err_hint(err_new(ERR_RESOURCES,
				"%zu conditions on %zu rows of table %s are more than "
				"others can wait for",
				n, table_count(mt->table), table_schema(mt->table)->name),
			"ask for `==`, or for `includes` of one element: any number of "
			"these is one look-up");
}

/* All of 'wheres' is parsed, so that an error is found beside a `true`, too. */
static struct err *set_condition(struct monitor_table *mt,
				 const struct json_object *wheres)
{
	struct condition *c;
	struct err *e = condition_from_json(table_schema(mt->table), wheres, NULL, &c);

	if (e)
		return e;
	e = check_cost(mt, c);
	if (e) {
		condition_free(c);
		return e;
	}
	json_free(mt->where);
	condition_free(STEAL(mt->condition));
	mt->asks_for_version = mt->asks_for_ephemeral = false;
	mt->where = normal_where(wheres);
	if (!mt->where) {
		condition_free(c);
		return NULL;
	}
	mt->condition = c;
	for (size_t i = 0; i < json_get_length(mt->where); i++)
		note_fleeting(mt, json_at(mt->where, i));
	return NULL;
}

typedef struct err *parse_fn(const struct monitor_request *r, struct monitor_table *mt,
			     const struct json_object *json, struct json_object *wheres);

/* RFC 7047 4.1.5 has an array; most clients send one request alone. */
static struct err *parse_table(const struct monitor_request *r, struct monitor_table *mt,
			       const struct json_object *json, parse_fn *parse)
{
	CLEANUP(json_freep) struct json_object *wheres = json_array();
	struct err *e = NULL;

	if (json_kind(json) != JSON_ARRAY)
		e = parse(r, mt, json, wheres);
	else
		for (size_t i = 0; i < json_get_length(json) && !e; i++)
			e = parse(r, mt, json_at(json, i), wheres);
	return e ? e : set_condition(mt, wheres);
}

static struct monitor_request *request_new(struct db *db, bool is_plain)
{
	struct monitor_request *r = xcalloc(1, sizeof(*r));

	r->db = db;
	r->is_plain = is_plain;
	r->tables = xcalloc(db_schema(db)->n_tables + 1, sizeof(*r->tables));
	return r;
}

void monitor_request_free(struct monitor_request *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < db_schema(r->db)->n_tables; i++) {
		free(r->tables[i].columns);
		json_free(r->tables[i].where);
		condition_free(r->tables[i].condition);
	}
	free(r->tables);
	free(r);
}

/* {TABLE: requests}; with 'is_change' conditions of tables that are monitored already. */
static struct err *parse_tables(struct monitor_request *r, const struct json_object *json,
				bool is_change)
{
	struct err *e = NULL;

	if (json_kind(json) != JSON_OBJECT)
		return err_new(ERR_SYNTAX, "%s must be an object",
			       is_change ? "changes of conditions" : "monitor requests");
	for (struct json_iter i = json_iter_begin(json); !e && json_iter_next(&i);) {
		struct table *table = db_table(r->db, i.name);
		struct monitor_table *mt;

		if (!table)
			return err_new(ERR_SYNTAX, "No table named %s.", i.name);
		mt = &r->tables[table_schema(table)->index];
		if (is_change && !mt->table)
			return err_new(ERR_SYNTAX, "table %s is not monitored", i.name);
		if (is_change && json_kind(i.value) == JSON_ARRAY &&
		    !json_get_length(i.value))
			continue; /* nothing to change */
		mt->table = table;
		e = parse_table(r, mt, i.value, is_change ? parse_change : parse_request);
	}
	return e;
}

struct err *monitor_request_parse(struct db *db, bool is_plain,
				  const struct json_object *requests,
				  struct monitor_request **ret_request)
{
	struct monitor_request *r = request_new(db, is_plain);
	struct err *e = parse_tables(r, requests, false);

	if (e)
		monitor_request_free(r);
	else
		*ret_request = r;
	return e;
}

static struct err *copy_table(struct monitor_table *to, const struct monitor_table *from)
{
	to->table = from->table;
	to->select = from->select;
	to->n_columns = from->n_columns;
	if (from->n_columns)
		to->columns =
			xmemdup(from->columns, from->n_columns * sizeof(*from->columns));
	return from->where ? set_condition(to, from->where) : NULL;
}

struct err *monitor_request_change(const struct monitor_request *old,
				   const struct json_object *changes,
				   struct monitor_request **ret_request)
{
	struct monitor_request *r = request_new(old->db, old->is_plain);
	struct err *e = NULL;

	for (size_t i = 0; i < db_schema(old->db)->n_tables && !e; i++)
		e = copy_table(&r->tables[i], &old->tables[i]);
	if (!e)
		e = parse_tables(r, changes, true);
	if (e)
		monitor_request_free(r);
	else
		*ret_request = r;
	return e;
}

size_t monitor_request_n_scanned(const struct monitor_request *r)
{
	size_t n = 0;

	for (size_t i = 0; i < db_schema(r->db)->n_tables; i++) {
		if (r->tables[i].condition)
			n += condition_n_scanned(r->tables[i].condition);
	}
	return n;
}

char *monitor_request_key(const struct monitor_request *r)
{
	struct buffer b = {0};

	json_write_integer(&b, r->is_plain);
	for (size_t i = 0; i < db_schema(r->db)->n_tables; i++) {
		const struct monitor_table *mt = &r->tables[i];

		if (!mt->table)
			continue;
		buffer_putc(&b, ' ');
		buffer_puts(&b, table_schema(mt->table)->name);
		json_write_integer(&b, mt->select);
		for (size_t j = 0; j < mt->n_columns; j++) {
			buffer_putc(&b, ',');
			buffer_puts(&b, monitor_column_name(&mt->columns[j]));
			buffer_putc(&b, ':');
			json_write_integer(&b, mt->columns[j].select);
		}
		if (mt->where)
			json_write(&b, mt->where);
	}
	return buffer_take(&b);
}

bool monitor_table_wants(const struct monitor_table *mt, const struct row *r)
{
	return !mt->condition || condition_matches_any(mt->condition, r, NULL, NULL);
}
