/* The parts of the kernel provider that need no kernel: messages in and out, and the
 * memory behind events. */
#include "datapath/kernel/files/card.h"
#include "datapath/kernel/state/cache.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/state/strangers.h"
#include "datapath/kernel/state/watches.h"
#include "datapath/kernel/files/procfs.h"

#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_link(void **state)
{
	const struct nl_link_new wanted = {
		.ifindex = 77,
		.name = "eth0",
		.kind = "ipvlan",
		.lower = 5,
		.group = 0x1234567,
		.mtu = 1400,
		.netns_fd = -1,
		.up = true,
		.type = &link_type_ipvlan,
		.mode = {.mode = 2, .flag = 1},
	};
	struct nl_link l;
	struct nl_msg m;

	(void)state;
	nl_link_msg_new(&m, &wanted);
	assert_true(nl_link_parse(nl_msg_head(&m), &l));
	assert_string_equal(l.name, "eth0");
	assert_string_equal(l.kind, "ipvlan");
	assert_int_equal(l.ifindex, 77);
	assert_int_equal(l.lower, 5);
	assert_int_equal(l.group, 0x1234567);
	assert_int_equal(l.mtu, 1400);
	assert_true(l.flags & IFF_UP);
	assert_true(nl_link_is_ipvlan(&l) && nl_link_is_in_port(&l));
	assert_ptr_equal(l.type, &link_type_ipvlan);
	assert_int_equal(l.mode, 2);
	assert_int_equal(l.flag, 1);
	assert_false(l.lower_is_away);
}

/* Whatever is cut off: nothing is read beyond the end (the sanitizer watches), no half
 * link passes. */
/* What a master with `match` is found by. */
static void test_link_identity(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9},
			     made_with[6] = {2, 0, 0, 0, 0, 1};
	struct model_match match = {.name = "", .mac = "", .path = "pci-0000:02:00.*"};
	struct model_match_device d;
	struct ifinfomsg *info;
	struct nl_link l;
	struct nl_msg m;

	(void)state;
	info = nl_msg_init(&m, RTM_NEWLINK, 0, sizeof(*info));
	info->ifi_index = 7;
	info->ifi_type = ARPHRD_ETHER;
	nl_put_text(&m, IFLA_IFNAME, "eth0");
	mnl_attr_put(nl_msg_head(&m), IFLA_ADDRESS, sizeof(mac), mac);
	mnl_attr_put(nl_msg_head(&m), IFLA_PERM_ADDRESS, sizeof(made_with), made_with);
	nl_put_text(&m, IFLA_PARENT_DEV_NAME, "0000:02:00.0");
	nl_put_text(&m, IFLA_PARENT_DEV_BUS_NAME, "pci");
	assert_true(nl_link_parse(nl_msg_head(&m), &l));
	assert_true(l.is_ethernet);
	d = nl_link_match_device(&l);
	assert_int_equal(model_match_fit(&match, &d), MODEL_MATCH_OWN);
	match.mac = "02:00:00:00:00:01";
	assert_int_equal(model_match_fit(&match, &d), MODEL_MATCH_PERMANENT);
	match.mac = "02:00:00:00:00:09";
	assert_int_equal(model_match_fit(&match, &d), MODEL_MATCH_NOT);
	info->ifi_flags = IFF_LOOPBACK;
	assert_true(nl_link_parse(nl_msg_head(&m), &l));
	assert_false(l.is_ethernet);
}

static struct nl_link card(const char *name, uint32_t ifindex)
{
	struct nl_link l = {.ifindex = ifindex, .is_ethernet = true};

	snprintf(l.name, sizeof(l.name), "%s", name);
	return l;
}

