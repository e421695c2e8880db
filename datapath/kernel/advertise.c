/* Announcements: each address is checked against the kernel, then a thread sends the
 * frames on the devices.
 *
 * A thread, because a packet socket has to be in the device's namespace, and its close
 * waits for all processors (Linux packet_release(), synchronize_net()): tens of
 * milliseconds for each namespace. The thread holds one socket at a time, and touches
 * nothing that is shared. */
#include "datapath/kernel/advertise.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/sysctl.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/state/nsid.h"
#include "lib/alloc.h"
#include "lib/thread.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One address as the thread needs it. */
struct frame {
	const char *netns;
	uint64_t inode; /* of the namespace */
	bool is_own;    /* the daemon's own namespace */
	const char *device;
	uint32_t ifindex;
	uint8_t mac[ETH_ALEN];
	struct ip_addr address;
};

struct advertising {
	struct arena *a;
	struct frame *frames;
	size_t n;
	int own_fd;
	pthread_t thread;
	atomic_bool is_done, must_stop;
};

/* The thread. */

/* RFC 5227 3: a request, not a reply; the target is the address itself. */
static void send_arp(int fd, const struct frame *f)
{
	struct ether_arp arp = {.arp_hrd = htons(ARPHRD_ETHER),
				.arp_pro = htons(ETHERTYPE_IP),
				.arp_hln = ETH_ALEN,
				.arp_pln = sizeof(arp.arp_spa),
				.arp_op = htons(ARPOP_REQUEST)};
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETHERTYPE_ARP),
				 .sll_ifindex = (int)f->ifindex,
				 .sll_halen = ETH_ALEN};

	memset(to.sll_addr, 0xff, ETH_ALEN);
	memcpy(arp.arp_sha, f->mac, ETH_ALEN);
	memcpy(arp.arp_spa, f->address.bytes, sizeof(arp.arp_spa));
	memcpy(arp.arp_tpa, f->address.bytes, sizeof(arp.arp_tpa));
	(void)!sendto(fd, &arp, sizeof(arp), 0, (struct sockaddr *)&to, sizeof(to));
}

/* RFC 1071. 'n' is even. */
static uint32_t add_words(uint32_t sum, const void *data, size_t n)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

/* RFC 4443 2.3, RFC 8200 8.1. 'icmp' has 'n' bytes. */
static uint16_t checksum(const struct ip6_hdr *ip, const void *icmp, size_t n)
{
	uint32_t sum = add_words(0, &ip->ip6_src, sizeof(ip->ip6_src));

	sum = add_words(sum, &ip->ip6_dst, sizeof(ip->ip6_dst));
	sum = add_words(sum + (uint32_t)n + IPPROTO_ICMPV6, icmp, n);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* A router that denies it in an advertisement is dropped from its neighbours' routers (RFC
 * 4861 7.2.5). Linux ndisc_send_unsol_na() takes it from the same place. */
static bool is_router(const struct frame *f)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *forwarding = sysctl_read(a, f->device, "ipv6.forwarding");

	return *forwarding && strcmp(forwarding, "0") != 0;
}

/* RFC 4861 7.2.6, 4.4: to all nodes, unsolicited, with the link-layer address, which
 * overrides what they have. */
static void send_na(int fd, const struct frame *f)
{
	static const uint8_t all_nodes[] = {0xff, 2, [15] = 1};
	static const uint8_t all_nodes_mac[ETH_ALEN] = {0x33, 0x33, 0, 0, 0, 1};
	struct {
		struct ip6_hdr ip;
		struct nd_neighbor_advert na;
		struct nd_opt_hdr option;
		uint8_t mac[ETH_ALEN];
	} m = {.ip = {.ip6_flow = htonl(6U << 28),
		      .ip6_nxt = IPPROTO_ICMPV6,
		      .ip6_hlim = 255},
	       .option = {.nd_opt_type = ND_OPT_TARGET_LINKADDR, .nd_opt_len = 1}};
	const size_t n = sizeof(m) - sizeof(m.ip);
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETHERTYPE_IPV6),
				 .sll_ifindex = (int)f->ifindex,
				 .sll_halen = ETH_ALEN};

	_Static_assert(sizeof(m) == 72, "no holes");
	memcpy(to.sll_addr, all_nodes_mac, ETH_ALEN);
	m.ip.ip6_plen = htons((uint16_t)n);
	memcpy(&m.ip.ip6_src, f->address.bytes, sizeof(m.ip.ip6_src));
	memcpy(&m.ip.ip6_dst, all_nodes, sizeof(m.ip.ip6_dst));
	m.na.nd_na_type = ND_NEIGHBOR_ADVERT;
	m.na.nd_na_flags_reserved =
		ND_NA_FLAG_OVERRIDE | (is_router(f) ? ND_NA_FLAG_ROUTER : 0);
	memcpy(&m.na.nd_na_target, f->address.bytes, sizeof(m.na.nd_na_target));
	memcpy(m.mac, f->mac, ETH_ALEN);
	m.na.nd_na_cksum = checksum(&m.ip, &m.na, n);
	(void)!sendto(fd, &m, sizeof(m), 0, (struct sockaddr *)&to, sizeof(to));
}

