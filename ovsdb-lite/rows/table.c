/* Tables of committed rows: look-up by UUID and by index, iteration, and the weak
 * references to each row. */
#include "ovsdb-lite/rows/table_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

struct row *row_new(struct table *t, const struct uuid *uuid)
{
	const struct table_schema *ts = t->schema;
	struct row *r = slab_alloc(&t->slabs);

	r->table = t;
	r->uuid = *uuid;
	r->version = uuid_random();
	for (size_t i = 0; i < ts->n_columns; i++)
		datum_init_default(&r->fields[i], &ts->columns[i].type);
	return r;
}

void row_free(struct row *r)
{
	struct weak_ref *ref, *next;

	if (!r)
		return;
	HASH_ITER (hh, r->weak_refs, ref, next) {
		HASH_DEL(r->weak_refs, ref);
		free(ref);
	}
	for (size_t i = 0; i < r->table->schema->n_columns; i++)
		datum_clear(&r->fields[i], &r->table->schema->columns[i].type);
	free(r->block);
	slab_free(&r->table->slabs, r);
}

void row_pack(struct row *r)
{
	const struct table_schema *ts = r->table->schema;

	if (!r->block)
		r->block = datum_pack_row(r->fields, ts->columns, ts->n_columns);
}

void table_init(struct table *t, struct db *db, const struct schema *all,
		const struct table_schema *schema)
{
	t->db = db;
	t->schema = schema;
	t->slabs.object_bytes =
		sizeof(struct row) + schema->n_columns * sizeof(struct datum);
	t->indexes =
		xcalloc(schema->n_indexes ? schema->n_indexes : 1, sizeof(*t->indexes));
	t->is_indexed = xcalloc(schema->n_columns ? schema->n_columns : 1, sizeof(bool));
	for (size_t i = 0; i < schema->n_indexes; i++) {
		for (size_t j = 0; j < schema->indexes[i].n_columns; j++)
			t->is_indexed[schema->indexes[i].columns[j]->index] = true;
	}
	t->is_stored = schema_stores_table(all, schema);
}

void table_clear(struct table *t)
{
	struct row *r, *next;

	for (size_t i = 0; i < t->schema->n_indexes; i++)
		row_hash_clear(&t->indexes[i]);
	row_hash_clear(&t->by_uuid);
	DL_FOREACH_SAFE (t->rows, r, next)
		row_free(r);
	t->rows = NULL;
	free(t->indexes);
	free(t->is_indexed);
}

uint32_t table_key_hash(const struct index_schema *schema, const struct datum *const *key)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < schema->n_columns; i++)
		hash = datum_hash(key[i], &schema->columns[i]->type, hash);
	return hash;
}

bool table_key_equals(const struct index_schema *schema, const struct datum *const *a,
		      const struct datum *const *b)
{
	for (size_t i = 0; i < schema->n_columns; i++) {
		if (!datum_equals(a[i], b[i], &schema->columns[i]->type))
			return false;
	}
	return true;
}

/* Borrows the row's committed values of index number 'i', in the index's order. */
static void committed_key(const struct table *t, const struct row *r, size_t i,
			  const struct datum **key)
{
	const struct index_schema *x = &t->schema->indexes[i];

	for (size_t j = 0; j < x->n_columns; j++)
		key[j] = &r->fields[x->columns[j]->index];
}

static const struct datum **key_array(const struct table *t, size_t i)
{
	return xcalloc(t->schema->indexes[i].n_columns, sizeof(const struct datum *));
}

static uint32_t committed_hash(const struct table *t, const struct row *r, size_t i)
{
	CLEANUP(freep) const struct datum **key = key_array(t, i);

	committed_key(t, r, i, key);
	return table_key_hash(&t->schema->indexes[i], key);
}

void table_unindex(struct table *t, struct row *r)
{
	for (size_t i = 0; i < t->schema->n_indexes; i++)
		row_hash_remove(&t->indexes[i], r, committed_hash(t, r, i));
}

void table_reindex(struct table *t, struct row *r)
{
	for (size_t i = 0; i < t->schema->n_indexes; i++)
		row_hash_add(&t->indexes[i], r, committed_hash(t, r, i));
}

void table_add(struct table *t, struct row *r)
{
	assert(r->table == t);
	row_pack(r);
	DL_APPEND(t->rows, r);
	row_hash_add(&t->by_uuid, r, uuid_hash(&r->uuid));
	table_reindex(t, r);
}

void table_remove(struct table *t, struct row *r)
{
	assert(r->table == t);
	table_unindex(t, r);
	row_hash_remove(&t->by_uuid, r, uuid_hash(&r->uuid));
	DL_DELETE(t->rows, r);
}

const struct table_schema *table_schema(const struct table *t)
{
	return t->schema;
}

size_t table_count(const struct table *t)
{
	return t->by_uuid.n;
}

struct row *row_find(const struct row_hash *by_uuid, const struct uuid *uuid)
{
	struct row_hash_walk w = row_hash_walk_begin(by_uuid, uuid_hash(uuid));
	struct row *r;

	while ((r = row_hash_walk_next(&w)) && !uuid_equals(&r->uuid, uuid))
		;
	return r;
}

struct row *table_find(const struct table *t, const struct uuid *uuid)
{
	return row_find(&t->by_uuid, uuid);
}

struct row *table_first(const struct table *t)
{
	return t->rows;
}

struct row *table_next(const struct table *t, const struct row *r)
{
	assert(r->table == t);
	return r->next;
}

struct row *table_find_by_index(const struct table *t, size_t index,
				const struct datum *key)
{
	const struct index_schema *x = &t->schema->indexes[index];
	CLEANUP(freep) const struct datum **wanted = key_array(t, index);
	CLEANUP(freep) const struct datum **found = key_array(t, index);
	struct row_hash_walk w;
	struct row *r;

	assert(index < t->schema->n_indexes);
	for (size_t i = 0; i < x->n_columns; i++)
		wanted[i] = &key[i];
	w = row_hash_walk_begin(&t->indexes[index], table_key_hash(x, wanted));
	while ((r = row_hash_walk_next(&w))) {
		committed_key(t, r, index, found);
		if (table_key_equals(x, wanted, found))
			break;
	}
	return r;
}

const struct uuid *row_uuid(const struct row *r)
{
	return &r->uuid;
}

const struct uuid *row_version(const struct row *r)
{
	return &r->version;
}

struct table *row_table(const struct row *r)
{
	return r->table;
}

const struct datum *row_get(const struct row *r, const struct column_schema *c)
{
	assert(c == &r->table->schema->columns[c->index]);
	return &r->fields[c->index];
}

static struct weak_ref *find_weak_ref(const struct row *target, struct row *source,
				      const struct column_schema *c)
{
	const struct weak_ref_key key = {.source = source, .column = c};
	struct weak_ref *ref;

	HASH_FIND(hh, target->weak_refs, &key, sizeof(key), ref);
	return ref;
}

void weak_ref_add(struct row *target, struct row *source, const struct column_schema *c)
{
	struct weak_ref *ref = find_weak_ref(target, source, c);

	if (!ref) {
		ref = xcalloc(1, sizeof(*ref));
		ref->key.source = source;
		ref->key.column = c;
		HASH_ADD(hh, target->weak_refs, key, sizeof(ref->key), ref);
	}
	ref->n++;
}

void weak_ref_remove(struct row *target, struct row *source,
		     const struct column_schema *c)
{
	struct weak_ref *ref = find_weak_ref(target, source, c);

	assert(ref && ref->n);
	if (!--ref->n) {
		HASH_DEL(target->weak_refs, ref);
		free(ref);
	}
}
