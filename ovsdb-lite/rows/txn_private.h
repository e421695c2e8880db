/* The inside of a transaction, for txn*.c and integrity.c. */
#ifndef OVSDB_TXN_PRIVATE_H
#define OVSDB_TXN_PRIVATE_H 1

#include "lib/buffer.h"
#include "ovsdb-lite/rows/database_private.h"
#include "ovsdb-lite/rows/txn.h"

/* One column of a touched row. */
struct txn_cell {
	bool is_set;        /* 'datum' is the new value; after the commit the old one */
	bool is_weak_clean; /* the pass for weak references is done with it */
	struct datum datum; /* empty unless 'is_set' */
};

/* A row that a transaction touched: changed it, or only counted references to it. */
struct txn_row {
	struct row *row; /* the key of txn.by_row */
	struct table *table;
	/* The new values are in row->fields; the row is not in its table yet. */
	bool is_new;
	bool is_deleted; /* if also 'is_new': there is no change */
	bool is_swapped; /* committed: the cells hold the old values */
	size_t n_set;    /* cells with is_set; 0 if is_new or is_deleted */
	/* One for each column; NULL until the first is needed. */
	struct txn_cell *cells;
	int64_t ref_delta;   /* strong references gained */
	struct uuid version; /* the next one; after the commit the old one */
	/* Of the row in txn_table.indexes, one for each; NULL before the first
	 * indexing. */
	uint32_t *hashes;
	bool is_indexed; /* in txn_table.indexes */
	bool is_stale;   /* in txn_table.stale, to be indexed again */
	struct txn_row *next_stale;
	struct txn_row *next;
};

struct txn_table {
	struct row *inserted; /* also those that were deleted again */
	struct row_hash inserted_by_uuid;
	/* The changed rows by their new values; NULL until needed. */
	struct row_hash *indexes;
	struct txn_row *stale;
	uint64_t n_collisions; /* row_hash_add() into 'indexes' behind an equal hash */
	int64_t n_rows_delta;  /* of the maxRows pass */
};

struct arena;

struct txn {
	struct db *db;
	struct txn_origin origin;
	struct buffer comment;
	struct arena *arena;  /* of the txn_rows */
	struct txn_row *rows; /* in the order of the first touch */
	struct txn_row *last_row;
	struct row_hash by_row; /* 'rows' by row_hash_pointer() of the row */
	struct txn_table *tables;
	/* The pass for weak references dropped strong ones too: a map may hold both. */
	bool is_recount_due;
	bool is_kept; /* by a turn of the database, which frees it */
};

/* NULL if the transaction has not touched the row. */
struct txn_row *txn_row_find(const struct txn *t, const struct row *r);
struct txn_row *txn_row_get(struct txn *t, struct row *r); /* makes it if need be */
struct txn_cell *txn_row_cells(struct txn *t, struct txn_row *tr);
/* Frees the cells, and the row if it is in no table. */
void txn_row_clear(struct txn_row *tr);
/* False if the row does not change in the end. */
bool txn_row_change(const struct txn_row *tr, enum change_kind *ret_kind);
/* As change_old() and change_new(). */
const struct datum *txn_row_old(const struct txn_row *tr, const struct column_schema *c);
const struct datum *txn_row_new(const struct txn_row *tr, const struct column_schema *c);
/* True if a column of an index changed. */
bool txn_row_is_reindexed(const struct txn_row *tr);
struct table *txn_table_of(const struct txn *t, const struct table_schema *ts);

void txn_index_mark_stale(struct txn *t, struct txn_row *tr);
void txn_index_clear(struct txn *t);

/* integrity.c: the passes of a commit before the validator. */
struct err *integrity_check(struct txn *t) MUST_CHECK;
/* integrity_unique.c: the last pass. */
struct err *integrity_check_indexes(struct txn *t) MUST_CHECK;
/* After the passes: updates row.weak_refs to the state after the commit. */
void integrity_update_weak_refs(struct txn *t);

/* txn_swap.c. A new _version for each changed row. */
void txn_renew_versions(struct txn *t);
/* Applies the transaction to the tables; the cells hold the old values then. */
void txn_swap(struct txn *t);

#endif
