/* Waits until the kernel has done what it does in the background, without a time: each
 * wait is for a mark of our own that the kernel reaches after what went before it.
 *
 * - Namespaces: one work queue takes those that have died, in their order, and deletes
 *   the devices of a batch in one go (Linux cleanup_net(),
 *   default_device_exit_batch()). The mark is a namespace that dies now, with one end of
 *   a veth: when the other end is gone, so are all that died before. A namespace dies
 *   when the last socket in it is freed, an RCU grace period after it was closed; on one
 *   CPU the grace periods end in order, and the mark has had a socket too.
 * - Carrier: link_watch.c takes devices from one list, those that are stacked on others
 *   at once, others once a second. Each round may put the devices above on the list
 *   again, so there are as many rounds as floors. The marks are a veth and a dummy.
 * - IPv6: one work queue ends duplicate address detection, in order, where that has no
 *   time to wait for, each under the lock that every request takes (Linux
 *   addrconf_dad_work()). The mark is an address without detection.
 *
 * The marks are in a namespace without a name and without an id, which makes no events
 * elsewhere. */
#include "tests/twin/kernel_private.h"

#include "lib/alloc.h"
#include "lib/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 60000
/* A slave on a VLAN on a device. */
#define FLOORS  3
#define OPER_UP 6 /* IF_OPER_UP */

static struct err *make_veth(const char *name, const char *peer, int peer_fd)
{
	struct ifinfomsg info = {0};
	struct nlattr *link_info, *data, *nest;
	struct nlmsghdr *h;
	struct nl_msg m;

	nl_msg_init(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(info));
	h = nl_msg_head(&m);
	nl_put_text(&m, IFLA_IFNAME, name);
	link_info = nl_nest(&m, IFLA_LINKINFO);
	nl_put_text(&m, IFLA_INFO_KIND, "veth");
	data = nl_nest(&m, IFLA_INFO_DATA);
	nest = nl_nest(&m, VETH_INFO_PEER);
	memcpy((char *)h + h->nlmsg_len, &info, sizeof(info));
	h->nlmsg_len += (uint32_t)sizeof(info);
	nl_put_text(&m, IFLA_IFNAME, peer);
	if (peer_fd >= 0)
		nl_put_u32(&m, IFLA_NET_NS_FD, (uint32_t)peer_fd);
	nl_nest_end(&m, nest);
	nl_nest_end(&m, data);
	nl_nest_end(&m, link_info);
	return kernel_send(&m);
}

static void must(struct err *e)
{
	if (!e)
		return;
	fprintf(stderr, "kernel: cannot set a mark: %s\n", e->message);
	abort();
}

static void set_up(const char *name, bool is_up)
{
	struct ifinfomsg *head;
	struct nl_msg m;

	head = nl_msg_init(&m, RTM_NEWLINK, 0, sizeof(*head));
	head->ifi_change = IFF_UP;
	head->ifi_flags = is_up ? IFF_UP : 0;
	nl_put_text(&m, IFLA_IFNAME, name);
	must(kernel_send(&m));
}

