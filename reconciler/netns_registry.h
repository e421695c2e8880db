/* The book of namespaces: rows of the table Netns. Those that ipvl has made are written
 * before they are made and struck out after they are removed (design.md 6); those that
 * rows reach through a process are written before they are first used, and struck out
 * with the last row. A namespace that is not in it, or that is not the one that was
 * written down (another inode since this boot), is somebody else's. */
#ifndef RECONCILER_NETNS_REGISTRY_H
#define RECONCILER_NETNS_REGISTRY_H 1

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

/* True if it is written down as ours and nothing says otherwise; '*ret_inode' and
 * '*ret_cookie' are 0 if they were never noted. */
bool netns_registry_is_ours(const struct netns_registry *reg, const char *netns,
			    uint64_t *ret_inode, uint64_t *ret_cookie);

/* True if the text, which leads through a process, was used: what it is bound to
 * (model.h). */
struct model_process;
bool netns_registry_is_bound(const struct netns_registry *reg, const char *netns,
			     struct model_process *ret_process, uint64_t *ret_inode);
/* Before they are first used: one commit for all. 'inode' 0 binds it to nothing. */
struct netns_binding {
	const char *netns;
	const struct model_process *process;
	uint64_t inode;
};
struct err *netns_registry_bind(struct netns_registry *reg,
				const struct netns_binding *bindings,
				size_t n) MUST_CHECK;

/* Calls 'fn' for each name in the book. */
typedef void netns_registry_name_fn(void *aux, const char *netns);
void netns_registry_each(const struct netns_registry *reg, netns_registry_name_fn *fn,
			 void *aux);

/* Before they are made: one commit for all. Names already in the book lose their inode.
 */
struct err *netns_registry_reserve(struct netns_registry *reg, const char *const *names,
				   size_t n) MUST_CHECK;

/* After: one commit for all. 'inode' 0 strikes the name out. */
struct netns_made {
	const char *name;
	uint64_t inode, cookie;
};
struct err *netns_registry_settle(struct netns_registry *reg,
				  const struct netns_made *entries, size_t n) MUST_CHECK;

#endif