static void test_watches(void **state)
{
	struct nl_link eth0 = card("eth0", 2), en0 = card("en0", 2), vlan = en0;
	struct watch by_name = {
		.nsid = 1, .name = "m", .match = {.name = "en*", .mac = "", .path = ""}};
	struct watch by_route = {
		.nsid = 1,
		.name = "r",
		.match = {.name = "", .mac = "", .path = "", .default_route = true},
		.route_ifindex = 2};
	struct watches all = {0};

	(void)state;
	assert_false(watch_concerns_link(&by_name, NULL, &eth0, false));
	assert_true(watch_concerns_link(&by_name, NULL, &en0, false));
	assert_true(watch_concerns_link(&by_name, &eth0, &en0, false));
	assert_true(watch_concerns_link(&by_name, &en0, &eth0, false));
	/* Nothing that a match is about has changed. */
	assert_false(watch_concerns_link(&by_name, &en0, &en0, false));
	assert_true(watch_concerns_link(&by_name, &en0, &en0, true));
	snprintf(vlan.kind, sizeof(vlan.kind), "ipvlan");
	assert_false(watch_concerns_link(&by_name, NULL, &vlan, false));
	by_name.is_open = true;
	assert_true(watch_concerns_link(&by_name, &eth0, &eth0, false));
	/* The only device whose routes count. */
	assert_false(watch_concerns_routes_of(&by_name, 2));
	assert_true(watch_concerns_routes_of(&by_route, 2));
	assert_false(watch_concerns_routes_of(&by_route, 3));
	en0.ifindex = 3;
	assert_false(watch_concerns_link(&by_route, NULL, &en0, false));
	assert_true(watch_concerns_link(&by_route, NULL, &eth0, false));
	watches_note(&all, &by_name);
	watches_note(&all, &by_route);
	watches_note(&all, &by_name);
	assert_non_null(all.list->next);
	assert_null(all.list->next->next);
	watches_drop(&all, 1, "m");
	assert_string_equal(all.list->name, "r");
	watches_forget_netns(&all, 2);
	assert_non_null(all.list);
	watches_forget_netns(&all, 1);
	assert_null(all.list);
}

static void test_truncated(void **state)
{
	const struct nl_link_new wanted = {
		.name = "eth0", .kind = "ipvlan", .lower = 5, .netns_fd = -1};
	struct nl_msg m;
	uint32_t whole;

	(void)state;
	nl_link_msg_new(&m, &wanted);
	whole = nl_msg_head(&m)->nlmsg_len;
	for (uint32_t n = sizeof(struct nlmsghdr); n < whole; n++) {
		struct nlmsghdr *h = malloc(n);
		struct nl_route route;
		struct nl_addr addr;
		struct nl_link link;

		memcpy(h, m.bytes, n);
		h->nlmsg_len = n;
		/* Without an ifindex it is none. */
		assert_false(nl_link_parse(h, &link));
		assert_false(nl_addr_parse(h, &addr));
		assert_false(nl_route_parse(h, &route));
		free(h);
	}
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	assert_null(ip_prefix_parse(text, &p));
	return p;
}

static void test_addr(void **state)
{
	static const char *const texts[] = {"10.0.0.2/24", "2001:db8::2/64"};
	struct nl_addr a;
	struct nl_msg m;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct ip_prefix p = prefix(texts[i]);

		nl_addr_msg_add(&m, 9, &p, NULL);
		assert_true(nl_addr_parse(nl_msg_head(&m), &a));
		assert_int_equal(ip_prefix_cmp(&a.prefix, &p), 0);
		assert_int_equal(a.ifindex, 9);
		assert_false(nl_addr_is_static(&a));
		nl_put_u32(&m, IFA_FLAGS, IFA_F_PERMANENT | IFA_F_DADFAILED);
		assert_true(nl_addr_parse(nl_msg_head(&m), &a));
		assert_true(nl_addr_is_static(&a) && nl_addr_has_failed(&a));
	}
}