static void set_carrier(const char *name, bool has_carrier)
{
	struct nl_msg m;

	nl_msg_init(&m, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
	nl_put_text(&m, IFLA_IFNAME, name);
	nl_put_u8(&m, IFLA_CARRIER, has_carrier);
	must(kernel_send(&m));
}

static void make_dummy(const char *name)
{
	struct nlattr *info;
	struct nl_msg m;

	nl_msg_init(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	nl_put_text(&m, IFLA_IFNAME, name);
	info = nl_nest(&m, IFLA_LINKINFO);
	nl_put_text(&m, IFLA_INFO_KIND, "dummy");
	nl_nest_end(&m, info);
	must(kernel_send(&m));
}

/* For devices that are made from now on. */
static void turn_detection_off(void)
{
	static const char *const paths[] = {
		"/proc/sys/net/ipv6/conf/all/accept_dad",
		"/proc/sys/net/ipv6/conf/default/accept_dad",
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int fd CLEANUP(fd_closep) = open(paths[i], O_WRONLY | O_CLOEXEC);

		if (fd < 0 || fd_write_text(fd, "0"))
			abort();
	}
}

/* One CPU: see above. */
static void enter_hidden(void)
{
	cpu_set_t one;

	if (!kernel_enter_hidden())
		return;
	turn_detection_off();
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		abort();
	must(make_veth("mark0", "mark1", -1));
	set_up("mark1", true);
	make_dummy("slow");
	set_up("slow", true);
}

struct operstate {
	const char *name;
	uint8_t state;
};

static void no_operstate(void *aux)
{
	((struct operstate *)aux)->state = 0;
}

static void take_operstate(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct operstate *o = aux;
	const struct nlattr *attr;
	bool is_it = false;
	uint8_t state = 0;

	(void)number;
	nl_attr_for_each (attr, h, sizeof(struct ifinfomsg)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			is_it = !strcmp(mnl_attr_get_str(attr), o->name);
		else if (mnl_attr_get_type(attr) == IFLA_OPERSTATE)
			state = mnl_attr_get_u8(attr);
	}
	if (is_it)
		o->state = state;
}

/* By a dump: a question for one device takes that device from the list in 6.12 (Linux
 * linkwatch_sync_dev()). */
static bool is_oper_up(const void *name)
{
	struct operstate o = {.name = name};
	struct nl_msg m;

	nl_msg_init(&m, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	kernel_read(&m, no_operstate, take_operstate, &o);
	return o.state == OPER_UP;
}

static bool is_there(const void *name)
{
	return kernel_ifindex(name) != 0;
}

static bool wait_for(bool (*condition)(const void *aux), const void *aux, bool wanted)
{
	static const struct timespec pause = {.tv_nsec = 1000000};

	for (int i = 0; i < LIMIT_MS; i++) {
		if (condition(aux) == wanted)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static bool settle_namespaces(void)
{
	if (!kernel_enter_new())
		abort();
	must(make_veth("dies", "dying", kernel_hidden_fd()));
	enter_hidden();
	return wait_for(is_there, "dying", false);
}

static bool settle_slow_carrier(void)
{
	set_carrier("slow", false);
	if (!wait_for(is_oper_up, "slow", false))
		return false;
	set_carrier("slow", true);
	return wait_for(is_oper_up, "slow", true);
}

static bool settle_stacked_carrier(void)
{
	for (int i = 0; i < FLOORS; i++) {
		set_up("mark0", true);
		if (!wait_for(is_oper_up, "mark1", true))
			return false;
		set_up("mark0", false);
		if (!wait_for(is_oper_up, "mark1", false))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------- IPv6 */

static void take_tentative(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct nlattr *attr;
	uint32_t flags = 0;

	(void)number;
	nl_attr_for_each (attr, h, sizeof(struct ifaddrmsg)) {
		if (mnl_attr_get_type(attr) == IFA_FLAGS)
			flags = mnl_attr_get_u32(attr);
	}
	if (flags & IFA_F_TENTATIVE && !(flags & IFA_F_DADFAILED))
		*(bool *)aux = true;
}

static void none(void *aux)
{
	*(bool *)aux = false;
}

static bool is_probing_here(const void *aux)
{
	bool is_probing = false;
	struct nl_msg m;

	(void)aux;
	nl_msg_init(&m, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	kernel_read(&m, none, take_tentative, &is_probing);
	return is_probing;
}

static bool is_probing_in(const char *netns)
{
	int fd CLEANUP(fd_closep) = kernel_open_netns(netns);
	bool is_probing;

	if (fd < 0 || !kernel_enter(fd))
		return false;
	is_probing = is_probing_here(NULL);
	kernel_leave();
	return is_probing;
}

static bool is_probing(const void *aux)
{
	DIR *dir = opendir("/run/netns");
	bool has = is_probing_in("");
	struct dirent *entry;

	(void)aux;
	while (dir && !has && (entry = readdir(dir)))
		has = *entry->d_name != '.' && is_probing_in(entry->d_name);
	if (dir)
		closedir(dir);
	return has;
}

static struct err *change_address(uint16_t type, uint16_t flags)
{
	static const uint8_t address[16] = {0xfd, [15] = 1};
	struct ifaddrmsg *head;
	struct nl_msg m;

	head = nl_msg_init(&m, type, flags, sizeof(*head));
	head->ifa_family = AF_INET6;
	head->ifa_prefixlen = 128;
	head->ifa_index = kernel_ifindex("slow");
	nl_put(&m, IFA_LOCAL, sizeof(address), address);
	return kernel_send(&m);
}

static bool settle_ipv6(void)
{
	bool ok;

	must(change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL));
	ok = wait_for(is_probing_here, NULL, false);
	must(change_address(RTM_DELADDR, 0));
	return ok;
}

bool kernel_settle(unsigned int what)
{
	bool ok = true;

	if (what & KERNEL_IPV6)
		ok = wait_for(is_probing, NULL, false);
	enter_hidden();
	if (what & KERNEL_NAMESPACES)
		ok = ok && settle_namespaces();
	if (what & KERNEL_SLOW_CARRIER)
		ok = ok && settle_slow_carrier();
	if (what & (KERNEL_CARRIER | KERNEL_SLOW_CARRIER))
		ok = ok && settle_stacked_carrier();
	if (what & KERNEL_IPV6)
		ok = ok && settle_ipv6();
	kernel_leave();
	return ok;
}
