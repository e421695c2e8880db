/* The floor: what the kernel takes for the work of this bench, by as few and as big messages as
 * can be, with no tool around it. Each command prints the seconds that it took.
 *
 *   make MASTER N     N namespaces, each with lo and eth0 up, an address and a default route
 *   drop MASTER N     all of them removed, until the last slave is gone
 *   gone MASTER N     waits until N slaves are gone, whoever removes them; prints the clock
 *   dump N            links, addresses and routes of all, each namespace entered
 *   repair MASTER I   deletes eth0 of one and makes it again; the time of the second
 *   await I           deletes eth0 of one, and waits until another program has made it again
 *
 * Sockets are not bound, and an ack is asked for the last message of a send only: an error comes
 * anyway. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NETNS_DIR "/run/netns"
#define MODE_L2   0
#define SLAVE_BASE                                                                       \
	1000000U       /* an ifindex that the namespace of the master does not have */
#define AT_ONCE     64 /* namespaces that are open */
#define SEND_BYTES  65536
#define PREFIX_BITS 16

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int must(int rc, const char *what)
{
	if (rc < 0)
		die(what);
	return rc;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Messages that are sent together. */
struct send {
	char bytes[SEND_BYTES];
	size_t n_bytes;
	struct nlmsghdr *last;
};

static struct nlmsghdr *add(struct send *s, uint16_t type, uint16_t flags)
{
	s->last = mnl_nlmsg_put_header(s->bytes + s->n_bytes);
	s->last->nlmsg_type = type;
	s->last->nlmsg_flags = NLM_F_REQUEST | flags;
	return s->last;
}

static void added(struct send *s)
{
	s->n_bytes += (size_t)MNL_ALIGN(s->last->nlmsg_len);
}

static int open_socket(void)
{
	int strict = 1,
	    fd = must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
		      "socket");

	must(setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict)),
	     "strict checking");
	return fd;
}

static void send_all(int sock, struct send *s)
{
	char buf[SEND_BYTES];

	s->last->nlmsg_flags |= NLM_F_ACK;
	must((int)send(sock, s->bytes, s->n_bytes, 0), "send");
	for (bool is_done = false; !is_done;) {
		int left = must((int)recv(sock, buf, sizeof(buf), 0), "recv");

		for (struct nlmsghdr *h = (struct nlmsghdr *)buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			const struct nlmsgerr *error = mnl_nlmsg_get_payload(h);

			if (h->nlmsg_type != NLMSG_ERROR)
				continue;
			errno = -error->error;
			if (errno)
				die("the kernel refused a message");
			is_done = true;
		}
	}
	s->n_bytes = 0;
}

static void path_of(char *path, size_t size, size_t i)
{
	snprintf(path, size, "%s/fl%zu", NETNS_DIR, i);
}

static int open_netns(size_t i)
{
	char path[64];

	path_of(path, sizeof(path), i);
	return must(open(path, O_RDONLY | O_CLOEXEC), path);
}

static void enter(int fd)
{
	must(setns(fd, CLONE_NEWNET), "setns");
}

static void add_link_up(struct send *s, uint32_t ifindex)
{
	struct ifinfomsg *info =
		mnl_nlmsg_put_extra_header(add(s, RTM_SETLINK, 0), sizeof(*info));

	info->ifi_index = (int)ifindex;
	info->ifi_flags = info->ifi_change = IFF_UP;
	added(s);
}

static void add_slave(struct send *s, uint32_t master, size_t i, int netns_fd)
{
	struct nlmsghdr *h = add(s, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(h, sizeof(*info));
	struct nlattr *nest, *data;

	info->ifi_index = (int)(SLAVE_BASE + i);
	info->ifi_flags = info->ifi_change = IFF_UP;
	mnl_attr_put_strz(h, IFLA_IFNAME, "eth0");
	mnl_attr_put_u32(h, IFLA_LINK, master);
	mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	nest = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "ipvlan");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	mnl_attr_put_u16(h, IFLA_IPVLAN_MODE, MODE_L2);
	mnl_attr_put_u16(h, IFLA_IPVLAN_FLAGS, 0);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, nest);
	added(s);
}

