/* The kernel as a datapath: opening and closing it, and the table of the provider.
 *
 * Nothing outlives a turn of the loop but the sockets of the daemon's own namespace, the
 * cache and the table of strangers. */
#include "datapath/kernel/kernel.h"

#include "datapath/kernel/advertise.h"
#include "datapath/kernel/files/authors.h"
#include "datapath/kernel/events/events.h"
#include "datapath/kernel/execute/execute.h"
#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/resolv.h"
#include "datapath/kernel/state/kernel_state.h"
#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/state/nsid.h"
#include "datapath/kernel/observe/counters.h"
#include "datapath/kernel/observe/lookup.h"
#include "datapath/kernel/observe/observe.h"
#include "datapath/kernel/observe/survey.h"
#include "datapath/kernel/ping.h"
#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Netlink ports are usually PIDs. This bit keeps ours apart, also from the same PID in
 * another PID namespace. */
#define PORT_BIT 0x80000000U

static struct err *choose_numbers(struct kernel *k)
{
	uint32_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(errno, "cannot get random numbers");
	k->next_ifindex = KERNEL_FIRST_IFINDEX + (random[0] & KERNEL_IFINDEX_SPREAD);
	k->port = (random[1] | PORT_BIT) & ~(KERNEL_N_PORTS - 1);
	return NULL;
}

static void kernel_close(struct datapath *dp)
{
	struct kernel *k = (struct kernel *)dp;

	if (!k)
		return;
	held_end(&k->held);
	advertise_close(k);
	events_close(k);
	authors_close(k->authors);
	nl_socket_close(k->dumps);
	nl_socket_close(k->sock);
	if (k->own_fd >= 0)
		close(k->own_fd);
	cache_clear(&k->cache);
	strangers_clear(&k->strangers);
	watches_clear(&k->watches);
	free(k);
}

/* Asks for an ipvlan on a device that cannot exist. ENODEV then comes from the driver
 * itself, which the kernel has found or loaded (Linux ipvlan_link_new()). Nothing is made
 * in any case. */
static struct err *probe_ipvlan(struct nl_socket *sock)
{
	const struct nl_link_new impossible = {.name = "ipvl-probe",
					       .kind = "ipvlan",
					       .type = &link_type_ipvlan,
					       .lower = INT32_MAX,
					       .netns_fd = -1};
	struct utsname kernel;
	struct nl_msg m;
	struct err *e;

	nl_link_msg_new(&m, &impossible);
	e = nl_run(sock, &m, NULL, NULL);
	if (!e || e->sys_errno == ENODEV) {
		err_free(e);
		return NULL;
	}
	if (e->sys_errno != EOPNOTSUPP)
		return err_wrap(e, "cannot ask for ipvlan");
	err_free(e);
	uname(&kernel);
	return err_hint(err_new(ERR_UNSUPPORTED, "%s %s has no ipvlan", kernel.sysname,
				kernel.release),
			"run `modprobe ipvlan` to see why, or boot a kernel built with "
			"CONFIG_IPVLAN");
}

static bool is_linux_since(unsigned long major, unsigned long minor)
{
	struct utsname kernel;
	unsigned long its_major, its_minor;
	char *end;

	if (uname(&kernel))
		return false;
	its_major = strtoul(kernel.release, &end, 10);
	its_minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return its_major > major || (its_major == major && its_minor >= minor);
}

static struct err *open_parts(struct kernel *k)
{
	struct err *e = choose_numbers(k);

	if (!e)
		e = nsfs_open("", &k->own_fd, &k->own_inode);
	if (!e)
		e = nl_socket_open(k->port, &k->sock);
	if (!e)
		e = nl_socket_open(0, &k->dumps);
	if (!e)
		e = probe_ipvlan(k->sock);
	k->renames_up = is_linux_since(6, 2);
	if (!e)
		e = nsid_of_fd(k->sock, k->own_fd, &k->own_nsid);
	if (!e) {
		cache_note_netns(&k->cache, "", NSID_HERE, k->own_inode, NULL);
		e = events_open(k);
	}
	if (!e)
		e = authors_open(k->port, KERNEL_N_PORTS - 1, &k->authors);
	if (e && (e->sys_errno == EPERM || e->sys_errno == EACCES))
		e = err_hint(e, "run as root, or with CAP_NET_ADMIN, CAP_SYS_ADMIN and "
				"CAP_NET_BROADCAST");
	return e;
}

static void kernel_hold(struct datapath *dp, bool on)
{
	struct kernel *k = (struct kernel *)dp;

	if (on)
		held_begin(&k->held);
	else
		held_end(&k->held);
}

static struct err *kernel_open(const struct datapath_config *config,
			       struct datapath **ret_dp)
{
	struct kernel *k = xcalloc(1, sizeof(*k));
	struct err *e;

	assert(config->mark && config->mark <= INT32_MAX);
	k->base.provider = &kernel_provider;
	k->base.event_fd = -1;
	k->config = *config;
	k->own_fd = -1;
	k->resolv = (struct resolv_files){.root = "/etc/netns", .mark = config->mark};
	e = open_parts(k);
	if (!e)
		resolv_clean(&k->resolv);
	if (e) {
		kernel_close((struct datapath *)k);
		return err_wrap(e, "cannot use the network of this kernel");
	}
	*ret_dp = (struct datapath *)k;
	return NULL;
}

const struct datapath_provider kernel_provider = {
	.id = {.name = "kernel",
	       .abi = DATAPATH_ABI,
	       .size = sizeof(struct datapath_provider)},
	.open = kernel_open,
	.close = kernel_close,
	.observe = observe_scope,
	.apply = execute_steps,
	.drain = events_drain,
	.announce = advertise_addresses,
	.survey = survey_kernel,
	.lookup = lookup_kernel,
	.ping = ping_open,
	.count = counters_read,
	.hold = kernel_hold,
};
