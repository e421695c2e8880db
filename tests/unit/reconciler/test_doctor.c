/* reconciler/doctor: each finding from its facts, and the facts from files below a root. */
#include "reconciler/doctor/doctor_collect.h"
#include "reconciler/doctor/doctor_kernel.h"
#include "reconciler/doctor/doctor_rules.h"

#include "tests/unit/golden.h"
#include "datapath/link_type.h"
#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka.h comes last. */
#include <cmocka.h>

/* A host on which nothing is wrong: eth0 in l2 with ns1/a, and a slave of the host's own. */
struct host {
	struct arena *a;
	struct model_master master, seen;
	struct model_slave slaves[2];
	struct ip_prefix host_address;
	struct model want, have;
	int64_t rp_filters[1];
	bool is_wireless[1];
	struct doctor_facts f;
};

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	err_free(ip_addr_parse(text, &a));
	return a;
}

static int setup(void **state)
{
	static struct host h;

	h = (struct host){
		.a = arena_new(),
		.slaves = {{.netns = "", .name = "shim0"}, {.netns = "ns1", .name = "a"}},
		.host_address = {.addr = addr("10.0.0.250"), .len = 32},
		.master = {.netns = "", .name = "eth0", .mode = MODEL_MODE_L2},
		.seen = {.netns = "", .name = "eth0"},
	};
	h.slaves[0].addresses = &h.host_address;
	h.slaves[0].n_addresses = 1;
	h.seen.seen.busy = "";
	h.master.slaves = h.slaves;
	h.master.n_slaves = 2;
	h.want = (struct model){.masters = &h.master, .n_masters = 1};
	h.have = (struct model){.masters = &h.seen, .n_masters = 1};
	h.f = (struct doctor_facts){
		.release = "6.12.113",
		.version = "#1 SMP",
		.module_loaded = DOCTOR_YES,
		.module_there = DOCTOR_YES,
		.has_capabilities = true,
		.capabilities = UINT64_MAX,
		.netns_shared = DOCTOR_YES,
		.mounts_of_host = DOCTOR_YES,
		.protocol_name = "ipvl",
		.forwarding_v4 = 0,
		.forwarding_v6 = 0,
		.conntrack_count = -1,
		.conntrack_max = -1,
		.rp_filters = h.rp_filters,
		.is_wireless = h.is_wireless,
		.db = "/var/lib/ipvl/conf.db",
		.has_disk = true,
		.disk_free_bytes = UINT64_C(1) << 30,
		.want = &h.want,
		.have = &h.have,
	};
	*state = &h;
	return 0;
}

static int teardown(void **state)
{
	struct host *h = *state;

	arena_free(h->a);
	return 0;
}

static const struct doctor_report *examine(struct host *h)
{
	const struct doctor_report *r = doctor_examine(&h->f, h->a);

	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *f = &r->findings[i];

		golden_add(arena_printf(h->a, "%s %s: %s%s%s", f->topic,
					doctor_level_name(f->level), f->text,
					*f->cure ? " | " : "", f->cure));
	}
	return r;
}

/* "kernel warning", a line each, of what is not ok. */
static const char *levels(struct host *h)
{
	const struct doctor_report *r = examine(h);
	const char *all = "";

	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *f = &r->findings[i];

		assert_true(*f->text && (f->level == DOCTOR_OK) == !*f->cure);
		if (f->level != DOCTOR_OK)
			all = arena_printf(h->a, "%s%s %s\n", all, f->topic,
					   doctor_level_name(f->level));
	}
	return all;
}

/* The only finding that is not ok. */
static void expect(struct host *h, const char *topic, const char *level, const char *text,
		   const char *cure)
{
	const struct doctor_report *r = examine(h);

	assert_string_equal(levels(h), arena_printf(h->a, "%s %s\n", topic, level));
	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *f = &r->findings[i];

		if (f->level == DOCTOR_OK)
			continue;
		if (!strstr(f->text, text) || !strstr(f->cure, cure))
			fail_msg("%s\n%s", f->text, f->cure);
	}
}

static void test_well(void **state)
{
	struct host *h = *state;
	const struct doctor_report *r = examine(h);

	assert_string_equal(levels(h), "");
	assert_int_equal(r->n, 9);
	/* Nothing is known: no finding. */
	h->f = (struct doctor_facts){
		.release = "",
		.version = "",
		.protocol_name = "",
		.forwarding_v4 = -1,
		.forwarding_v6 = -1,
		.conntrack_max = -1,
		.rp_filters = h->rp_filters,
		.is_wireless = h->is_wireless,
		.db = "",
		.want = &h->want,
	};
	assert_string_equal(levels(h), "");
}

