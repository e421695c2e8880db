/* Whether a database is whole, asked row by row and reference by reference, with none of
 * integrity.c's counts and hashes. The other side of fuzz.h is in fuzz.c. */
#include "fuzz.h"

#include "ovsdb-lite/values/datum.h"

#include <stdlib.h>
#include <string.h>

static int cmp_rows(const void *a, const void *b)
{
	const struct row *const *ra = a, *const *rb = b;

	return uuid_cmp(row_uuid(*ra), row_uuid(*rb));
}

static void put_uuid(struct json_object *o, const char *name, const struct uuid *u)
{
	char text[UUID_TEXT_BYTES];

	json_put(o, name, json_string(uuid_format(u, text)));
}

static struct json_object *row_to_json(const struct row *r, bool with_version)
{
	const struct table_schema *ts = table_schema(row_table(r));
	struct json_object *o = json_object();

	put_uuid(o, "_uuid", row_uuid(r));
	if (with_version)
		put_uuid(o, "_version", row_version(r));
	for (size_t i = 0; i < ts->n_columns; i++)
		json_put(
			o, ts->columns[i].name,
			datum_to_json(row_get(r, &ts->columns[i]), &ts->columns[i].type));
	return o;
}

char *fuzz_dump(const struct db *db, bool with_versions)
{
	struct json_object *all = json_array();
	char *text;

	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		const struct table *t = db_table_at(db, i);
		CLEANUP(freep)
		const struct row **rows = xcalloc(table_count(t) + 1, sizeof(*rows));
		struct json_object *list = json_array();
		size_t n = 0;

		TABLE_FOR_EACH (r, t) {
			LAW(n < table_count(t));
			rows[n++] = r;
		}
		LAW(n == table_count(t));
		qsort(rows, n, sizeof(*rows), cmp_rows);
		for (size_t k = 0; k < n; k++)
			json_add(list, row_to_json(rows[k], with_versions));
		json_add(all, list);
	}
	text = json_text(all);
	json_free(all);
	return text;
}

static void check_datum(const struct datum *d, const struct column_schema *c)
{
	fuzz_must(datum_check(d, &c->type));
	for (uint32_t i = 1; i < d->n; i++)
		LAW(atom_cmp(&datum_keys(d)[i - 1], &datum_keys(d)[i], c->type.key.type) <
		    0);
}

static void check_atoms(const struct db *db, const struct base_type *b,
			const union atom *atoms, size_t n)
{
	if (b->ref == REF_NONE)
		return;
	for (size_t i = 0; i < n; i++)
		LAW(table_find(db_table_at(db, b->ref_table->index), &atoms[i].uuid));
}

static bool atoms_name(const struct base_type *b, const union atom *atoms, size_t n,
		       const struct row *target)
{
	if (b->ref != REF_STRONG || b->ref_table != table_schema(row_table(target)))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (uuid_equals(&atoms[i].uuid, row_uuid(target)))
			return true;
	}
	return false;
}

static bool refers_to(const struct row *r, const struct row *target)
{
	const struct table_schema *ts = table_schema(row_table(r));

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_type *t = &ts->columns[i].type;
		const struct datum *d = row_get(r, &ts->columns[i]);

		if (atoms_name(&t->key, datum_keys(d), d->n, target) ||
		    (t->is_map && atoms_name(&t->value, datum_values(d), d->n, target)))
			return true;
	}
	return false;
}

static bool is_referred_to(const struct db *db, const struct row *target)
{
	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		TABLE_FOR_EACH (r, db_table_at(db, i)) {
			if (r != target && refers_to(r, target))
				return true;
		}
	}
	return false;
}

static bool index_values_equal(const struct index_schema *x, const struct row *a,
			       const struct row *b)
{
	for (size_t i = 0; i < x->n_columns; i++) {
		if (!datum_equals(row_get(a, x->columns[i]), row_get(b, x->columns[i]),
				  &x->columns[i]->type))
			return false;
	}
	return true;
}

static void check_indexes(const struct table *t, const struct row *r)
{
	const struct table_schema *ts = table_schema(t);

	for (size_t i = 0; i < ts->n_indexes; i++) {
		const struct index_schema *x = &ts->indexes[i];
		CLEANUP(freep) struct datum *key = xcalloc(x->n_columns, sizeof(*key));

		for (size_t k = 0; k < x->n_columns; k++)
			key[k] = *row_get(r, x->columns[k]); /* lent */
		LAW(table_find_by_index(t, i, key) == r);
		TABLE_FOR_EACH (other, t)
			LAW(other == r || !index_values_equal(x, other, r));
	}
}

static void check_row(const struct db *db, const struct table *t, const struct row *r)
{
	const struct table_schema *ts = table_schema(t);

	LAW(table_find(t, row_uuid(r)) == r);
	LAW(row_table(r) == t);
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_type *type = &ts->columns[i].type;
		const struct datum *d = row_get(r, &ts->columns[i]);

		check_datum(d, &ts->columns[i]);
		check_atoms(db, &type->key, datum_keys(d), d->n);
		if (type->is_map)
			check_atoms(db, &type->value, datum_values(d), d->n);
	}
	LAW(ts->is_root || is_referred_to(db, r));
	check_indexes(t, r);
}

void fuzz_check_db(const struct db *db)
{
	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		const struct table *t = db_table_at(db, i);
		size_t n = 0;

		TABLE_FOR_EACH (r, t) {
			check_row(db, t, r);
			n++;
		}
		LAW(n == table_count(t));
		LAW(n <= table_schema(t)->max_rows);
	}
}
