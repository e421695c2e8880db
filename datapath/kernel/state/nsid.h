/* The namespaces of one observation or one batch: texts resolved to ids. They live no
 * longer than that. */
#ifndef DATAPATH_KERNEL_STATE_NSID_H
#define DATAPATH_KERNEL_STATE_NSID_H 1

#include "datapath/kernel/state/kernel_state.h"
#include "datapath/kernel/files/nsfs.h"
#include "lib/hash_table.h"

struct netns_ref {
	const char *text; /* as in the model; "" is the daemon's own */
	bool is_resolved;
	enum netns_state state;
	/* NETNS_OTHER, NETNS_DENIED: the message of nsfs_open(); else "". */
	const char *what;
	uint64_t inode;
	uint64_t cookie;              /* Read of what may be removed, else 0. */
	struct model_process process; /* that the text leads through */
	/* The only namespace that the text may stand for; NULL: any. */
	const struct model_netns *bound;
	/* Of a live one; NSID_HERE for the daemon's own, whatever its text. */
	int32_t nsid;
	/* The first reference with this nsid: itself unless there is another text. */
	struct netns_ref *same;
	/* Of an observation: a slave there shows what all of the namespace share; a device there
	 * has another daemon's mark. Of 'same'. */
	bool has_shown_slave, has_others_mark;
	/* Of an observation: a row of the scope is about something there that stays; another
	 * program's device is there; it is ours and about to go. Of 'same'. */
	bool is_needed, is_occupied, is_going;
	UT_hash_handle by_text, by_nsid;
};

struct netns_table {
	struct kernel *k;
	struct arena *a;
	struct netns_ref *by_text, *by_nsid;
	struct netns_ref **list; /* in the order in which they were added */
	size_t n, cap, n_resolved;
	/* For the steps of a plan: a text through a process must lead to what the last
	 * observation found. */
	bool is_observed;
	bool may_hold; /* what is resolved now may stay open (held.h) */
};

void netns_table_init(struct netns_table *t, struct kernel *k, struct arena *a);
void netns_table_clear(struct netns_table *t);
/* Adds 'text' (borrowed), to be resolved. */
struct netns_ref *netns_table_add(struct netns_table *t, const char *text);
/* Resolves what was added, and gives an id to each live namespace that has none.
 * ERR_INTERRUPTED if one vanished meanwhile. */
struct err *netns_table_resolve(struct netns_table *t) MUST_CHECK;
/* The one with that id, resolved; added as "/nsid/N" if it is missing. */
struct netns_ref *netns_table_get_nsid(struct netns_table *t, int32_t nsid);

/* A descriptor, for the length of one call. ERR_INTERRUPTED if the text now stands for
 * another namespace. */
struct err *netns_ref_open(const struct kernel *k, const struct netns_ref *s,
			   int *ret_fd) MUST_CHECK;
/* A socket inside the namespace; for the daemon's own it is that of the provider. Close
 * it with netns_ref_close_socket() before the call ends: an open one keeps a deleted
 * namespace alive. That of a namespace that is held (held.h) stays open. */
struct err *netns_ref_open_socket(struct kernel *k, const struct netns_ref *s,
				  struct nl_socket **ret_socket) MUST_CHECK;
void netns_ref_close_socket(struct kernel *k, struct nl_socket *s);
/* Enters the namespace; nsfs_leave() with own_fd of the provider leads back. */
struct err *netns_ref_enter(const struct kernel *k, const struct netns_ref *s) MUST_CHECK;

/* Calls 'fn' for each id that a namespace has in ours. */
typedef void nsid_fn(void *aux, int32_t nsid);
struct err *nsid_dump_all(struct kernel *k, nsid_fn *fn, void *aux) MUST_CHECK;
/* The id of the namespace 'fd'; gives it one if it has none. */
struct err *nsid_of_fd(struct nl_socket *s, int fd, int32_t *ret_nsid) MUST_CHECK;

#endif