static void test_kernel(void **state)
{
	struct host *h = *state;
	static const struct {
		const char *release, *version, *levels;
	} cases[] = {
		/* The first and the last release with CVE-2025-22103, in l3s. */
		{"6.1.187", "", "kernel warning\n"},
		{"6.1.188", "", ""},
		{"6.12.45", "", "kernel warning\nkernel note\n"},
		{"6.12.46", "", "kernel note\n"},
		/* CVE-2026-23103, and no slave declares IPv6. */
		{"6.12.67", "", "kernel note\n"},
		{"6.12.68", "", ""},
		{"4.16.9", "", ""},
		{"6.19.0", "", ""},
		{"7.0.1", "", ""},
		/* A branch without corrections of its own. */
		{"6.16.3", "", "kernel note\n"},
		/* CVE-2025-21652. */
		{"6.12.9", "", "kernel warning\nkernel note\nkernel warning\n"},
		{"6.12.10", "", "kernel warning\nkernel note\n"},
		{"6.2.1", "", "kernel warning\nkernel note\nkernel warning\n"},
		/* Debian has the upstream version beside its own. */
		{"6.1.0-40-amd64", "#1 SMP Debian 6.1.187-1 (2026-09-01)",
		 "kernel warning\n"},
		{"6.1.0-41-amd64", "#1 SMP Debian 6.1.190-1 (2026-10-01)", ""},
		/* Others number their corrections: not known. */
		{"5.14.0-427.el9.x86_64", "#1 SMP", "kernel note\n"},
		{"6.8.0-60-generic", "#63-Ubuntu SMP", "kernel note\n"},
		{"6.11.4-301.fc41.x86_64", "#1 SMP",
		 "kernel warning\nkernel note\nkernel warning\n"},
		{"strange", "", "kernel note\n"},
	};

	h->master.mode = MODEL_MODE_L3S;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		h->f.release = cases[i].release;
		h->f.version = cases[i].version;
		if (strcmp(levels(h), cases[i].levels) != 0)
			fail_msg("%s: %s", cases[i].release, levels(h));
	}
	h->f.release = "6.1.187";
	h->f.version = "";
	expect(h, "kernel", "warning", "CVE-2025-22103 in Linux 6.1.187: ",
	       "update to Linux 5.15.222, 6.1.188, 6.6.117, 6.12.46, 6.14.2 or 6.15; ");
	h->master.mode = MODEL_MODE_L3;
	expect(h, "kernel", "note", "(no master is in l3s)", "update to Linux");
	h->f.release = "6.12.60";
	h->host_address.addr = addr("2001:db8::1");
	expect(h, "kernel", "warning", "CVE-2026-23103", "6.12.68");
	h->f.release = "6.12.9";
	h->want.n_masters = h->have.n_masters = 0;
	assert_string_equal(levels(h), "kernel note\nkernel note\nkernel note\n");
}

static void test_module(void **state)
{
	struct host *h = *state;

	h->f.module_loaded = DOCTOR_NO;
	assert_string_equal(levels(h), ""); /* it is loaded when it is needed */
	h->f.module_there = DOCTOR_NO;
	expect(h, "module", "error", "/lib/modules/6.12.113 does not have it", "boot");
	h->f.module_there = DOCTOR_UNKNOWN;
	assert_string_equal(levels(h), "");
}

static void test_privileges(void **state)
{
	struct host *h = *state;

	h->f.capabilities = ~(UINT64_C(1) << 13);
	expect(h, "privileges", "warning", "CAP_NET_RAW: addresses are not announced",
	       "systemctl cat ipvld");
	h->f.capabilities = ~(UINT64_C(1) << 21);
	expect(h, "privileges", "error", "CAP_SYS_ADMIN", "CapabilityBoundingSet=");
	h->f.capabilities = 0;
	assert_int_equal(strncmp(levels(h), "privileges error\n", 17), 0);
	h->f.has_capabilities = false;
	assert_string_equal(levels(h), "");
}

static void test_mounts(void **state)
{
	struct host *h = *state;

	h->f.netns_shared = DOCTOR_NO;
	expect(h, "mounts", "warning", "/run/netns does not propagate",
	       "mount --make-rshared /run/netns");
	h->f.mounts_of_host = DOCTOR_NO;
	assert_string_equal(levels(h), "mounts error\nmounts warning\n");
	h->f.netns_shared = DOCTOR_YES;
	expect(h, "mounts", "warning", "mounts of its own", "IPVL_MOUNT_NS=");
}

