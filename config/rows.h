/* Rows of the database to the model, and back. No other file knows both forms. */
#ifndef CONFIG_ROWS_H
#define CONFIG_ROWS_H 1

#include "config/columns.h"
#include "datapath/model.h"
#include "lib/arena.h"
#include "lib/err.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/txn.h"

struct json_object;

/* A row is read as committed ('txn' NULL), or as the transaction sees it. */
const struct datum *rows_get(const struct txn *txn, const struct row *r,
			     const struct column_schema *c);
/* NULL if there is none. */
const struct row *rows_find(const struct txn *txn, const struct table *t,
			    const struct uuid *uuid);

/* ERR_INVALID if a text is not canonical, as a foreign server without our validator
 * may have it. Its path is "TABLE.COLUMN". */
struct err *rows_read_slave(const struct ipvl_columns *c, const struct txn *txn,
			    const struct row *r, struct arena *a,
			    struct model_slave *ret_slave) MUST_CHECK;
/* Adds what Slave.host_access stands for: a route to each address of the other slaves that
 * 'master' lists, apart from disabled ones and those in the namespace of 's'; in mode l2 of
 * the families that 's' has addresses of. A route of its own to the same destination stays.
 * Of several slaves with access in one namespace, the first by name has the routes. */
void rows_add_access_routes(const struct ipvl_columns *c, const struct txn *txn,
			    const struct row *master, struct arena *a,
			    struct model_slave *s);
/* True if ipv4.proxy_arp is declared for 'm', the model of the row, and a slave in its
 * namespace gives the host access. Reads the rows of all its slaves then. */
bool rows_has_access(const struct ipvl_columns *c, const struct txn *txn,
		     const struct row *master, const struct model_master *m);
/* Without its slaves. */
struct err *rows_read_master(const struct ipvl_columns *c, const struct txn *txn,
			     const struct row *r, struct arena *a,
			     struct model_master *ret_master) MUST_CHECK;

/* Write the configuration columns (not slaves, sources, host). */
void rows_write_slave(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		      const struct model_slave *s);
void rows_write_master(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		       const struct model_master *m);

/* The only Host row (or the one called 'name' if not NULL), NULL if there is none. */
struct row *rows_find_host(const struct ipvl_columns *c, const struct txn *txn,
			   const char *name);
/* True if ipvl makes the device of the master: a VLAN, or one of its `kind`. */
bool rows_master_is_made(const struct ipvl_columns *c, const struct txn *txn,
			 const struct row *master);
/* Its next_cfg as committed; 0 if there is no row. */
int64_t rows_next_cfg(const struct ipvl_columns *c);
/* The same row, made if there is none. */
struct row *rows_ensure_host(const struct ipvl_columns *c, struct txn *txn,
			     const char *name);
struct row *rows_find_master(const struct ipvl_columns *c, const struct txn *txn,
			     const char *netns, const char *name);
/* By (netns, name). */
struct row *rows_find_slave(const struct ipvl_columns *c, const struct txn *txn,
			    const char *netns, const char *name);
/* The same by the index only, on the host called 'host': inside a transaction also a
 * row that was taken out of its set and waits to be collected. O(1). */
struct row *rows_master_by_key(const struct ipvl_columns *c, const struct txn *txn,
			       const char *host, const char *netns, const char *name);
struct row *rows_slave_by_key(const struct ipvl_columns *c, const struct txn *txn,
			      const char *host, const char *netns, const char *name);
/* The master whose `slaves` holds 'slave'; NULL if none. */
struct row *rows_master_of(const struct ipvl_columns *c, const struct txn *txn,
			   const struct row *slave);

/* Masters that are VLANs on the device of this name, one after another: the first if 'after'
 * is NULL; NULL at the end. */
struct row *rows_next_vlan_on(const struct ipvl_columns *c, const struct txn *txn,
			      const char *netns, const char *link,
			      const struct row *after);

/* Masters in a namespace, one after another, as rows_next_vlan_on(). */
struct row *rows_next_master_in(const struct ipvl_columns *c, const struct txn *txn,
				const char *netns, const struct row *after);

/* New rows in no set yet, for a caller that fills a set at once. 'host' is Host.name. */
struct row *rows_new_master(const struct ipvl_columns *c, struct txn *txn,
			    const char *host, const struct model_master *m);
struct row *rows_new_slave(const struct ipvl_columns *c, struct txn *txn,
			   const char *host, const struct model_slave *s);
/* New rows, put into their parent's set. */
struct row *rows_add_master(const struct ipvl_columns *c, struct txn *txn,
			    struct row *host, const struct model_master *m);
struct row *rows_add_slave(const struct ipvl_columns *c, struct txn *txn,
			   struct row *master, const struct model_slave *s);
/* Out of their parent's set, and deleted (a master with its slaves). */
void rows_remove_master(const struct ipvl_columns *c, struct txn *txn,
			struct row *master);
void rows_remove_slave(const struct ipvl_columns *c, struct txn *txn, struct row *slave);

/* What a Master or Slave row asks for: that its device is taken over, or given up. */
#define ROWS_ADOPT   "adopt"
#define ROWS_RELEASE "release"
/* The column `transfer`: one of these, or "". */
const char *rows_transfer(const struct ipvl_columns *c, const struct txn *txn,
			  const struct row *r);
/* 'transfer' NULL: nothing. */
void rows_set_transfer(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		       const char *transfer);

/* Rewrites namespaces that an earlier version wrote in another form, in a transaction
 * for each master with its slaves. Returns the first refusal (two rows of one device).
 * '*ret_n', the number of rows changed, is always written. */
struct err *rows_canonise(const struct ipvl_columns *c, struct db *db,
			  size_t *ret_n) MUST_CHECK;

/* True if 'txn' changes a configuration column (those that next_cfg counts). */
bool rows_changes_config(const struct ipvl_columns *c, const struct txn *txn);
/* Operations (RFC 7047 5.2) that add one to next_cfg of a server's Host row, and read it; and the
 * value that they read, by their results, which are the first ones. The caller owns them. */
struct json_object *rows_bump_operations(const struct row *host)
	__attribute__((warn_unused_result));
int64_t rows_bumped(const struct json_object *results);
/* Adds one to Host.next_cfg and returns the new value. */
int64_t rows_bump_next_cfg(const struct ipvl_columns *c, struct txn *txn,
			   struct row *host);

#endif
