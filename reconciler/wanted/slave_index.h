/* The keys of the database's slave rows, by row and by namespace.
 *
 * A deleted or renamed row no longer contains the name under which its device was
 * made; the index still has it, so that the old name can be looked at once more. A
 * cache: it is read from the rows at start and follows every commit. */
#ifndef RECONCILER_WANTED_SLAVE_INDEX_H
#define RECONCILER_WANTED_SLAVE_INDEX_H 1

#include "config/rows.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/wanted/key.h"

struct slave_index;

/* 'key' is borrowed for the call. */
typedef void slave_index_key_fn(void *aux, const struct key *key);

/* Borrows 'columns', which must outlive it. */
struct slave_index *slave_index_new(const struct ipvl_columns *columns)
	__attribute__((warn_unused_result));
void slave_index_free(struct slave_index *c); /* accepts NULL */

/* Calls 'fn' for each slave that has another master, or none, after this change of a Master
 * row: one that only the old or only the new set has, and all if the master is renamed. */
typedef void slave_index_uuid_fn(void *aux, const struct uuid *slave);
void slave_index_each_moved(const struct ipvl_columns *c, const struct change *change,
			    slave_index_uuid_fn *fn, void *aux);

/* Follows a commit (called from the database's observer). */
void slave_index_follow(struct slave_index *c, const struct txn *txn);

/* Keys of the slaves in namespace 'netns', and how many they are. */
void slave_index_each_in_netns(const struct slave_index *c, const char *netns,
			       slave_index_key_fn *fn, void *aux);
size_t slave_index_count_in_netns(const struct slave_index *c, const char *netns);

/* Keys of the slaves of this master that have routes to the others (Slave.host_access). */
void slave_index_each_with_access(const struct slave_index *c, const char *master_netns,
				  const char *master_name, slave_index_key_fn *fn,
				  void *aux);

/* Keys of the slaves of this master that are in conflict, or have a warning. */
void slave_index_each_troubled(const struct slave_index *c, const char *master_netns,
			       const char *master_name, slave_index_key_fn *fn,
			       void *aux);

/* Keys of those in namespace 'netns' that declare a route without a device
 * (model_route_is_reject()) or a rule of policy routing. */
void slave_index_each_sharer(const struct slave_index *c, const char *netns,
			     slave_index_key_fn *fn, void *aux);

/* The key of the slave row with this UUID, with the master that lists it. False if the row
 * is not in the index. Borrowed. */
bool slave_index_key_of(const struct slave_index *c, const struct uuid *slave,
			struct key *ret_key);

#endif
