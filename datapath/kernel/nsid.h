/* The namespaces that one observe() or apply() has to do with: texts resolved to ids.
 * Lives no longer. */
#ifndef DATAPATH_KERNEL_NSID_H
#define DATAPATH_KERNEL_NSID_H 1

#include "datapath/kernel/kernel_state.h"
#include "datapath/kernel/files/nsfs.h"
#include "lib/hash_table.h"

struct netns_ref {
	const char *text; /* as in the model; "" is the daemon's own */
	bool is_resolved;
	enum netns_state state;
	const char *what; /* NETNS_OTHER, NETNS_DENIED: as nsfs_open() says; else "" */
	uint64_t inode;
	uint64_t cookie;              /* read of what may be removed; else 0 */
	struct model_process process; /* through which the text leads */
	const struct model_netns
		*bound; /* what it may stand for; NULL: whatever it does */
	int32_t nsid; /* of a live one; NSID_HERE: the daemon's own, whatever its text */
	struct netns_ref
		*same; /* the first of those with this nsid: itself where there is no
			       other text */
	UT_hash_handle by_text, by_nsid;
};

struct netns_table {
	struct kernel *k;
	struct arena *a;
	struct netns_ref *by_text, *by_nsid;
	struct netns_ref **list; /* in the order of asking */
	size_t n, cap, n_resolved;
	bool is_observed; /* of a plan's steps: a text through a process must lead to what
			     the last observation found */
};

void netns_table_init(struct netns_table *t, struct kernel *k, struct arena *a);
void netns_table_clear(struct netns_table *t);
/* Notes that 'text' (borrowed) will be looked at. */
struct netns_ref *netns_table_add(struct netns_table *t, const char *text);
/* Resolves what was added; gives an id to each live namespace that has none.
 * ERR_INTERRUPTED where one went while it was looked at. */
struct err *netns_table_resolve(struct netns_table *t) MUST_CHECK;
/* The one with that id, added as "/nsid/N" where nobody named it. Resolved. */
struct netns_ref *netns_table_get_nsid(struct netns_table *t, int32_t nsid);

/* A descriptor of it for the length of one call; ERR_INTERRUPTED if its text now means
 * another one. */
struct err *netns_ref_open(const struct netns_ref *s, int *ret_fd) MUST_CHECK;
/* A socket inside; the kernel's own where it is the daemon's. Close with
 * netns_ref_close_socket() before the call ends: an open one keeps a deleted namespace alive.
 */
struct err *netns_ref_open_socket(struct kernel *k, const struct netns_ref *s,
				  struct nl_socket **ret_socket) MUST_CHECK;
void netns_ref_close_socket(const struct kernel *k, struct nl_socket *s);
/* Enters it; kernel.c's own_fd leads back (nsfs_leave()). */
struct err *netns_ref_enter(const struct netns_ref *s) MUST_CHECK;

/* The ids that namespaces have in ours: 'fn' is given each. */
typedef void nsid_fn(void *aux, int32_t nsid);
struct err *nsid_dump_all(struct kernel *k, nsid_fn *fn, void *aux) MUST_CHECK;
/* The id of the namespace 'fd', given to it if it has none. */
struct err *nsid_of_fd(struct nl_socket *s, int fd, int32_t *ret_nsid) MUST_CHECK;

#endif
