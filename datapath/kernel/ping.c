/* Opens a socket for echo requests inside a namespace. Who sends, waits and closes is the
 * caller. */
#include "datapath/kernel/ping.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/state/nsid.h"
#include "lib/alloc.h"
#include "lib/fd.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static socklen_t put_address(struct sockaddr_storage *s, const struct ip_addr *addr)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)s;
	struct sockaddr_in *v4 = (struct sockaddr_in *)s;

	memset(s, 0, sizeof(*s));
	s->ss_family = addr->family;
	if (addr->family == AF_INET6)
		memcpy(&v6->sin6_addr, addr->bytes, 16);
	else
		memcpy(&v4->sin_addr, addr->bytes, 4);
	return addr->family == AF_INET6 ? sizeof(*v6) : sizeof(*v4);
}

/* Neighbour discovery is of ICMPv6, too. */
static bool filter(int fd)
{
	struct icmp6_filter only;

	ICMP6_FILTER_SETBLOCKALL(&only);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only);
	return !setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &only, sizeof(only));
}

/* In the namespace of the calling thread. */
static struct err *open_here(const struct datapath_ping *p, int *ret_fd)
{
	bool is_v6 = p->to.family == AF_INET6;
	int fd CLEANUP(fd_closep) =
		socket(p->to.family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	struct sockaddr_storage at;
	char buf[IP_TEXT_BYTES];
	socklen_t n;

	if (fd < 0 && errno == EPERM)
		return err_hint(err_sys(EPERM, "cannot open a socket for echo requests"),
				"ipvld needs CAP_NET_RAW, as its systemd unit has it");
	if (fd < 0 || (is_v6 && !filter(fd)))
		return err_sys(errno, "cannot open a socket for echo requests");
	if (*p->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p->device,
				     (socklen_t)strlen(p->device)))
		return err_sys(errno, "cannot send by %s", p->device);
	n = put_address(&at, &p->from);
	if (bind(fd, (struct sockaddr *)&at, n))
		return err_sys(errno, "cannot send from %s",
			       ip_addr_format(&p->from, buf));
	n = put_address(&at, &p->to);
	if (connect(fd, (struct sockaddr *)&at, n))
		return err_sys(errno, "cannot send to %s", ip_addr_format(&p->to, buf));
	*ret_fd = fd;
	fd = -1;
	return NULL;
}

struct err *ping_open(struct datapath *dp, const struct datapath_ping *p, int *ret_fd)
{
	struct kernel *k = (struct kernel *)dp;
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct netns_table table;
	struct netns_ref *ns;
	struct err *e;

	netns_table_init(&table, k, a);
	ns = netns_table_add(&table, p->netns);
	e = netns_table_resolve(&table);
	if (!e && ns->state != NETNS_LIVE)
		e = err_new(ERR_NOT_FOUND, "there is no namespace %s", p->netns);
	if (!e)
		e = netns_ref_enter(k, ns);
	if (!e) {
		e = open_here(p, ret_fd);
		nsfs_leave(k->own_fd);
	}
	netns_table_clear(&table);
	return e;
}
