/* Which objects a change concerns: one of the database, or one of the kernel. What else a
 * pass has to look at follows from what it finds (reconciler/reach.h). */
#ifndef RECONCILER_WANTED_CONCERNED_H
#define RECONCILER_WANTED_CONCERNED_H 1

#include "ovsdb-lite/rows/txn.h"
#include "reconciler/wanted/desired.h"
#include "reconciler/wanted/key.h"

/* Called in no order, and perhaps more than once for one object. 'key' is borrowed for the
 * call; it has its causes. */
typedef void concerned_key_fn(void *aux, const struct key *key);

/* Each object whose row changed in a column with an effect on the kernel, and each slave
 * that changed its master, by its old and its new name; their cause is KEY_CONFIG. A master
 * that merely got or lost slaves has KEY_MEMBERS; one whose device is another from now on has
 * KEY_UPPER too. What an edit of the mode, the flag, the MTU, the routes or the policy of drift
 * reaches depends on what is found. With a slave come those that have routes to its addresses
 * (Slave.host_access).
 *
 * 'changes' is 'source->txn', not committed yet; or, where that is NULL, a transaction that
 * was just committed, before slave_index_follow(). */
void concerned_by_txn(const struct desired_source *source, const struct txn *changes,
		      concerned_key_fn *fn, void *aux);

/* True if it may concern what no row names: a row that was left as it was found, or was handed
 * over, is edited or deleted, and its device may have another name, or be in another namespace. */
bool concerned_is_all(const struct ipvl_columns *c, const struct txn *changes);

/* The rows of the device, by its namespace and name, and what waits for it. 'source->txn'
 * is NULL. */
void concerned_by_device(const struct desired_source *source, const char *netns,
			 const char *name, unsigned int causes, concerned_key_fn *fn,
			 void *aux);

/* What is in the namespace: it appeared, vanished, or is another one. 'source->txn' is
 * NULL. */
void concerned_by_netns(const struct desired_source *source, const char *netns,
			concerned_key_fn *fn, void *aux);

#endif