/* False if the namespace is gone, or the name stands for another one. */
static bool enter(const struct advertising *job, const struct frame *f)
{
	uint64_t inode = f->inode;
	int fd = job->own_fd;
	struct err *e = NULL;

	if (!f->is_own)
		e = nsfs_open(f->netns, &fd, &inode);
	if (!e) {
		if (inode == f->inode)
			e = nsfs_enter(fd);
		else
			e = err_new(ERR_NOT_FOUND, "another namespace");
		if (!f->is_own)
			close(fd);
	}
	err_free(e);
	return !e;
}

/* Sends the frames of the namespace of the first; returns their number. */
static size_t send_in_netns(const struct advertising *job, const struct frame *frames,
			    size_t n)
{
	int fd = -1;
	size_t i;

	/* With protocol 0 it receives nothing (packet(7)). */
	if (enter(job, &frames[0]))
		fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (i = 0; i < n && frames[i].inode == frames[0].inode; i++) {
		if (fd >= 0 && frames[i].address.family == AF_INET)
			send_arp(fd, &frames[i]);
		else if (fd >= 0)
			send_na(fd, &frames[i]);
	}
	if (fd >= 0)
		close(fd);
	return i;
}

static void *run(void *aux)
{
	struct advertising *job = aux;

	for (size_t i = 0; i < job->n && !job->must_stop;)
		i += send_in_netns(job, &job->frames[i], job->n - i);
	job->is_done = true;
	return NULL;
}

/* The checks. */

struct subject {
	struct netns_ref *ns, *master_ns;
	bool is_master_up;
	bool is_found; /* the device */
	struct nl_link link;
	bool is_read;
	bool has_address;
	uint32_t flags; /* of the address */
};

struct check {
	struct kernel *k;
	struct datapath_announcement *list;
	struct subject *subjects;
	size_t n;
	size_t *which; /* number of the message to number of the subject; twice as many */
	size_t at;     /* the subject whose device's addresses are read */
};

static void take_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct check *c = aux;
	struct subject *s = &c->subjects[c->which[number] / 2];
	struct nl_link link;

	if (!nl_link_parse(h, &link))
		return;
	if (c->which[number] % 2) {
		s->is_master_up = link.flags & IFF_UP;
	} else {
		s->is_found = true;
		s->link = link;
	}
}

static void ask(struct check *c, struct nl_batch *b, const struct netns_ref *ns,
		const char *name, size_t which)
{
	struct nl_msg m;

	if (ns->state != NETNS_LIVE || strlen(name) >= IFNAMSIZ)
		return;
	nl_link_msg_get(&m, ns->nsid, name, 0);
	c->which[nl_batch_add(b, &m)] = which;
}

/* An ipvlan does not show that its master was set down: it keeps its carrier. */
static struct err *read_links(struct check *c)
{
	struct nl_batch b = {0};
	struct err *e;

	for (size_t i = 0; i < c->n; i++) {
		ask(c, &b, c->subjects[i].ns, c->list[i].name, 2 * i);
		ask(c, &b, c->subjects[i].master_ns, c->list[i].master, 2 * i + 1);
	}
	e = nl_batch_run(c->k->sock, &b, take_link, c);
	nl_batch_clear(&b);
	return e;
}

static bool is_same_device(const struct subject *a, const struct subject *b)
{
	return b->is_found && a->ns->same == b->ns->same &&
	       a->link.ifindex == b->link.ifindex;
}

static void take_address(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct check *c = aux;
	const struct subject *at = &c->subjects[c->at];
	struct nl_addr a;

	(void)number;
	if (!nl_addr_parse(h, &a) || a.ifindex != at->link.ifindex)
		return;
	for (size_t i = 0; i < c->n; i++) {
		struct subject *s = &c->subjects[i];

		if (!is_same_device(at, s) ||
		    ip_addr_cmp(&c->list[i].address, &a.prefix.addr))
			continue;
		s->has_address = true;
		s->flags = a.flags;
	}
}

/* Of the device of subject 'at', for all subjects of it. */
static struct err *read_addresses(struct check *c)
{
	const struct subject *at = &c->subjects[c->at];
	struct nl_msg m;

