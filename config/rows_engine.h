/* Rows of container engines (engines/): slaves with one of their sources, and what there is of a
 * container in their external_ids, ENGINE-container, -ifname, -network, -boot and -pending. */
#ifndef CONFIG_ROWS_ENGINE_H
#define CONFIG_ROWS_ENGINE_H 1

#include "config/columns.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct json_object;

/* The value of the key ENGINE-'what'; "" if the slave has none. Borrowed. */
const char *rows_engine_id(const struct ipvl_columns *c, const struct txn *txn,
			   const struct row *slave, const char *engine, const char *what);

/* The slave of 'master' by which the host reaches the others, in the namespace of ipvld; NULL if
 * there is none. */
struct row *rows_engine_access(const struct ipvl_columns *c, const struct txn *txn,
			       const struct row *master);

struct rows_engine_sweep {
	const struct ipvl_columns *c;
	struct txn *txn;
	const char *engine; /* "cni"; NULL: each */
	/* Besides those of another boot; NULL: none. */
	bool (*is_dead)(const struct rows_engine_sweep *sweep, const struct row *slave,
			const char *engine);
	const void *aux; /* of 'is_dead' */
	/* Gets operations by which the transaction fails if another client has changed what is
	 * removed (RFC 7047 5.2.6); NULL: there is no other client meanwhile. */
	struct json_object *expectations;
};

/* Networks that an engine declares once and for all, as Docker does, have an entry in external_ids
 * of the host, ENGINE-network-ID, and a source with the beginning of that ID. They keep their
 * masters, also without containers. From 'a'. */
const char *rows_engine_network_key(struct arena *a, const char *engine, const char *id);

/* Removes the slaves of containers of an earlier boot, and those that are dead. Then of each master
 * a source goes that no container on it has, and with it the slave for the host, and the master,
 * unless they have another source. Returns the number of those slaves. */
size_t rows_engine_sweep(const struct rows_engine_sweep *sweep);

#endif