/* A point-to-point address: its subnet is the peer's (rtnetlink(7)). */
static void test_addr_details(void **state)
{
	const struct ifa_cacheinfo for_ever = {UINT32_MAX, UINT32_MAX, 0, 0},
				   limited = {300, 400, 0, 0};
	struct ip_prefix p = prefix("10.7.7.1/24");
	struct ip_addr peer = prefix("10.8.8.8/32").addr;
	struct nl_addr a;
	struct nl_msg m;

	(void)state;
	nl_addr_msg_del(&m, 9, &p, &peer);
	nl_put(&m, IFA_CACHEINFO, sizeof(for_ever), &for_ever);
	nl_put_u8(&m, IFA_PROTO, IFAPROT_KERNEL_LL);
	assert_true(nl_addr_parse(nl_msg_head(&m), &a));
	assert_int_equal(ip_prefix_cmp(&a.prefix, &p), 0);
	assert_int_equal(ip_addr_cmp(&a.peer, &peer), 0);
	assert_false(a.has_lifetime || nl_addr_is_marked(&a) || nl_addr_has_metric(&a));

	nl_addr_msg_del(&m, 9, &p, &(struct ip_addr){0});
	nl_put(&m, IFA_CACHEINFO, sizeof(limited), &limited);
	nl_put_u8(&m, IFA_PROTO, 18);
	nl_put_u32(&m, IFA_RT_PRIORITY, 256);
	assert_true(nl_addr_parse(nl_msg_head(&m), &a));
	assert_int_equal(a.peer.family, 0);
	assert_true(a.has_lifetime && nl_addr_is_marked(&a) && nl_addr_has_metric(&a));
	/* In IPv6 256 is what the kernel itself gives. */
	a.prefix = prefix("2001:db8::2/64");
	assert_false(nl_addr_has_metric(&a));
}

/* What the kernel makes for an IPv4 address. */
static void test_own_routes(void **state)
{
	struct ip_prefix p = prefix("10.9.0.2/24");
	struct nl_route r;
	struct nl_msg m;

	(void)state;
	nl_route_msg_subnet(&m, 9, &p);
	assert_true(nl_route_parse(nl_msg_head(&m), &r));
	assert_true(nl_route_is_automatic(&r) && !r.is_local && r.ifindex == 9);
	assert_int_equal(
		ip_prefix_cmp(&r.route.to,
			      &(struct ip_prefix){prefix("10.9.0.0/24").addr, 24}),
		0);
	assert_int_equal(ip_addr_cmp(&r.route.from, &p.addr), 0);
	nl_route_msg_local(&m, 9, &p);
	assert_false(nl_route_parse(nl_msg_head(&m), &r));
	assert_true(nl_route_parse_any(nl_msg_head(&m), &r));
	assert_true(r.is_local && r.type == RTN_LOCAL && r.route.to.len == 32);
}

