/* Which keys the database's slave rows stand for: the names under which they were last
 * seen.
 *
 * A deleted or renamed row can no longer be asked where its device is; the catalog
 * remembers, so that the old name can be looked at once more. It also answers who lives
 * in a namespace. A cache: it is read from the rows at start and follows every commit. */
#ifndef RECONCILER_SLAVE_INDEX_H
#define RECONCILER_SLAVE_INDEX_H 1

#include "config/rows.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/key.h"

struct slave_index;

/* 'key' is borrowed for the call. */
typedef void slave_index_key_fn(void *aux, const struct key *key);

/* Borrows 'columns', which must outlive it. */
struct slave_index *slave_index_new(const struct ipvl_columns *columns)
	__attribute__((warn_unused_result));
void slave_index_free(struct slave_index *c); /* accepts NULL */

/* Follows a commit (called from the database's observer): 'fn' gets every key that a
 * change of configuration concerns, under its old name and its new one. */
void slave_index_follow(struct slave_index *c, const struct txn *txn,
			slave_index_key_fn *fn, void *aux);

/* Keys of the slaves in namespace 'netns', and how many they are. */
void slave_index_each_in_netns(const struct slave_index *c, const char *netns,
			       slave_index_key_fn *fn, void *aux);
size_t slave_index_count_in_netns(const struct slave_index *c, const char *netns);

/* The key of a slave's row: where it is listed now. False if the row is unknown.
 * Borrowed. */
bool slave_index_key_of(const struct slave_index *c, const struct row *slave,
			struct key *ret_key);

#endif
