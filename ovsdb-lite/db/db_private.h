/* The inside of a database, for the files that implement db.h and txn.h and for nobody
 * else. */
#ifndef OVSDB_DB_PRIVATE_H
#define OVSDB_DB_PRIVATE_H 1

#include "lib/hash_table.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/hash_index.h"
#include "ovsdb-lite/rows/slab.h"

struct history;
struct store;

/* That row 'source' refers weakly to the row whose 'weak_refs' this is in: what the
 * deletion of a row must clean is found without a scan. */
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
	void *block;                /* what row_pack() made of its data */
	struct row *prev,
		*next; /* in table.rows; before the commit in txn_table.inserted */
	struct datum fields[]; /* one for each column of the table */
};

struct table {
	struct db *db;
	const struct table_schema *schema;
	struct slab_cache slabs;    /* of rows, also of those not yet committed */
	struct row *rows;           /* in the order of insertion */
	struct hash_index by_uuid;  /* the same */
	struct hash_index *indexes; /* one for each of schema->indexes */
	bool *is_indexed;           /* for each column: whether an index has it */
	bool has_references;        /* in some column */
	bool is_stored;             /* schema_stores_table() */
};

struct db_observer {
	struct db *db;
	db_observer_fn *fn; /* NULL: removed while observers were being told */
	void *aux;
	struct db_observer *prev, *next;
};

struct db {
	const struct schema *schema;
	struct schema
		*own_schema; /* the same without a store; else NULL: the store has it */
	struct store *store; /* NULL: in memory only */
	struct history *history; /* NULL without a store */
	char *path;
	struct uuid identity;
	struct table *tables; /* as many as in the schema, in its order */
	bool is_replica; /* txn_commit_replicated() was used: no references are kept */
	db_validator_fn *validator;
	void *validator_aux;
	db_converting_fn *converting;
	void *converting_aux;
	struct db_observer *observers;
	bool is_telling; /* observers are being called */
};

/* For db->schema. */
void db_make_tables(struct db *db);
/* db_load.c: all rows of the file. */
struct err *db_load(struct db *db) MUST_CHECK;
/* db_convert.c: to a newer version of its schema, with a backup. */
struct err *db_upgrade(struct db *db, const struct schema *schema) MUST_CHECK;

/* Nothing of these is visible to readers until table_add(). */
struct row *row_new(struct table *t, const struct uuid *uuid)
	__attribute__((warn_unused_result));
void row_free(struct row *r); /* accepts NULL */
/* To be called when its data are complete: makes them small. table_add() does it too. */
void row_pack(struct row *r);

/* By UUID, in a hash of rows. */
struct row *row_find(const struct hash_index *by_uuid, const struct uuid *uuid);

void table_init(struct table *t, struct db *db, const struct table_schema *schema);
void table_clear(struct table *t);
void table_add(struct table *t, struct row *r);
void table_remove(struct table *t, struct row *r);
/* Around a change of r->fields: takes the row out of the indexes, and puts it back. */
void table_unindex(struct table *t, struct row *r);
void table_reindex(struct table *t, struct row *r);

/* 'key[i]' belongs to schema->columns[i]. */
uint32_t index_key_hash(const struct index_schema *schema,
			const struct datum *const *key);
bool index_key_equals(const struct index_schema *schema, const struct datum *const *a,
		      const struct datum *const *b);

void weak_ref_add(struct row *target, struct row *source, const struct column_schema *c);
void weak_ref_remove(struct row *target, struct row *source,
		     const struct column_schema *c);

void db_tell_observers(struct db *db, const struct txn *txn);

#endif