static void test_managers(void **state)
{
	struct host *h = *state;
	struct model_route route = {0};

	h->f.has_network_manager = true;
	expect(h, "managers", "warning", "NetworkManager runs",
	       "[keyfile] unmanaged-devices=interface-name:shim0;");
	h->f.nm_leaves_devices = true;
	assert_string_equal(levels(h), "");
	h->f.has_networkd = true;
	assert_string_equal(levels(h), "managers warning\nmanagers warning\n");
	h->f.networkd_leaves_routes = true;
	expect(h, "managers", "warning", "systemd-networkd runs",
	       "[Match] Name=shim0 [Link] Unmanaged=yes");
	h->f.networkd_leaves_devices = true;
	assert_string_equal(levels(h), "");
	/* Slaves in namespaces alone are out of their reach; routes of masters are not. */
	h->slaves[0].netns = "ns0";
	h->f.nm_leaves_devices = h->f.networkd_leaves_devices = false;
	h->f.networkd_leaves_routes = false;
	assert_string_equal(levels(h), "");
	h->master.routes = &route;
	h->master.n_routes = 1;
	expect(h, "managers", "warning", "removes routes and rules",
	       "ManageForeignRoutes=no");
}

static void test_names(void **state)
{
	struct host *h = *state;

	h->f.protocol_name = "";
	expect(h, "names", "note", "`proto 76`", "rt_protos.d");
	h->f.protocol_name = "other";
	expect(h, "names", "warning", "called other", "rt_protos");
}

static void test_masters(void **state)
{
	struct host *h = *state;

	h->seen.seen.busy = "macvlan macv0";
	expect(h, "masters", "error", "eth0 is in use by macvlan macv0", "VLAN");
	/* Then it is not in its way. */
	h->seen.seen.has_port = true;
	assert_string_equal(levels(h), "");
}

static void test_sysctls(void **state)
{
	struct host *h = *state;
	struct model_route route = {.via = addr("10.0.0.250")};

	h->slaves[1].routes = &route;
	h->slaves[1].n_routes = 1;
	expect(h, "sysctls", "warning", "ns1/a has a route by the host",
	       "net.ipv4.ip_forward=1");
	h->f.forwarding_v4 = 1;
	assert_string_equal(levels(h), "");
	route.via = addr("10.0.0.1");
	h->f.forwarding_v4 = 0;
	assert_string_equal(levels(h), "");
	h->rp_filters[0] = 1;
	h->f.conntrack_count = 950;
	h->f.conntrack_max = 1000;
	assert_string_equal(levels(h), "");
	h->master.mode = MODEL_MODE_L3S;
	assert_string_equal(levels(h), "sysctls note\nsysctls warning\n");
	h->rp_filters[0] = 2;
	expect(h, "sysctls", "warning", "950 of 1000", "nf_conntrack_max=2000");
}

static void test_rp_filter_and_host_access(void **state)
{
	struct host *h = *state;

	h->rp_filters[0] = 1;
	assert_string_equal(levels(h), "");
	h->slaves[0].host_access = true;
	expect(h, "sysctls", "warning", "rp_filter of eth0 is strict",
	       "net.ipv4.conf.eth0.rp_filter=2");
	h->rp_filters[0] = 2;
	assert_string_equal(levels(h), "");
}

static void test_wireless(void **state)
{
	static const struct link_type own_mac = {.id.name = "macvlan",
						 .traits = LINK_HAS_OWN_MAC};
	struct host *h = *state;

	h->is_wireless[0] = true;
	expect(h, "masters", "note", "eth0 is a Wi-Fi card", "proxy ARP");
	h->master.type = &own_mac;
	expect(h, "masters", "warning", "slaves of datapath macvlan have MAC addresses",
	       "leave out `datapath`");
	h->is_wireless[0] = false;
	assert_string_equal(levels(h), "");
}

static void test_database(void **state)
{
	struct host *h = *state;

	h->f.disk_free_bytes = UINT64_C(5) << 20;
	expect(h, "database", "warning", "conf.db has 5 MiB left", "df -h");
	h->f.disk_free_bytes = 100;
	expect(h, "database", "error", "conf.db has 0 MiB left", "df -h");
	h->f.disk_is_read_only = true;
	expect(h, "database", "error", "read-only", "--db");
}

/* --- the facts --- */

