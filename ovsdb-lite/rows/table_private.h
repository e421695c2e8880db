/* The inside of tables and rows, for rows/, history/ and db/. */
#ifndef OVSDB_TABLE_PRIVATE_H
#define OVSDB_TABLE_PRIVATE_H 1

#include "lib/hash_table.h"
#include "ovsdb-lite/rows/row_hash.h"
#include "ovsdb-lite/rows/slab.h"
#include "ovsdb-lite/rows/table.h"

#include <stdbool.h>

struct db;

/* In row.weak_refs of a row: column 'column' of row 'source' refers weakly to that row.
 * So the deletion of a row finds the columns to clean without a scan. */
struct weak_ref {
	struct weak_ref_key {
		struct row *source;
		const struct column_schema *column;
	} key;
	size_t n; /* a map's values may name one row several times */
	UT_hash_handle hh;
};

struct row {
	struct table *table;
	struct uuid uuid;
	struct uuid version;
	uint64_t n_refs;            /* strong references from rows other than itself */
	struct weak_ref *weak_refs; /* by key */
	void *block;                /* of row_pack(), which 'fields' point into */
	/* In table.rows; before the commit in txn_table.inserted. */
	struct row *prev, *next;
	struct datum fields[]; /* one for each column of the table */
};

struct table {
	struct db *db;
	const struct table_schema *schema;
	struct slab_cache slabs;  /* of rows, including those not yet committed */
	struct row *rows;         /* in the order of insertion */
	struct row_hash by_uuid;  /* 'rows' by uuid_hash() */
	struct row_hash *indexes; /* one for each of schema->indexes */
	bool *is_indexed;         /* for each column: whether an index has it */
	bool is_stored;           /* schema_stores_table() */
};

/* With default values. Not visible to readers until table_add(). */
struct row *row_new(struct table *t, const struct uuid *uuid)
	__attribute__((warn_unused_result));
void row_free(struct row *r); /* accepts NULL */
/* Packs the row's data into one block, once they are complete. table_add() does it
 * too. */
void row_pack(struct row *r);

/* Finds a row in a hash of rows by uuid_hash(). NULL if there is none. */
struct row *row_find(const struct row_hash *by_uuid, const struct uuid *uuid);

/* 'schema' is one of the tables of 'all'. */
void table_init(struct table *t, struct db *db, const struct schema *all,
		const struct table_schema *schema);
void table_clear(struct table *t);
void table_add(struct table *t, struct row *r);
void table_remove(struct table *t, struct row *r);
/* Before and after a change of r->fields: takes the row out of the indexes, puts it
 * back. */
void table_unindex(struct table *t, struct row *r);
void table_reindex(struct table *t, struct row *r);

/* 'key[i]' is the value of schema->columns[i]. */
uint32_t table_key_hash(const struct index_schema *schema,
			const struct datum *const *key);
bool table_key_equals(const struct index_schema *schema, const struct datum *const *a,
		      const struct datum *const *b);

void weak_ref_add(struct row *target, struct row *source, const struct column_schema *c);
void weak_ref_remove(struct row *target, struct row *source,
		     const struct column_schema *c);

#endif
