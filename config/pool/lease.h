/* Addresses from pools: what a slave that declares a pool gets, and the rows by which it has
 * them.
 *
 * The choice is optimistic. A client chooses a free address as it sees the rows, and the index
 * (pool, address) of table Lease refuses a second lease of it, on any OVSDB server; then the
 * client chooses another. A lease lives as long as the slave that refers to it. */
#ifndef CONFIG_LEASE_H
#define CONFIG_LEASE_H 1

#include "config/pool/lease_source.h"
#include "datapath/model.h"

/* Completes 's', which declares a pool, as a slave of 'master': of each family that the pool
 * has it gets an address, unless it declares one of the pool: the one that 'row' (NULL: a new
 * slave) has, else one that is free. A default route by the gateway of that subnet is added,
 * unless it declares one of the family. New arrays are from 'a'.
 * ERR_NOT_FOUND: no such pool. ERR_LIMIT: it is full. ERR_EXISTS: another slave has an address
 * that 's' declares. */
struct err *lease_complete(struct leases *l, const struct row *master,
			   const struct row *row, struct arena *a,
			   struct model_slave *s) MUST_CHECK;
/* Makes the leases of a row as its pool and its addresses are. To be called after each write of
 * these. */
void lease_write(struct leases *l, struct row *slave);

/* What 'row' has from the pool that it names, taken from 's', its model: the leased addresses,
 * and the default routes by the pool's gateways. */
void lease_withdraw(const struct ipvl_columns *c, const struct txn *txn,
		    const struct row *row, struct model_slave *s);

/* After a commit was refused: another client's slave has an address by now that 'txn' wanted. */
bool lease_is_lost(const struct ipvl_columns *c, const struct txn *txn);

/* The default route that a slave gets by the gateway of its subnet. */
struct model_route lease_route_by(const struct ip_addr *gateway);

#endif
