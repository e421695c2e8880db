/* Reads <monitor-requests> (RFC 7047 4.1.5): which tables, which columns, which kinds of
 * change. What is then told about them is monitor.c's affair. */
#include "ovsdb-lite/monitor_request.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json.h"

#include <stdlib.h>
#include <string.h>

static bool names_column(const struct monitor_column *c, const char *name)
{
	switch (c->pseudo) {
	case MONITOR_UUID:
		return !strcmp(name, "_uuid");
	case MONITOR_VERSION:
		return !strcmp(name, "_version");
	case MONITOR_REAL:
		break;
	}
	return !strcmp(name, c->schema->name);
}

static struct err *add_column(struct monitor_table *mt, const char *name,
			      unsigned int select)
{
	const struct table_schema *ts = table_schema(mt->table);
	struct monitor_column c = {.select = select};

	for (size_t i = 0; i < mt->n_columns; i++)
		if (names_column(&mt->columns[i], name))
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

/* `columns` left out: every column and _version, but not _uuid, which is the row's name
 * anyway. */
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

static struct err *parse_request(struct monitor_table *mt, const struct json_object *json)
{
	const struct json_object *columns = NULL;
	unsigned int select = MONITOR_ALL;
	struct err *e = NULL;

	if (json_kind(json) != JSON_OBJECT)
		return err_new(ERR_SYNTAX, "a monitor request must be an object");
	for (struct json_iter i = json_iter_begin(json); json_iter_next(&i) && !e;) {
		if (!strcmp(i.name, "columns"))
			columns = i.value;
		else if (!strcmp(i.name, "select"))
			e = parse_select(i.value, &select);
		else
			e = err_new(ERR_SYNTAX,
				    "a monitor request has an unknown member \"%s\"",
				    i.name);
	}
	if (e)
		return e;
	mt->select |= select;
	return add_columns(mt, columns, select);
}

static struct err *parse_table(struct db *db, const char *name,
			       const struct json_object *json,
			       struct monitor_table *tables)
{
	struct table *table = db_table(db, name);
	struct monitor_table *mt;
	struct err *e = NULL;

	if (!table)
		return err_new(ERR_SYNTAX, "No table named %s.", name);
	mt = &tables[table_schema(table)->index];
	mt->table = table;
	/* RFC 7047 wants an array; one request alone is what most clients send. */
	if (json_kind(json) != JSON_ARRAY)
		return parse_request(mt, json);
	for (size_t i = 0; i < json_get_length(json) && !e; i++)
		e = parse_request(mt, json_at(json, i));
	return e;
}

struct err *monitor_request_parse(struct db *db, const struct json_object *requests,
				  struct monitor_table *tables)
{
	struct err *e = NULL;

	if (json_kind(requests) != JSON_OBJECT)
		return err_new(ERR_SYNTAX, "monitor requests must be an object");
	for (struct json_iter i = json_iter_begin(requests); json_iter_next(&i) && !e;)
		e = parse_table(db, i.name, i.value, tables);
	if (e)
		monitor_request_clear(db, tables);
	return e;
}

void monitor_request_clear(struct db *db, struct monitor_table *tables)
{
	for (size_t i = 0; i < db_schema(db)->n_tables; i++) {
		free(tables[i].columns);
		tables[i] = (struct monitor_table){0};
	}
}