static uint32_t address_of(size_t i)
{
	return htonl(0x0a8a0000U + (uint32_t)(i / 250 << 8) + (uint32_t)(i % 250) + 2);
}

static void add_inside(struct send *s, size_t i)
{
	uint32_t address = address_of(i), gateway = htonl(0x0a8aff01U);
	struct nlmsghdr *h = add(s, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(h, sizeof(*ifa));
	struct rtmsg *rtm;

	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = PREFIX_BITS;
	ifa->ifa_index = SLAVE_BASE + (uint32_t)i;
	mnl_attr_put_u32(h, IFA_LOCAL, address);
	added(s);
	h = add(s, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	rtm = mnl_nlmsg_put_extra_header(h, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_protocol = RTPROT_BOOT;
	mnl_attr_put_u32(h, RTA_OIF, SLAVE_BASE + (uint32_t)i);
	mnl_attr_put_u32(h, RTA_GATEWAY, gateway);
	added(s);
}

/* An open namespace: its file, and a socket in it. */
struct place {
	int fd, sock;
};

static struct place make_netns(size_t i)
{
	struct place p;
	char path[64];

	path_of(path, sizeof(path), i);
	close(must(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), path));
	must(unshare(CLONE_NEWNET), "unshare");
	must(mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL), "mount");
	p.fd = must(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open");
	p.sock = open_socket();
	return p;
}

static void make_some(int host, uint32_t master, size_t first, size_t n)
{
	struct place places[AT_ONCE];
	static struct send s;

	for (size_t i = 0; i < n; i++) {
		places[i] = make_netns(first + i);
		add_slave(&s, master, first + i, places[i].fd);
	}
	send_all(host, &s);
	for (size_t i = 0; i < n; i++) {
		add_link_up(&s, 1);
		add_inside(&s, first + i);
		send_all(places[i].sock, &s);
		close(places[i].sock);
		close(places[i].fd);
	}
}

static void share_folder(void)
{
	mkdir(NETNS_DIR, 0755);
	if (!mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return;
	must(mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL), "mount");
	must(mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL), "share");
}

static double make_all(uint32_t master, size_t n)
{
	double begin = now();
	int host = open_socket();

	share_folder();
	for (size_t i = 0; i < n; i += AT_ONCE)
		make_some(host, master, i, n - i < AT_ONCE ? n - i : AT_ONCE);
	return now() - begin;
}

/* The kernel tells of a master each time when one of its slaves goes. */
static int listen_for(uint32_t groups)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = open_socket(), bytes = 64 << 20;

	must(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)), "buffer");
	must(bind(fd, (struct sockaddr *)&own, sizeof(own)), "bind");
	return fd;
}

static void wait_gone(int events, uint32_t master, size_t n)
{
	char buf[SEND_BYTES];

	for (size_t gone = 0; gone < n;) {
		int left = must((int)recv(events, buf, sizeof(buf), 0), "recv");

		for (struct nlmsghdr *h = (struct nlmsghdr *)buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);

			gone += h->nlmsg_type == RTM_NEWLINK &&
				info->ifi_index == (int)master;
		}
	}
}

static double drop_all(uint32_t master, size_t n)
{
	int events = listen_for(RTMGRP_LINK);
	double begin = now();

	for (size_t i = 0; i < n; i++) {
		char path[64];

		path_of(path, sizeof(path), i);
		must(umount2(path, MNT_DETACH), path);
		must(unlink(path), path);
	}
	wait_gone(events, master, n);
	return now() - begin;
}

