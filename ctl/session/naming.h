/* Finds rows by the names that users give them. */
#ifndef CTL_NAMING_H
#define CTL_NAMING_H 1

#include "ctl/session/context.h"

#include <stdbool.h>
#include <stddef.h>

/* Splits NETNS/NAME at the last '/', since a device name has none:
 * "/proc/7/ns/net/eth0" is eth0 in the namespace of that path, "/eth0" is in the
 * master's namespace. '*ret_netns' is NULL without a '/'. */
void naming_split(const char *record, struct arena *a, const char **ret_netns,
		  const char **ret_name);

/* The namespace and name of a new device. 'argument' may contain both; 'given' is the
 * column netns of the same command, or NULL. ERR_INVALID for a name that no device can
 * have. Borrowed from all of them. */
struct err *naming_new(const struct context *ctx, const char *argument,
		       const struct datum *given, const char **ret_netns,
		       const char **ret_name) MUST_CHECK;

/* "ns1/ipvl1"; "eno2" in the daemon's namespace; "pool lan". From the attempt's arena. */
const char *naming_label(const struct context *ctx, const struct row *r);

/* The rows that the attempt has not removed, sorted by label ("ns2" before "ns10").
 * From the attempt's arena. */
struct row **naming_masters(const struct context *ctx, size_t *ret_n);
struct row **naming_slaves(const struct context *ctx, const struct row *master,
			   size_t *ret_n);
struct row **naming_pools(const struct context *ctx, size_t *ret_n);

/* Finds a row by name or UUID. ERR_NOT_FOUND with the nearest name; ERR_INVALID with
 * the candidates if several have the name. '*ret_master' (may be NULL) is the slave's
 * master. */
struct err *naming_find_master(const struct context *ctx, const char *record,
			       struct row **ret_row) MUST_CHECK;
struct err *naming_find_slave(const struct context *ctx, const char *record,
			      struct row **ret_row, struct row **ret_master) MUST_CHECK;
/* A master of that name, else a slave. '*ret_master' (may be NULL) is the slave's, NULL
 * for a master. The errors are those of naming_find_slave(). */
struct err *naming_find_any(const struct context *ctx, const char *record,
			    struct row **ret_row, struct row **ret_master) MUST_CHECK;
struct err *naming_find_pool(const struct context *ctx, const char *record,
			     struct row **ret_row) MUST_CHECK;
/* A row of any table: by UUID, else by name. "." is the only row of a table. */
struct err *naming_find(const struct context *ctx, const struct table *table,
			const char *record, struct row **ret_row) MUST_CHECK;

/* The error of a server that found two rows of one name, in fewer words (ovsdb-server has the
 * same text). Takes 'e'; other errors are returned as they are. */
struct err *naming_explain(struct err *e) MUST_CHECK;

#endif
