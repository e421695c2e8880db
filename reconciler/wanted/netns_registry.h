/* The registry of namespaces: rows of the table Netns.
 *
 * A namespace that ipvl makes is registered before it is made, and unregistered after
 * it is removed. A namespace that rows reach through a process is registered before
 * its first use, and unregistered with the last row. A namespace that is not
 * registered, or has another inode or cookie than the registered one, belongs to
 * another process. */
#ifndef RECONCILER_WANTED_NETNS_REGISTRY_H
#define RECONCILER_WANTED_NETNS_REGISTRY_H 1

#include "config/rows.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netns_registry;

/* Borrows 'columns'. Reads the machine's boot id (/proc/sys/kernel/random/boot_id). */
struct err *netns_registry_new(const struct ipvl_columns *columns, struct db *db,
			       struct netns_registry **ret_registry) MUST_CHECK;
void netns_registry_free(struct netns_registry *reg); /* accepts NULL */

/* True if the namespace is registered as made by ipvl in this boot. '*ret_inode' and
 * '*ret_cookie' are 0 if they were never recorded. */
bool netns_registry_is_ours(const struct netns_registry *reg, const char *netns,
			    uint64_t *ret_inode, uint64_t *ret_cookie);

/* True if 'netns' leads through a process and was used: what it is bound to (model.h). */
struct model_process;
bool netns_registry_is_bound(const struct netns_registry *reg, const char *netns,
			     struct model_process *ret_process, uint64_t *ret_inode);
/* Before the first use: one commit for all. 'inode' 0 binds it to nothing. */
struct netns_binding {
	const char *netns;
	const struct model_process *process;
	uint64_t inode;
};
struct err *netns_registry_bind(struct netns_registry *reg,
				const struct netns_binding *bindings,
				size_t n) MUST_CHECK;

/* Calls 'fn' for each registered name. */
typedef void netns_registry_name_fn(void *aux, const char *netns);
void netns_registry_each(const struct netns_registry *reg, netns_registry_name_fn *fn,
			 void *aux);

/* Before namespaces are made: one commit for all. Names that are registered already
 * lose their inode. */
struct err *netns_registry_reserve(struct netns_registry *reg, const char *const *names,
				   size_t n) MUST_CHECK;

/* Afterwards: one commit for all. 'inode' 0 unregisters the name. */
struct netns_made {
	const char *name;
	uint64_t inode, cookie;
};
struct err *netns_registry_settle(struct netns_registry *reg,
				  const struct netns_made *entries, size_t n) MUST_CHECK;

#endif