static void dump(int sock, uint16_t type, size_t header_bytes)
{
	static struct send s;
	char buf[SEND_BYTES];
	struct nlmsghdr *h = add(&s, type, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(h, header_bytes);
	must((int)send(sock, s.bytes, h->nlmsg_len, 0), "send");
	for (bool is_done = false; !is_done;) {
		int left = must((int)recv(sock, buf, sizeof(buf), 0), "recv");

		for (h = (struct nlmsghdr *)buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left))
			is_done = is_done || h->nlmsg_type == NLMSG_DONE;
	}
}

static double dump_all(size_t n)
{
	double begin = now();

	for (size_t i = 0; i < n; i++) {
		int fd = open_netns(i), sock;

		enter(fd);
		sock = open_socket();
		dump(sock, RTM_GETLINK, sizeof(struct ifinfomsg));
		dump(sock, RTM_GETADDR, sizeof(struct ifaddrmsg));
		dump(sock, RTM_GETROUTE, sizeof(struct rtmsg));
		close(sock);
		close(fd);
	}
	return now() - begin;
}

/* In the namespace of the caller. */
static void delete_slave(int sock)
{
	static struct send s;
	struct nlmsghdr *h = add(&s, RTM_DELLINK, 0);

	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(h, IFLA_IFNAME, "eth0");
	added(&s);
	send_all(sock, &s);
}

static double repair(uint32_t master, size_t i)
{
	static struct send s;
	int host = open_socket(), fd = open_netns(i), sock;
	double begin;

	enter(fd);
	sock = open_socket();
	delete_slave(sock);
	begin = now();
	add_slave(&s, master, i, fd);
	send_all(host, &s);
	add_inside(&s, i);
	send_all(sock, &s);
	return now() - begin;
}

static bool is_default_route(const struct nlmsghdr *h)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(h);

	return h->nlmsg_type == RTM_NEWROUTE && !rtm->rtm_dst_len &&
	       rtm->rtm_table == RT_TABLE_MAIN;
}

/* From the message about the deletion, which is over only after that, to the one about the new
 * route. */
static double await(const char *name)
{
	char path[64], buf[SEND_BYTES];
	int events;
	double begin = 0;

	snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
	enter(must(open(path, O_RDONLY | O_CLOEXEC), path));
	events = listen_for(RTMGRP_LINK | RTMGRP_IPV4_ROUTE);
	if (!must(fork(), "fork")) {
		delete_slave(open_socket());
		_exit(0);
	}
	for (;;) {
		int left = must((int)recv(events, buf, sizeof(buf), 0), "recv");

		for (struct nlmsghdr *h = (struct nlmsghdr *)buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			if (h->nlmsg_type == RTM_DELLINK)
				begin = now();
			else if (begin > 0 && is_default_route(h))
				return now() - begin;
		}
	}
}

static size_t number(const char *word)
{
	return strtoul(word, NULL, 10);
}

static double run(int argc, char **argv)
{
	const char *command = argc > 2 ? argv[1] : "";
	uint32_t master = argc > 3 ? if_nametoindex(argv[2]) : 0;

	if (!strcmp(command, "dump") && argc == 3)
		return dump_all(number(argv[2]));
	if (!strcmp(command, "await") && argc == 3)
		return await(argv[2]);
	if (!strcmp(command, "make") && master)
		return make_all(master, number(argv[3]));
	if (!strcmp(command, "drop") && master)
		return drop_all(master, number(argv[3]));
	if (!strcmp(command, "repair") && master)
		return repair(master, number(argv[3]));
	if (!strcmp(command, "gone") && master) {
		int events = listen_for(RTMGRP_LINK);

		puts("listening");
		fflush(stdout);
		wait_gone(events, master, number(argv[3]));
		return now();
	}
	fputs("usage: floor make|drop|gone|repair MASTER N, floor dump N, floor await "
	      "NETNS\n",
	      stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	printf("%.6f\n", run(argc, argv));
	return 0;
}