static void put(const char *root, const char *path, const char *text)
{
	CLEANUP(freep) char *all = xasprintf("%s%s", root, path);
	FILE *f;

	for (char *slash = strchr(all + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(all, 0755);
		*slash = '/';
	}
	f = fopen(all, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void put_link(const char *root, const char *path, const char *target)
{
	CLEANUP(freep) char *all = xasprintf("%s%s", root, path);

	put(root, path, "");
	unlink(all);
	assert_int_equal(symlink(target, all), 0);
}

static void fill_proc(const char *root)
{
	put(root, "/proc/self/status", "Name:\tipvld\nCapEff:\t0000000000003000\n");
	put(root, "/proc/self/mountinfo",
	    "20 1 0:1 / / rw shared:1 - ext4 x rw\n"
	    "21 20 0:2 / /run rw shared:2 - tmpfs x rw\n"
	    "22 21 0:3 / /run/netns2 rw shared:3 - tmpfs x rw\n"
	    "23 21 0:3 / /run/netns rw - tmpfs x rw\n"
	    "24 23 0:4 net:[4026] /run/netns/ns1 rw shared:4 - nsfs x rw\n");
	put_link(root, "/proc/self/ns/mnt", "mnt:[2]");
	put_link(root, "/proc/1/ns/mnt", "mnt:[1]");
	put(root, "/proc/77/comm", "NetworkManager\n");
	put(root, "/proc/78/comm", "systemd-network\n");
	put(root, "/proc/sys/net/ipv4/ip_forward", "1\n");
	put(root, "/proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
	put(root, "/proc/sys/net/ipv4/conf/eth0/rp_filter", "0\n");
	put(root, "/sys/class/net/eth0/phy80211", "");
}

static void fill_etc(const char *root)
{
	put(root, "/etc/NetworkManager/conf.d/x.conf",
	    "[keyfile]\n# unmanaged-devices=interface-name:shim0\n");
	put(root, "/usr/lib/systemd/network/a.network",
	    "[Match]\nName=shim0\n[Link]\nUnmanaged=yes\n");
	put(root, "/etc/systemd/networkd.conf.d/a.conf",
	    "[Network]\nManageForeignRoutes=no\n");
	put(root, "/etc/iproute2/rt_protos", "# 76 no\n2 kernel\n");
	put(root, "/etc/iproute2/rt_protos.d/x.conf", "76\tother\n");
}

static void test_collect(void **state)
{
	struct host *h = *state;
	char root[] = "/tmp/ipvl-doctor-XXXXXX";
	CLEANUP(freep) char *remove = NULL;
	const struct doctor_place place = {.root = root, .db = "/", .is_kernel = true};
	struct doctor_facts f;

	assert_non_null(mkdtemp(root));
	doctor_collect(&place, &h->want, h->a, &f);
	assert_false(f.has_capabilities || f.has_networkd || f.has_network_manager);
	assert_true(f.netns_shared == DOCTOR_UNKNOWN &&
		    f.mounts_of_host == DOCTOR_UNKNOWN &&
		    f.module_there == DOCTOR_UNKNOWN);
	assert_true(f.forwarding_v4 == -1 && f.rp_filters[0] == -1 && f.has_disk);
	assert_false(f.is_wireless[0]);
	assert_string_equal(f.protocol_name, "");
	fill_proc(root);
	fill_etc(root);
	doctor_collect(&place, &h->want, h->a, &f);
	assert_true(f.has_capabilities && f.capabilities == 0x3000);
	assert_true(f.is_wireless[0]);
	assert_int_equal(f.netns_shared, DOCTOR_NO);
	assert_int_equal(f.mounts_of_host, DOCTOR_NO);
	assert_true(f.has_networkd && f.has_network_manager);
	assert_false(f.nm_leaves_devices); /* a comment */
	assert_true(f.networkd_leaves_devices && f.networkd_leaves_routes);
	assert_string_equal(f.protocol_name, "other");
	assert_true(f.forwarding_v4 == 1 && f.forwarding_v6 == -1);
	assert_int_equal(f.rp_filters[0], 1);
	put(root, "/etc/NetworkManager/conf.d/y.conf",
	    "[keyfile]\nunmanaged-devices=interface-name:shim0\n");
	put(root, arena_printf(h->a, "/lib/modules/%s/modules.dep", f.release),
	    "kernel/drivers/net/dummy.ko:\n");
	doctor_collect(&place, &h->want, h->a, &f);
	assert_true(f.nm_leaves_devices);
	assert_int_equal(f.module_there, DOCTOR_NO);
	put(root, arena_printf(h->a, "/lib/modules/%s/modules.builtin", f.release),
	    "kernel/drivers/net/ipvlan/ipvlan.ko\n");
	doctor_collect(&place, &h->want, h->a, &f);
	assert_true(f.module_there == DOCTOR_YES && f.module_loaded == DOCTOR_YES);
	remove = xasprintf("rm -r %s", root);
	assert_int_equal(system(remove), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_well, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_module, setup, teardown),
		cmocka_unit_test_setup_teardown(test_privileges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mounts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_managers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_masters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sysctls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rp_filter_and_host_access, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_wireless, setup, teardown),
		cmocka_unit_test_setup_teardown(test_database, setup, teardown),
		cmocka_unit_test_setup_teardown(test_collect, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ||
	       golden_end(GOLDEN "/doctor.txt");
}