static void test_route(void **state)
{
	struct model_route routes[] = {
		{.to = prefix("0.0.0.0/0"), .table = MODEL_ROUTE_TABLE_MAIN},
		{.to = prefix("10.0.0.0/8"),
		 .via = prefix("10.9.0.1/32").addr,
		 .from = prefix("10.9.0.2/32").addr,
		 .metric = 100,
		 .table = 1000,
		 .on_link = true},
		{.to = prefix("2001:db8::/32"),
		 .via = prefix("fe80::1/128").addr,
		 .table = MODEL_ROUTE_TABLE_MAIN},
		/* Through a router of the other family (RTA_VIA). */
		{.to = prefix("10.0.0.0/8"),
		 .via = prefix("fe80::1/128").addr,
		 .table = MODEL_ROUTE_TABLE_MAIN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct nl_route r;
		struct nl_msg m;

		nl_route_msg_add(&m, 9, &routes[i], 76);
		assert_true(nl_route_parse(nl_msg_head(&m), &r));
		assert_true(model_route_equals(&r.route, &routes[i]));
		assert_int_equal(r.ifindex, 9);
		assert_int_equal(r.protocol, 76);
		assert_false(nl_route_is_automatic(&r));
	}
}

static void test_route_protocol_names(void **state)
{
	char buf[8];

	(void)state;
	assert_string_equal(nl_route_protocol_name(RTPROT_STATIC, buf), "static");
	assert_string_equal(nl_route_protocol_name(201, buf), "201");
}

static size_t count_texts(const struct cache *k, int32_t nsid)
{
	size_t n = 0;

	for (const struct cache_text *t = cache_texts(k, nsid); t; t = t->next)
		n++;
	return n;
}

static void test_known_spaces(void **state)
{
	const struct model_process nobody = {0}, somebody = {.pid = 12, .start = 7};
	struct cache k = {0};

	(void)state;
	cache_note_netns(&k, "a", 1, 11, NULL);
	cache_note_netns(&k, "/run/a", 1, 11, NULL);
	cache_note_netns(&k, "a", 1, 11, NULL);
	assert_int_equal(count_texts(&k, 1), 2);
	assert_true(cache_is_process(&k, "a", 11, &nobody));
	assert_false(cache_is_process(&k, "a", 12, &nobody));
	assert_false(cache_is_process(&k, "a", 11, &somebody));
	/* The name stands for another one now. */
	cache_note_netns(&k, "a", 2, 12, NULL);
	assert_int_equal(count_texts(&k, 1), 1);
	assert_string_equal(cache_texts(&k, 2)->text, "a");
	cache_drop_text(&k, "a");
	assert_null(cache_texts(&k, 2));
	cache_get(&k, (struct cache_key){1, 5});
	cache_get(&k, (struct cache_key){2, 5});
	cache_forget_netns(&k, 1);
	assert_null(cache_texts(&k, 1));
	assert_null(cache_find(&k, (struct cache_key){1, 5}));
	assert_non_null(cache_find(&k, (struct cache_key){2, 5}));
	/* A path is still worth a look. */
	assert_int_equal(HASH_COUNT(k.texts), 1);
	cache_clear(&k);
}

static void test_known_devices(void **state)
{
	struct cache k = {0};
	struct cache_device *d = cache_get(&k, (struct cache_key){NSID_HERE, 5});

	(void)state;
	cache_set_place(&k, d, NSID_HERE, "eth0");
	assert_ptr_equal(cache_get(&k, (struct cache_key){NSID_HERE, 5}), d);
	assert_ptr_equal(cache_find_place(&k, NSID_HERE, "eth0"), d);
	assert_null(cache_find_place(&k, 3, "eth0"));
	cache_forget(&k, d->key);
	assert_null(cache_find(&k, (struct cache_key){NSID_HERE, 5}));
	assert_null(cache_find_place(&k, NSID_HERE, "eth0"));
	cache_clear(&k);
}

/* After events were lost nothing is left but the paths, which nobody else knows of. */
static void test_known_doubt(void **state)
{
	struct cache k = {0};

	(void)state;
	cache_note_netns(&k, "a", 1, 11, NULL);
	cache_note_netns(&k, "/run/a", 1, 11, NULL);
	cache_set_place(&k, cache_get(&k, (struct cache_key){1, 5}), 1, "e0");
	cache_invalidate(&k);
	assert_null(cache_texts(&k, 1));
	assert_null(k.devices);
	assert_null(k.places);
	assert_int_equal(HASH_COUNT(k.texts), 1);
	assert_string_equal(k.texts->text, "/run/a");
	cache_clear(&k);
}

/* Paths are made up anew for ever where pods come and go. */
static void test_known_paths_are_bounded(void **state)
{
	struct cache k = {0};
	char text[32];

	(void)state;
	cache_note_netns(&k, "/run/live", 1, 11, NULL);
	cache_note_path(&k, "/run/awaited");
	for (int i = 0; i < 3 * CACHE_MAX_DEAD_PATHS; i++) {
		snprintf(text, sizeof(text), "/proc/%d/ns/net", i);
		cache_note_netns(&k, text, 2, 12, NULL);
		cache_drop_text(&k, text);
		if (i % 1000 == 0)
			cache_note_path(&k, "/run/awaited");
	}
	assert_int_equal(HASH_COUNT(k.texts), CACHE_MAX_DEAD_PATHS + 1);
	assert_int_equal(k.n_dead_paths, CACHE_MAX_DEAD_PATHS);
	assert_string_equal(cache_texts(&k, 1)->text, "/run/live");
	cache_drop_text(&k, "/run/live");
	cache_note_netns(&k, "/run/awaited", 3, 13, NULL);
	assert_string_equal(cache_texts(&k, 3)->text, "/run/awaited");
	assert_int_equal(k.n_dead_paths, CACHE_MAX_DEAD_PATHS);
	cache_clear(&k);
	assert_int_equal(k.n_dead_paths, 0);
}

/* K9: what stands on what, of namespaces that were read. */
static void test_strangers(void **state)
{
	const struct cache_key key = {1, 5}, far = {2, 5};
	struct nl_link link = {.ifindex = 5, .kind = "ipvlan", .lower = 3, .group = 7};
	struct strangers s = {0};

	(void)state;
	strangers_note(&s, key, &link, 4711);
	assert_int_equal(s.devices->lower, 3);
	assert_false(strangers_is_read(&s, 1));
	/* Ours is no stranger, also from now on. */
	link.group = 4711;
	strangers_note(&s, key, &link, 4711);
	assert_null(s.devices);
	/* The other end of a veth is not below it. */
	link = (struct nl_link){.ifindex = 5, .kind = "veth", .lower = 3};
	strangers_note(&s, key, &link, 4711);
	assert_null(s.devices);
	strcpy(link.kind, "macvtap");
	strangers_note(&s, key, &link, 4711);
	strangers_note(&s, far, &link, 4711);
	/* What the reading of its namespace does not show is gone; the rest stays as it is. */
	strangers_note_holder(&s, far);
	strangers_begin(&s, 2);
	strangers_note(&s, far, &link, 4711);
	strangers_end(&s, 2);
	assert_int_equal(HASH_COUNT(s.devices), 2);
	strangers_begin(&s, 1);
	strangers_end(&s, 1);
	assert_int_equal(HASH_COUNT(s.devices), 1);
	assert_true(strangers_is_read(&s, 1));
	/* It is reported once that a holder has lost an address, and of no other device. */
	assert_int_equal(strangers_release(&s, key), 0);
	assert_int_equal(strangers_release(&s, far), 3);
	assert_int_equal(strangers_release(&s, far), 0);
	strangers_forget_netns(&s, 1);
	assert_false(strangers_is_read(&s, 1));
	/* One that we made is empty, once. */
	strangers_note_made(&s, 99);
	strangers_note_id(&s, 98, 3);
	strangers_note_id(&s, 99, 4);
	strangers_note_id(&s, 99, 5);
	assert_false(strangers_is_read(&s, 3));
	assert_true(strangers_is_read(&s, 4));
	assert_false(strangers_is_read(&s, 5));
	strangers_note_made(&s, 97);
	/* Names that appeared since the last dump. */
	strangers_note_name(&s, "old");
	strangers_note_name(&s, "old");
	strangers_note_name(&s, "older");
	strangers_drop_name(&s, "older");
	strangers_drop_name(&s, "never");
	assert_int_equal(HASH_COUNT(s.names), 1);
	assert_string_equal(s.names->name, "old");
	strangers_clear(&s);
	assert_null(s.devices);
	assert_null(s.names);
}

/* A place is one device's; nothing is kept of one that went elsewhere and whose place was
 * taken (K7). */
static void test_known_places(void **state)
{
	const struct cache_key first = {1, 5}, second = {1, 6}, third = {1, 7};
	struct cache k = {0};

	(void)state;
	cache_set_place(&k, cache_get(&k, first), 1, "e0");
	cache_set_place(&k, cache_get(&k, second), 1, "e0");
	assert_ptr_equal(cache_find_place(&k, 1, "e0"), cache_find(&k, second));
	assert_string_equal(cache_find(&k, first)->place.name, "");
	cache_find(&k, second)->moved_to = 9;
	cache_set_place(&k, cache_get(&k, third), 1, "e0");
	assert_null(cache_find(&k, second));
	assert_ptr_equal(cache_find_place(&k, 1, "e0"), cache_find(&k, third));
	/* A device has one place. */
	cache_set_place(&k, cache_find(&k, third), 1, "e1");
	assert_null(cache_find_place(&k, 1, "e0"));
	cache_forget_netns(&k, 1);
	assert_null(cache_find_place(&k, 1, "e1"));
	cache_clear(&k);
}

/* Through links to a process; of another kind of path there is none. */
static void test_process_of(void **state)
{
	char path[64], target[64], dir[] = "/tmp/ipvl-XXXXXX";
	struct model_process own, behind;

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", getpid());
	own = procfs_process_of(path);
	assert_int_equal(own.pid, getpid());
	assert_true(own.start > 0);
	assert_non_null(mkdtemp(dir));
	snprintf(target, sizeof(target), "%s/a", dir);
	assert_false(symlink(path, target));
	snprintf(path, sizeof(path), "%s/b", dir);
	assert_false(symlink("a", path));
	behind = procfs_process_of(path);
	assert_int_equal(behind.pid, own.pid);
	assert_int_equal(behind.start, own.start);
	unlink(path);
	assert_false(symlink("b", path));
	assert_int_equal(procfs_process_of(path).pid, 0); /* in a circle */
	unlink(path);
	unlink(target);
	rmdir(dir);
	assert_int_equal(procfs_process_of("/proc/self/ns/net").pid, 0);
	assert_int_equal(procfs_process_of("/etc/passwd").pid, 0);
	assert_int_equal(procfs_process_of("/proc/4194304/ns/net").start, 0);
}

static void expect_card(const char *bus, const char *parent, const char *right_bus,
			const char *right_parent)
{
	struct nl_link l = {0};

	strcpy(l.bus, bus);
	strcpy(l.parent, parent);
	card_settle(&l, "bus/virtio/devices");
	assert_string_equal(l.bus, right_bus);
	assert_string_equal(l.parent, right_parent);
}

/* A /sys in a folder. */
static void test_card(void **state)
{
	static const char *const folders[] = {"bus",
					      "bus/pci",
					      "bus/virtio",
					      "bus/virtio/devices",
					      "devices",
					      "devices/0000:00:06.0",
					      "devices/0000:00:06.0/virtio3"};
	static const char *const links[] = {"bus/virtio/devices/virtio3",
					    "bus/virtio/devices/virtio5",
					    "devices/0000:00:06.0/subsystem"};
	char folder[] = "/tmp/ipvl-card-XXXXXX", *before = getcwd(NULL, 0);

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		assert_int_equal(mkdir(folders[i], 0700), 0);
	assert_int_equal(symlink("../../../devices/0000:00:06.0/virtio3", links[0]), 0);
	assert_int_equal(symlink("nowhere", links[1]), 0);
	expect_card("virtio", "virtio3", "virtio", "virtio3"); /* no bus yet */
	assert_int_equal(symlink("../../bus/pci", links[2]), 0);
	expect_card("virtio", "virtio3", "pci", "0000:00:06.0");
	expect_card("virtio", "virtio4", "virtio", "virtio4");
	expect_card("virtio", "virtio5", "virtio", "virtio5");
	expect_card("pci", "0000:00:05.0", "pci", "0000:00:05.0");
	expect_card("", "", "", "");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		assert_int_equal(unlink(links[i]), 0);
	for (size_t i = sizeof(folders) / sizeof(*folders); i--;)
		assert_int_equal(rmdir(folders[i]), 0);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(rmdir(folder), 0);
	free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_link_identity),
		cmocka_unit_test(test_watches),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_addr),
		cmocka_unit_test(test_addr_details),
		cmocka_unit_test(test_own_routes),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_route_protocol_names),
		cmocka_unit_test(test_known_spaces),
		cmocka_unit_test(test_known_devices),
		cmocka_unit_test(test_process_of),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_known_places),
		cmocka_unit_test(test_known_doubt),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_known_paths_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
