/* Prints the rows of a database file. Ephemeral columns are not in the file. */
#include "ovsdb-lite/program/dump.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *atom_text(struct arena *a, const union atom *atom, enum atom_type type)
{
	char *text;

	switch (type) {
	case ATOM_INTEGER:
		return arena_printf(a, "%" PRId64, atom->integer);
	case ATOM_REAL:
		return arena_printf(a, "%.15g", atom->real);
	case ATOM_BOOLEAN:
		return atom->boolean ? "true" : "false";
	case ATOM_STRING:
		return atom->string;
	case ATOM_UUID:
		text = arena_alloc(a, UUID_TEXT_BYTES);
		uuid_format(&atom->uuid, text);
		return text;
	}
	return "";
}

/* One value plain; several as [a, b]; maps as {k=v, l=w}; none as []. */
static const char *value_text(struct arena *a, const struct datum *d,
			      const struct column_type *t)
{
	const union atom *keys = datum_keys(d), *values = datum_values(d);
	CLEANUP(freep) char *text = NULL;
	size_t n_bytes;
	FILE *out;

	if (d->n == 1 && !t->is_map)
		return atom_text(a, keys, t->key.type);
	out = open_memstream(&text, &n_bytes);
	if (!out)
		abort(); /* lib/alloc.h: memory */
	fputc(t->is_map ? '{' : '[', out);
	for (uint32_t i = 0; i < d->n; i++) {
		fprintf(out, "%s%s", i ? ", " : "", atom_text(a, &keys[i], t->key.type));
		if (t->is_map)
			fprintf(out, "=%s", atom_text(a, &values[i], t->value.type));
	}
	fputc(t->is_map ? '}' : ']', out);
	fclose(out);
	return arena_strdup(a, text);
}

struct grid {
	struct arena *arena;
	size_t n_columns, n_rows;
	const char ***rows; /* rows[0] is the heading */
};

/* By all columns but the UUID, which is random. */
static int compare_rows(const void *a, const void *b, void *aux)
{
	const char **const *left = a, **const *right = b;
	const struct grid *g = aux;

	for (size_t i = 1; i < g->n_columns; i++) {
		int c = strcmp((*left)[i], (*right)[i]);

		if (c)
			return c;
	}
	return strcmp((*left)[0], (*right)[0]);
}

static void fill_grid(struct grid *g, const struct table *t)
{
	const struct table_schema *ts = table_schema(t);
	size_t r_index = 0;

	g->n_rows = table_count(t) + 1;
	g->rows = arena_array(g->arena, g->n_rows, sizeof(*g->rows));
	for (size_t i = 0; i < g->n_rows; i++)
		g->rows[i] = arena_array(g->arena, ts->n_columns + 1, sizeof(**g->rows));
	g->rows[0][0] = "_uuid";
	TABLE_FOR_EACH (r, t) {
		char *text = arena_alloc(g->arena, UUID_TEXT_BYTES);

		uuid_format(row_uuid(r), text);
		g->rows[++r_index][0] = text;
	}
	g->n_columns = 1;
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];

		if (c->ephemeral)
			continue;
		g->rows[0][g->n_columns] = c->name;
		r_index = 0;
		TABLE_FOR_EACH (r, t)
			g->rows[++r_index][g->n_columns] =
				value_text(g->arena, row_get(r, c), &c->type);
		g->n_columns++;
	}
	qsort_r(g->rows + 1, g->n_rows - 1, sizeof(*g->rows), compare_rows, g);
}

static void print_grid(const struct grid *g, FILE *out)
{
	size_t *widths = arena_array(g->arena, g->n_columns, sizeof(*widths));

	for (size_t i = 0; i < g->n_rows; i++)
		for (size_t j = 0; j < g->n_columns; j++)
			if (strlen(g->rows[i][j]) > widths[j])
				widths[j] = strlen(g->rows[i][j]);
	for (size_t i = 0; i < g->n_rows; i++)
		for (size_t j = 0; j < g->n_columns; j++)
			if (j + 1 < g->n_columns)
				fprintf(out, "%-*s  ", (int)widths[j], g->rows[i][j]);
			else
				fprintf(out, "%s\n", g->rows[i][j]);
}

void dump_text(const struct db *db, FILE *out)
{
	const struct schema *s = db_schema(db);

	for (unsigned int i = 0; i < s->n_tables; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		const struct table *t = db_table_at(db, i);
		struct grid g = {.arena = a};

		fprintf(out, "%s%s, %zu row%s\n", i ? "\n" : "", s->tables[i].name,
			table_count(t), table_count(t) == 1 ? "" : "s");
		if (!table_count(t))
			continue;
		fill_grid(&g, t);
		print_grid(&g, out);
	}
}

static struct json_object *row_json(const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	struct json_object *row = json_object();

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];

		if (!c->ephemeral)
			json_put(row, c->name, datum_to_json(row_get(r, c), &c->type));
	}
	return row;
}

void dump_json(const struct db *db, FILE *out)
{
	const struct schema *s = db_schema(db);
	struct json_object *tables = json_object();
	char *text;

	for (unsigned int i = 0; i < s->n_tables; i++) {
		struct json_object *rows = json_object();
		char uuid[UUID_TEXT_BYTES];

		TABLE_FOR_EACH (r, db_table_at(db, i))
			json_put(rows, uuid_format(row_uuid(r), uuid), row_json(r));
		json_put(tables, s->tables[i].name, rows);
	}
	text = json_text_pretty(tables);
	fputs(text, out);
	free(text);
	json_free(tables);
}
