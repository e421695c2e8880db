/* What a namespace does with a packet: the kernel itself is asked (RTM_GETROUTE, as `ip route
 * get` does), so that rules, rp_filter and forwarding count without being known here. */
#include "datapath/kernel/observe/lookup.h"

#include "datapath/kernel/files/sysctl.h"
#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/netlink/nl_lookup.h"
#include "datapath/kernel/state/nsid.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void take_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	(void)number;
	(void)nl_link_parse(h, aux);
}

static void take_route(void *aux, size_t number, const struct nlmsghdr *h)
{
	(void)number;
	(void)nl_lookup_parse(h, aux);
}

/* By name, or by ifindex if 'name' is NULL. */
static struct err *find_link(struct nl_socket *sock, const char *name, uint32_t ifindex,
			     struct nl_link *ret_link)
{
	struct nl_msg m;

	*ret_link = (struct nl_link){0};
	nl_link_msg_get(&m, NSID_HERE, name, ifindex);
	return nl_run(sock, &m, take_link, ret_link);
}

/* "": 0. */
static struct err *index_of(struct nl_socket *sock, const char *name,
			    uint32_t *ret_ifindex)
{
	struct nl_link link = {0};
	struct err *e = *name ? find_link(sock, name, 0, &link) : NULL;

	*ret_ifindex = link.ifindex;
	if (e && e->sys_errno == ENODEV)
		e->code = ERR_NOT_FOUND;
	return e ? err_wrap(e, "cannot find the device %s", name) : NULL;
}

/* The packet is dropped: an answer, not an error. Then the kernel sends no text. */
static bool is_refusal(const struct err *e)
{
	if (strcmp(e->message, strerror(e->sys_errno)) != 0)
		return false;
	return e->sys_errno == ENETUNREACH || e->sys_errno == EHOSTUNREACH ||
	       e->sys_errno == EACCES || e->sys_errno == EINVAL || e->sys_errno == EXDEV;
}

static struct err *ask(struct nl_socket *sock, const struct datapath_lookup *l,
		       struct nl_lookup *ret_found)
{
	uint32_t in, out;
	struct nl_msg m;
	struct err *e = index_of(sock, l->in, &in);

	if (!e)
		e = index_of(sock, l->out, &out);
	if (e)
		return e;
	nl_lookup_msg(&m, &l->to, &l->from, in, out);
	return nl_run(sock, &m, take_route, ret_found);
}

static enum datapath_fate fate_of(uint8_t type)
{
	switch (type) {
	case RTN_LOCAL:
	case RTN_ANYCAST:
		return DATAPATH_DELIVERED;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return DATAPATH_BROADCAST;
	default:
		return DATAPATH_SENT;
	}
}

static struct err *look_up(struct nl_socket *sock, struct datapath_lookup *l,
			   struct arena *a)
{
	struct nl_lookup found = {0};
	struct nl_link link;
	struct err *e = ask(sock, l, &found);

	if (e && is_refusal(e)) {
		l->fate = DATAPATH_REFUSED;
		l->sys_errno = e->sys_errno;
		err_free(e);
		return NULL;
	}
	if (!e)
		e = find_link(sock, NULL, found.ifindex, &link);
	if (e)
		return e;
	l->fate = fate_of(found.type);
	l->device = arena_strdup(a, link.name);
	l->via = found.via;
	l->source = found.source;
	l->is_guessed = found.is_guessed;
	return NULL;
}

/* IPv6 decides about forwarding behind the look-up (Linux ip6_forward()). */
static struct err *check_forwarding(const struct kernel *k, const struct netns_ref *ns,
				    struct datapath_lookup *l, struct arena *a)
{
	const char *forwarding;
	struct err *e;

	if (l->to.family != AF_INET6 || !*l->in || l->fate != DATAPATH_SENT)
		return NULL;
	e = netns_ref_enter(k, ns);
	if (e)
		return e;
	forwarding = sysctl_read(a, "all", "ipv6.forwarding");
	nsfs_leave(k->own_fd);
	if (!*forwarding || *forwarding == '0') {
		l->fate = DATAPATH_REFUSED;
		l->sys_errno = EHOSTUNREACH;
	}
	return NULL;
}

struct err *lookup_kernel(struct datapath *dp, struct datapath_lookup *l, struct arena *a)
{
	struct kernel *k = (struct kernel *)dp;
	struct netns_table table;
	struct netns_ref *ns;
	struct nl_socket *sock;
	struct err *e;

	netns_table_init(&table, k, a);
	ns = netns_table_add(&table, l->netns);
	e = netns_table_resolve(&table);
	if (!e && ns->state != NETNS_LIVE)
		e = err_new(ERR_NOT_FOUND, "there is no namespace %s", l->netns);
	if (!e)
		e = netns_ref_open_socket(k, ns, &sock);
	if (!e) {
		e = look_up(sock, l, a);
		netns_ref_close_socket(k, sock);
	}
	if (!e)
		e = check_forwarding(k, ns, l, a);
	netns_table_clear(&table);
	return e;
}
