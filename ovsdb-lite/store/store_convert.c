/* Replaces the tables of a file by those of another schema, empty, in a transaction that
 * the caller fills and ends. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/store/store_history.h"

#include <assert.h>
#include <stdlib.h>

static struct err *drop_tables(struct store *s)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < s->schema->n_tables; i++) {
		CLEANUP(freep)
		char *sql = xasprintf("DROP TABLE %s", s->tables[i].sql_name);

		if (schema_stores_table(s->schema, &s->schema->tables[i]))
			e = store_run(s, sql);
	}
	return e;
}

static struct err *replace_tables(struct store *s, struct schema *schema)
{
	CLEANUP(freep)
	char *comment =
		xasprintf("converted from schema version %s to %s",
			  schema_version_text(s->schema), schema_version_text(schema));
	struct err *e = drop_tables(s);

	assert(!s->old_schema && !s->old_tables && schema != s->schema);
	if (!e)
		e = schema_extends(schema, s->schema) ? store_history_mark(s, comment)
						      : store_history_clear(s, comment);
	if (e)
		return e;
	s->old_schema = s->schema;
	s->old_tables = s->tables;
	s->schema = schema;
	store_tables_init(s);
	e = store_make_tables(s);
	return e ? e : store_write_schema(s);
}

struct err *store_convert_begin(struct store *s, struct schema *schema)
{
	struct err *e = store_begin(s);

	if (e)
		return e;
	e = replace_tables(s, schema);
	if (e)
		store_convert_rollback(s);
	return e;
}

void store_convert_rollback(struct store *s)
{
	store_rollback(s);
	if (!s->old_schema)
		return;
	assert(s->old_tables);
	store_tables_clear(s);
	s->schema = STEAL(s->old_schema);
	s->tables = STEAL(s->old_tables);
}

struct err *store_convert_commit(struct store *s, struct schema **ret_old)
{
	struct schema *schema = s->schema;
	struct store_table *tables = s->tables;
	struct err *e;

	assert(s->old_schema && s->old_tables);
	e = store_commit(s);
	if (e) {
		store_convert_rollback(s);
		return e;
	}
	/* store_tables_clear() needs the schema of the tables that it clears. */
	s->schema = STEAL(s->old_schema);
	s->tables = STEAL(s->old_tables);
	store_tables_clear(s);
	*ret_old = s->schema;
	s->schema = schema;
	s->tables = tables;
	return NULL;
}
