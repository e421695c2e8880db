/* The state of this provider. For datapath/kernel/ alone. */
#ifndef DATAPATH_KERNEL_STATE_KERNEL_STATE_H
#define DATAPATH_KERNEL_STATE_KERNEL_STATE_H 1

#include "datapath/datapath.h"
#include "datapath/kernel/files/resolv.h"
#include "datapath/kernel/state/cache.h"
#include "datapath/kernel/state/held.h"
#include "datapath/kernel/netlink/nl_socket.h"
#include "datapath/kernel/state/strangers.h"
#include "datapath/kernel/state/watches.h"

#include <assert.h>

struct advertising;
struct authors;
struct events;

/* A power of two. The first port is that of 'sock', the following ones belong to the
 * threads that delete; the upper half are NL_OTHER_PORTs. */
#define KERNEL_N_PORTS 32U
static_assert(KERNEL_N_PORTS == 2 * NL_OTHER_PORT, "both halves are ours");

/* The ifindexes that we choose begin somewhere above this number, where the kernel's own
 * counter does not come soon, and leave room above. */
#define KERNEL_FIRST_IFINDEX  (1U << 20)
#define KERNEL_IFINDEX_SPREAD ((1U << 30) - 1)
static_assert(KERNEL_FIRST_IFINDEX + KERNEL_IFINDEX_SPREAD < INT32_MAX - (1U << 29),
	      "there is room above");

struct kernel {
	struct datapath_base base;
	struct datapath_config config;
	struct nl_socket *sock; /* in the daemon's own namespace */
	/* The same, for dumps of other namespaces, most of which are short (nl_socket.c). */
	struct nl_socket *dumps;
	/* The first of KERNEL_N_PORTS netlink ports that only our sockets have. */
	uint32_t port;
	int own_fd; /* the daemon's own namespace */
	uint64_t own_inode;
	/* The id of our namespace in itself, by which links name the namespace of their
	 * master. */
	int32_t own_nsid;
	uint32_t next_ifindex;
	bool renames_up; /* devices that are up, too (kernel.md 24) */
	struct resolv_files resolv;
	struct cache cache;
	struct held held;
	struct strangers strangers;
	struct watches watches;
	struct authors *authors;
	struct events *events;
	struct advertising *advertising; /* NULL: nothing is being sent */
};

static inline bool kernel_is_own_port(const struct kernel *k, uint32_t port)
{
	return (port & ~(KERNEL_N_PORTS - 1)) == k->port;
}

/* One number for each namespace: for our own always NSID_HERE, not its id in itself. */
static inline int32_t kernel_nsid(const struct kernel *k, int32_t nsid)
{
	return nsid == k->own_nsid ? NSID_HERE : nsid;
}

#endif
