/* Listening: one netlink socket for all namespaces with an id in ours, inotify on
 * /run/netns and on files that are in the way, and the mount table, behind one descriptor.
 *
 * Nothing here asks the kernel what happened. A message that is not understood is dropped. If
 * messages were lost, the event is DATAPATH_ALL_CHANGED. */
#include "datapath/kernel/events/events.h"

#include "datapath/kernel/events/event_sink.h"
#include "datapath/kernel/events/events_decode.h"
#include "datapath/kernel/events/events_files.h"
#include "datapath/kernel/events/events_names.h"
#include "datapath/kernel/events/events_state.h"
#include "datapath/kernel/events/events_unseen.h"
#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/netlink/nl_link.h"
#include "lib/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

/* Making a thousand slaves at once causes about twenty thousand messages. */
#define RCVBUF_BYTES     (16 * 1024 * 1024)
#define READ_BYTES       65536
#define LOOPBACK_IFINDEX 1 /* Linux include/net/flow.h */
/* For one drain(): a flood must not block the caller's loop. */
#define MAX_READS 20000

/* Drops in the kernel what only follows from other events: new entries of the local
 * table, routes that the kernel or a router adds, but not default routes, new link-local IPv6
 * addresses. Offsets: struct nlmsghdr has 16 bytes. */
static struct err *set_filter(int fd)
{
	enum {
		TYPE = 4,
		ADDR_FAMILY = 16,
		ADDR_SCOPE = 19,
		ROUTE_DST_LEN = 17,
		ROUTE_TABLE = 20,
		ROUTE_PROTOCOL = 21,
		ROUTE_TYPE = 23
	};
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWADDR), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 10, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		/* 5: a new address */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ADDR_FAMILY),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 14),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ADDR_SCOPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RT_SCOPE_LINK, 13, 12),
		/* 9: a new route */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ROUTE_TABLE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RT_TABLE_LOCAL, 11, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ROUTE_PROTOCOL),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTPROT_KERNEL, 9, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTPROT_RA, 5, 7),
		/* 14: a route that was removed */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ROUTE_TYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTN_UNICAST, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTN_BROADCAST, 5, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ROUTE_PROTOCOL),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTPROT_RA, 0, 2),
		/* 19: of a router */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ROUTE_DST_LEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		/* 21, 22 */
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		return err_sys(errno, "cannot filter events");
	return NULL;
}

static struct err *join_groups(int fd)
{
	static const int groups[] = {
		RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV6_IFINFO,
		RTNLGRP_IPV4_RULE,  RTNLGRP_IPV6_RULE,   RTNLGRP_NSID};

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])))
			return err_sys(errno, "cannot listen to events");
	}
	return NULL;
}

static struct err *open_netlink(int *ret_fd)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK};
	int bytes = RCVBUF_BYTES, on = 1;
	struct err *e;

	if (fd < 0)
		return err_sys(errno, "cannot open a socket for events");
	*ret_fd = fd;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)))
		return err_sys(errno, "cannot set the size of the events' buffer");
	if (setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on)))
		return err_sys(errno, "cannot listen to the events of other namespaces");
	e = set_filter(fd);
	if (!e && bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		e = err_sys(errno, "cannot bind the events' socket");
	return e ? e : join_groups(fd);
}

/* Watches the parent while the folder is missing. inotify keeps one watch for an
 * inode. */
static void watch_names(struct events *ev)
{
	ev->names_watch = inotify_add_watch(ev->inotify_fd, NETNS_DIR,
					    IN_CREATE | IN_DELETE | IN_MOVED_TO |
						    IN_MOVED_FROM | IN_ONLYDIR);
	if (ev->names_watch < 0)
		(void)inotify_add_watch(ev->inotify_fd, "/run", IN_CREATE | IN_MOVED_TO);
}

static struct err *open_files(struct events *ev)
{
	ev->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (ev->inotify_fd < 0)
		return err_sys(errno, "cannot watch %s", NETNS_DIR);
	watch_names(ev);
	ev->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	ev->mounts_asked_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (ev->mounts_fd < 0 || ev->mounts_asked_fd < 0)
		return err_sys(errno, "cannot open /proc/self/mountinfo");
	return NULL;
}

static struct err *add_fd(const struct events *ev, int fd, uint32_t what)
{
	struct epoll_event event = {.events = what, .data.fd = fd};

	if (epoll_ctl(ev->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return err_sys(errno, "cannot wait for events");
	return NULL;
}

static struct err *open_all(struct events *ev)
{
	struct err *e = open_netlink(&ev->netlink_fd);

	if (!e)
		e = open_files(ev);
	if (e)
		return e;
	ev->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ev->epoll_fd < 0)
		return err_sys(errno, "cannot wait for events");
	e = add_fd(ev, ev->netlink_fd, EPOLLIN);
	if (!e)
		e = add_fd(ev, ev->inotify_fd, EPOLLIN);
	return e ? e : add_fd(ev, ev->mounts_fd, EPOLLPRI);
}

struct err *events_open(struct kernel *k)
{
	struct events *ev = xcalloc(1, sizeof(*ev));
	struct err *e;