	for (size_t i = 0; i < c->n; i++)
		c->subjects[i].is_read |= is_same_device(at, &c->subjects[i]);
	nl_addr_msg_dump(&m, at->ns->nsid, at->link.ifindex);
	return nl_dump(c->k->sock, &m, take_address, c);
}

/* A slave of ours that answers ARP, whatever it was when the address was added. */
static bool is_ours(const struct check *c, size_t i)
{
	const struct nl_link *l = &c->subjects[i].link;

	return c->subjects[i].is_found && l->group == c->k->config.mark && l->type &&
	       !strcmp(l->name, c->list[i].name) &&
	       (l->mode == MODEL_MODE_L2 || l->mode == MODEL_MODE_PASSTHRU) &&
	       !(l->flags & IFF_NOARP);
}

static enum datapath_announced check_one(struct check *c, size_t i)
{
	const struct subject *s = &c->subjects[i];

	if (!is_ours(c, i))
		return DATAPATH_ANNOUNCE_NEVER;
	c->at = i;
	if (!s->is_read) {
		struct err *e = read_addresses(c);

		if (e) {
			err_free(e);
			return DATAPATH_ANNOUNCE_LATER;
		}
	}
	if (!s->has_address || s->flags & IFA_F_DADFAILED)
		return DATAPATH_ANNOUNCE_NEVER;
	/* A tentative address must not be sent from (RFC 4862 5.4). */
	if (s->flags & IFA_F_TENTATIVE || !(s->link.flags & IFF_UP) ||
	    !nl_link_has_carrier(&s->link) || !s->is_master_up)
		return DATAPATH_ANNOUNCE_LATER;
	return DATAPATH_ANNOUNCED;
}

static void add_frame(const struct check *c, struct advertising *job, size_t i)
{
	const struct subject *s = &c->subjects[i];
	struct frame *f = &job->frames[job->n++];

	f->netns = arena_strdup(job->a, s->ns->text);
	f->inode = s->ns->inode;
	f->is_own = s->ns->nsid == NSID_HERE;
	f->device = arena_strdup(job->a, c->list[i].name);
	f->ifindex = s->link.ifindex;
	memcpy(f->mac, s->link.mac, sizeof(f->mac));
	f->address = c->list[i].address;
}

static void free_job(struct advertising *job)
{
	arena_free(job->a);
	free(job);
}

/* Frames of one namespace next to each other: each group costs a socket. */
static int compare_frames(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static void start(struct kernel *k, struct advertising *job)
{
	qsort(job->frames, job->n, sizeof(*job->frames), compare_frames);
	if (!job->n || thread_start(&job->thread, run, job)) {
		/* Without a thread they are lost. */
		free_job(job);
		return;
	}
	k->advertising = job;
}

static void check_all(struct check *c, struct netns_table *table, struct advertising *job)
{
	struct err *e;

	for (size_t i = 0; i < c->n; i++) {
		c->subjects[i].ns = netns_table_add(table, c->list[i].netns);
		c->subjects[i].master_ns =
			netns_table_add(table, c->list[i].master_netns);
	}
	e = netns_table_resolve(table);
	if (!e)
		e = read_links(c);
	for (size_t i = 0; i < c->n; i++) {
		struct datapath_announcement *one = &c->list[i];

		one->result = e ? DATAPATH_ANNOUNCE_LATER : check_one(c, i);
		if (one->result == DATAPATH_ANNOUNCED)
			add_frame(c, job, i);
	}
	err_free(e);
}

bool advertise_addresses(struct datapath *dp, struct datapath_announcement *list,
			 size_t n)
{
	struct kernel *k = (struct kernel *)dp;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct netns_table table;
	struct check c = {.k = k,
			  .list = list,
			  .n = n,
			  .subjects = arena_array(a, n, sizeof(*c.subjects)),
			  .which = arena_array(a, 2 * n, sizeof(*c.which))};
	struct advertising *job;

	if (k->advertising && !k->advertising->is_done)
		return false;
	advertise_close(k);
	job = xcalloc(1, sizeof(*job));
	job->a = arena_new();
	job->frames = arena_array(job->a, n, sizeof(*job->frames));
	job->own_fd = k->own_fd;
	netns_table_init(&table, k, a);
	/* A text through a process stands for what the last observation found. */
	table.is_observed = true;
	check_all(&c, &table, job);
	netns_table_clear(&table);
	start(k, job);
	return true;
}

void advertise_close(struct kernel *k)
{
	if (!k->advertising)
		return;
	k->advertising->must_stop = true;
	pthread_join(k->advertising->thread, NULL);
	free_job(STEAL(k->advertising));
}
