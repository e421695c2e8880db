/* The inside of a transaction, for txn*.c and integrity.c. */
#ifndef OVSDB_TXN_PRIVATE_H
#define OVSDB_TXN_PRIVATE_H 1

#include "lib/buffer.h"
#include "ovsdb-lite/rows/database_private.h"
#include "ovsdb-lite/rows/txn.h"

/* One column of a touched row. */
struct txn_cell {
	bool is_set;        /* 'datum' is the new value; after the commit the old one */
	bool is_weak_clean; /* the weak reference pass has been here */
	struct datum datum;
};

/* A row that a transaction touched: changed it, or only counted references to it. */
struct txn_row {
	struct row *row; /* the key: rows do not know the transactions that touch them */
	struct table *table;
	bool is_new;     /* row->fields are the new values; it is not in its table yet */
	bool is_deleted; /* with 'is_new': as if it had never been */
	bool is_swapped; /* the commit is through: cells hold the old */
	size_t n_set;    /* cells with is_set */
	struct txn_cell *cells; /* one for each column; NULL until the first is needed */
	int64_t ref_delta;      /* strong references gained */
	struct uuid version;    /* the next one; after the commit the old one */
	uint32_t *
		hashes; /* under which the row is in txn_table.indexes; NULL until then */
	bool is_indexed; /* it is in them */
	bool is_stale;   /* waits in txn_table.stale to be indexed anew */
	struct txn_row *next_stale;
	struct txn_row *next;
};

struct txn_table {
	struct row *inserted; /* those deleted again are among them */
	struct row_hash inserted_by_uuid;
	struct row_hash
		*indexes; /* the changed rows by their new values; NULL until needed */
	struct txn_row *stale;
	uint64_t n_collisions; /* how often a row came behind one of its key in 'indexes'
				*/
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
	struct row_hash by_row; /* the same */
	struct txn_table *tables;
	bool is_recount_due; /* the weak pass dropped strong references too (maps may hold
				both) */
};

/* NULL if the transaction has not touched it. */
struct txn_row *txn_row_find(const struct txn *t, const struct row *r);
struct txn_row *txn_row_get(struct txn *t, struct row *r);
struct txn_cell *txn_row_cells(struct txn *t, struct txn_row *tr);
/* Frees what belongs to the transaction: the cells, and the row if it is in no table. */
void txn_row_clear(struct txn_row *tr);
/* False if nothing of it changes in the end. */
bool txn_row_change(const struct txn_row *tr, enum change_kind *ret_kind);
/* NULL where there is no such image. */
const struct datum *txn_row_old(const struct txn_row *tr, const struct column_schema *c);
const struct datum *txn_row_new(const struct txn_row *tr, const struct column_schema *c);
/* True if a column of an index changed. */
bool txn_row_is_reindexed(const struct txn_row *tr);
struct table *txn_table_of(const struct txn *t, const struct table_schema *ts);

void txn_index_mark_stale(struct txn *t, struct txn_row *tr);
void txn_index_clear(struct txn *t);

/* integrity.c: the passes of a commit before the validator. */
struct err *integrity_check(struct txn *t) MUST_CHECK;
/* integrity_unique.c: the last of them. */
struct err *integrity_check_indexes(struct txn *t) MUST_CHECK;
/* After them: brings the index of weak references to what it will be when 't' is through.
 */
void integrity_update_weak_refs(struct txn *t);

/* txn_swap.c. A new _version for each changed row. */
void txn_renew_versions(struct txn *t);
/* Makes the memory what the transaction says. */
void txn_swap(struct txn *t);

#endif
