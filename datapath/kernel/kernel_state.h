/* What the files of this provider share. For datapath/kernel/ alone. */
#ifndef DATAPATH_KERNEL_KERNEL_STATE_H
#define DATAPATH_KERNEL_KERNEL_STATE_H 1

#include "datapath/datapath.h"
#include "datapath/kernel/cache.h"
#include "datapath/kernel/netlink/nl_socket.h"
#include "datapath/kernel/strangers.h"

#include <assert.h>

struct events;

/* A power of two. The second and following are the threads' that delete; the upper half
 * are NL_OTHER_PORTs. */
#define KERNEL_N_PORTS 32U
static_assert(KERNEL_N_PORTS == 2 * NL_OTHER_PORT, "both halves are ours");

struct kernel {
	struct datapath_base base;
	struct datapath_config config;
	struct nl_socket *sock; /* in the daemon's own namespace */
	uint32_t port; /* the first of KERNEL_N_PORTS netlink ports that only our sockets
			  have */
	int own_fd;    /* the daemon's own namespace */
	uint64_t own_inode;
	int32_t own_nsid; /* the id that our namespace has in itself: links name their
			     master's so */
	uint32_t next_ifindex;
	const char *resolv_root; /* "/etc/netns" */
	struct known known;
	struct strangers strangers;
	struct events *events;
};

static inline bool kernel_is_own_port(const struct kernel *k, uint32_t port)
{
	return (port & ~(KERNEL_N_PORTS - 1)) == k->port;
}

/* One number for each namespace: our own is NSID_HERE, never its id in itself. */
static inline int32_t kernel_nsid(const struct kernel *k, int32_t nsid)
{
	return nsid == k->own_nsid ? NSID_HERE : nsid;
}

/* observe.c */
struct err *kernel_observe(struct datapath *dp, const struct model *scope,
			   enum datapath_depth depth, struct arena *a,
			   struct model **ret_have) MUST_CHECK;
/* apply.c */
void kernel_apply(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		  struct plan_result *results);
/* events.c */
struct err *events_open(struct kernel *k) MUST_CHECK;
void events_close(struct kernel *k);
/* The kernel has told something that was not drained yet. */
bool events_are_pending(const struct kernel *k);
/* We made or removed the name ourselves: no event is due. */
void events_note_name(struct kernel *k, const char *name);
void kernel_drain(struct datapath *dp, datapath_event_fn *fn, void *aux);

/* sysctl.c: what is written below /proc/sys. */
/* The value of a sysctl in the calling thread's namespace, "" where there is none. From
 * the arena. */
const char *files_read_sysctl(struct arena *a, const char *ifname, const char *key);
struct err *files_write_sysctl(const char *ifname,
			       const struct model_sysctl *sysctl) MUST_CHECK;

/* resolv.c: /etc/netns/NAME/resolv.conf. */
/* The text if ours, else "" and whether there is another's: a file without our mark, a
 * symlink, or one in the folder's place. */
const char *resolv_read(const struct kernel *k, struct arena *a, const char *netns,
			bool *ret_foreign);
/* "" removes it. ERR_EXISTS where it is not ours. */
struct err *resolv_write(const struct kernel *k, const char *netns,
			 const char *text) MUST_CHECK;
/* At start: removes what a crash has left. */
void resolv_clean(const struct kernel *k);

#endif