	ev->epoll_fd = ev->netlink_fd = ev->inotify_fd = -1;
	ev->mounts_fd = ev->mounts_asked_fd = ev->files_root = ev->names_watch = -1;
	ev->buf = xmalloc(READ_BYTES);
	k->events = ev;
	e = open_all(ev);
	if (e)
		return e;
	k->base.event_fd = ev->epoll_fd;
	(void)events_names_are_mounts_changed(ev);
	events_names_scan(k, NULL);
	return NULL;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void events_close(struct kernel *k)
{
	struct events *ev = k->events;

	if (!ev)
		return;
	close_fd(ev->epoll_fd);
	close_fd(ev->netlink_fd);
	close_fd(ev->inotify_fd);
	close_fd(ev->mounts_fd);
	close_fd(ev->mounts_asked_fd);
	events_names_clear(ev);
	events_files_clear(ev);
	events_unseen_clear(ev);
	free(ev->buf);
	free(ev);
	k->events = NULL;
}

/* The namespace that a message comes from. It is control data, and absent for our own. */
static int32_t nsid_of(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		int32_t nsid;

		if (c->cmsg_level != SOL_NETLINK ||
		    c->cmsg_type != NETLINK_LISTEN_ALL_NSID)
			continue;
		memcpy(&nsid, CMSG_DATA(c), sizeof(nsid));
		return nsid;
	}
	return NSID_HERE;
}

bool events_are_pending(const struct kernel *k)
{
	struct pollfd p = {.fd = k->events->netlink_fd, .events = POLLIN};

	/* Also POLLERR, if some were lost. */
	return poll(&p, 1, 0) > 0;
}

/* An id or an ifindex may stand for something else by now. Everything is read again. */
static void emit_loss(struct event_sink *s)
{
	cache_invalidate(&s->k->cache);
	strangers_clear(&s->k->strangers);
	watches_clear(&s->k->watches);
	cache_note_netns(&s->k->cache, "", NSID_HERE, s->k->own_inode, NULL);
	event_emit(s, &(struct datapath_event){.kind = DATAPATH_ALL_CHANGED,
					       .netns = "",
					       .name = "",
					       .what = "events were lost"});
}

/* Reads one datagram; false if there is none. */
static bool read_netlink(struct event_sink *s)
{
	const struct events *ev = s->k->events;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int32_t)) * 2];
	} control;
	struct sockaddr_nl from = {0};
	struct iovec io = {.iov_base = ev->buf, .iov_len = READ_BYTES};
	struct msghdr msg = {.msg_name = &from,
			     .msg_namelen = sizeof(from),
			     .msg_iov = &io,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(ev->netlink_fd, &msg, 0);
	const struct nlmsghdr *h = (const struct nlmsghdr *)ev->buf;
	int32_t nsid;

	if (n < 0 && errno == ENOBUFS)
		emit_loss(s);
	if (n < 0)
		return errno == ENOBUFS || errno == EINTR;
	if (from.nl_pid)
		return true;
	nsid = kernel_nsid(s->k, nsid_of(&msg));
	for (int left = (int)n; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
		events_decode(s, nsid, h);
	return n > 0;
}

/* A file in NETNS_DIR: only its name is checked. Whatever else is reported, the folder itself
 * may have come or gone, and all names are. */
static void take_inotify(struct event_sink *s, const struct inotify_event *m)
{
	struct events *ev = s->k->events;

	events_files_take(s, m);
	if (m->wd == ev->names_watch && m->len && !(m->mask & (IN_Q_OVERFLOW | IN_ISDIR)))
		events_names_check(s->k, s, m->name);
	else
		ev->must_scan = true;
}

static void read_inotify(struct event_sink *s)
{
	const struct events *ev = s->k->events;
	ssize_t n, size;

	while ((n = read(ev->inotify_fd, ev->buf, READ_BYTES)) > 0) {
		for (ssize_t at = 0; at < n; at += size) {
			const struct inotify_event *m = (const void *)(ev->buf + at);

			take_inotify(s, m);
			size = (ssize_t)(sizeof(*m) + m->len);
		}
	}
}

/* A report about another program's mount may have been taken for one about ours. Files
 * without a namespace are checked each time, everything at the first drain() without mounts of
 * our own. */
static void check_names(struct event_sink *s)
{
	struct events *ev = s->k->events;
	bool is_scan = ev->must_scan || (ev->may_have_missed && !ev->has_mounted);

	if (is_scan) {
		watch_names(ev);
		events_names_scan(s->k, s);
	} else if (ev->has_mounted) {
		events_names_check_dead(s->k, s);
	}
	ev->may_have_missed = ev->has_mounted;
	ev->must_scan = ev->has_mounted = false;
}

/* The events of one change are sent under one lock of the kernel (rtnl), and on a machine
 * with several processors the first of them is here before the others: a deleted slave's
 * master is reported before the deletion, which names its author. This request needs the
 * lock, so that the others have been sent when it is answered. */
static void wait_for_the_others(struct kernel *k)
{
	struct nl_msg m;

	nl_link_msg_get(&m, NSID_HERE, NULL, LOOPBACK_IFINDEX);
	err_free(nl_run(k->sock, &m, NULL, NULL));
}

void events_drain(struct datapath *dp, datapath_event_fn *fn, void *aux)
{
	struct kernel *k = (struct kernel *)dp;
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct event_sink s = {.k = k, .a = a, .fn = fn, .aux = aux};
	int n_reads = 0;

	k->events->must_scan |= events_names_are_mounts_changed(k->events);

	while (n_reads < MAX_READS && read_netlink(&s)) {
		if (!n_reads++)
			wait_for_the_others(k);
	}
	if (n_reads < MAX_READS) {
		events_unseen_emit(&s);
		events_decode_end(&s);
		cache_end_drain(&k->cache);
	}
	/* Always read, otherwise it would stay ready. */
	read_inotify(&s);
	check_names(&s);
	HASH_CLEAR(hh, s.emitted);
}
