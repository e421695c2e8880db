/* What can never work, as a YAML file and as a transaction of any client: the same words. */
#include "world.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct change_case {
	const char *row;     /* "eth0", or a slave */
	const char *columns; /* as world_set() */
	const char *said;    /* NULL: allowed */
};

static const struct change_case cases[] = {
	{"ns2/b", "mtu=1500", NULL},
	{"ns2/b", "mtu=1501",
	 "Slave ns2/b, column mtu: mtu 1501 of ns2/b is above the 1500 of its master "
	 "eth0, which would drop the "
	 "longer packets; raise the master's mtu, or leave out the slave's to follow it"},
	{"ns1/a", "mtu=1279",
	 "Slave ns1/a, column mtu: mtu 1279 of ns1/a is too small for its IPv6 "
	 "addresses: IPv6 needs 1280"},
	{"ns2/b", "mtu=68", NULL},
	{"ns1/a", "mtu=1280", NULL},
	{"eth0", "mtu=1000",
	 "Slave ns1/a, column mtu: mtu 1000 of ns1/a (its master's) is too small"},
	{"ns2/b", "name=s%d",
	 "Slave ns2/s%d, column name: \"s%d\" cannot be a device's name: the kernel "
	 "would"},
	{"ns2/b", "name=all",
	 "Slave ns2/all, column name: \"all\" cannot be a device's name"},
	{"ns2/b", "netns=a/b",
	 "Slave a/b/b, column netns: \"a/b\" cannot be a network namespace"},
	{"ns2/b", "netns=/proc/1/ns/net", NULL},
	{"ns2/b", "netns=/run/netns/ns3",
	 "Slave /run/netns/ns3/b, column netns: namespace \"/run/netns/ns3\" is not in "
	 "its "
	 "canonical form; write \"ns3\""},
	{"ns2/b", "netns=/var/run/netns/ns1",
	 "Slave /var/run/netns/ns1/b, column netns: namespace \"/var/run/netns/ns1\" is "
	 "not "
	 "in its canonical form; write \"ns1\""},
	{"ns2/b", "netns=/run/./x//y",
	 "Slave /run/./x//y/b, column netns: namespace \"/run/./x//y\" is not in its "
	 "canonical "
	 "form; write \"/run/x/y\""},
	{"eth0", "netns=/run/netns/ns3",
	 "Master /run/netns/ns3/eth0, column netns: namespace \"/run/netns/ns3\" is not "
	 "in its "
	 "canonical form; write \"ns3\""},
	{"eth0", "name=..", "Master .., column name: \"..\" cannot be a device's name"},
	{"eth0", "netns=..",
	 "Master ../eth0, column netns: \"..\" cannot be a network namespace"},

	/* Addresses */
	{"ns2/b", "addresses=10.0.0.3/24", NULL},
	{"ns2/b", "addresses=10.0.0.2/16",
	 "Slave ns2/b, column addresses: address 10.0.0.2 of ns2/b is also an address of "
	 "ns1/a, and the kernel "
	 "accepts each address once on a master; give ns2/b another address"},
	{"ns2/b", "addresses=2001:db8::2/128",
	 "Slave ns2/b, column addresses: address 2001:db8::2 of ns2/b is"},
	{"ns2/b", "enabled=false addresses=10.0.0.2/16", NULL},
	{"ns1/c", "addresses=10.0.0.2/24", NULL}, /* under another master */
	{"ns2/b", "addresses=10.0.0.9/24,10.0.0.9/25",
	 "Slave ns2/b, column addresses: address 10.0.0.9 is listed twice on ns2/b, as "
	 "/24 "
	 "and as /25"},
	{"ns2/b", "addresses=10.0.0.0/24",
	 "Slave ns2/b, column addresses: 10.0.0.0/24 is the network's own"},
	{"ns2/b", "addresses=10.0.0.9",
	 "Slave ns2/b, column addresses: \"10.0.0.9\" has no prefix length: without one "
	 "the kernel would take "
	 "it as /32"},
	{"ns2/b", "addresses=2001:DB8::9/64",
	 "Slave ns2/b, column addresses: address \"2001:DB8::9/64\" is not in its "
	 "canonical form; write "
	 "\"2001:db8::9/64\""},
	{"ns2/b", "addressing=external",
	 "Slave ns2/b, column addressing: addressing is external, yet there are "
	 "addresses; set"},
	{"ns2/b", "addressing=external addresses=", NULL},
	{"ns2/b", "addressing=",
	 "Slave ns2/b, column addressing: addressing is not set; choose static ("},

	/* Routes */
	{"ns2/b", "routes=default", NULL},
	{"ns2/b", "routes=default+via+192.168.9.1", NULL},
	{"ns2/b", "routes=default+nexthop+via+192.168.9.1+nexthop+via+192.168.9.4", NULL},
	{"ns2/b", "routes=default+nexthop+via+10.138.36.66+nexthop+via+192.168.9.1",
	 "Slave ns2/b, column routes: gateway 10.138.36.66 is outside every subnet of "},
	{"ns2/b", "mtu=1400 routes=default+mtu+1400", NULL},
	{"ns2/b", "mtu=1400 routes=default+mtu+1401",
	 "Slave ns2/b, column routes: mtu 1401 of a route is above the 1400 of its "
	 "device "
	 "ns2/b"},
	{"ns2/b", "routes=default+via+10.138.36.66",
	 "Slave ns2/b, column routes: gateway 10.138.36.66 is outside every subnet of "
	 "ns2/b (192.168.9.3/24); "
	 "give b an address in the gateway's subnet, or write `on-link: true` (ipvl-ctl: "
	 "`onlink`) if it is on the link, or leave out `via`"},
	{"ns2/b", "routes=default+via+10.138.36.66+onlink", NULL},
	{"ns2/b", "routes=10.138.36.66/32,default+via+10.138.36.66", NULL},
	{"ns2/b", "routes=10.138.36.66/32+table+7,default+via+10.138.36.66+table+7",
	 NULL},
	{"ns2/b", "routes=10.138.36.66/32+table+7,default+via+10.138.36.66",
	 "Slave ns2/b, column routes: gateway 10.138.36.66 is outside every subnet"},
	{"ns2/b", "routes=default+via+192.168.9.3",
	 "Slave ns2/b, column routes: gateway 192.168.9.3 is ns2/b's own"},
	{"ns2/b", "routes=default+via+192.168.9.255",
	 "Slave ns2/b, column routes: gateway 192.168.9.255 is the broadcast address of "
	 "ns2/b's subnet"},
	/* RFC 3021: a subnet of two has no broadcast address; nor has any of IPv6. */
	{"ns2/b", "addresses=192.168.9.2/31 routes=default+via+192.168.9.3", NULL},
	{"ns2/b", "addresses=192.168.9.1/30 routes=default+via+192.168.9.3",
	 "Slave ns2/b, column routes: gateway 192.168.9.3 is the broadcast address of"},
	{"ns2/b", "addresses=192.168.9.1/30 routes=default+via+192.168.9.2", NULL},
	{"ns2/b",
	 "addresses=2001:db8:9::1/64 routes=default+via+2001:db8:9:0:ffff:ffff:ffff:ffff",
	 NULL},
	{"ns2/b", "addresses=2001:db8:9::1/16 routes=default+via+2001:ffff::1", NULL},
	{"ns2/b", "routes=default+via+fe80::1", NULL},
	{"ns2/b", "routes=default+via+2001:db8::1",
	 "Slave ns2/b, column routes: gateway 2001:db8::1 cannot be reached: ns2/b has "
	 "no IPv6 address; give b an address in the gateway's subnet, or write "
	 "`on-link: true`"},
	{"shim", "routes=default+via+10.9.9.9", NULL}, /* its addresses are not known */
	{"ns2/b", "routes=default+src+192.168.9.3", NULL},
	{"ns2/b", "routes=default+src+192.168.9.4",
	 "Slave ns2/b, column routes: source 192.168.9.4 is not an address of ns2/b "
	 "(192.168.9.3/24)"},
	{"ns2/b", "routes=default,default+via+192.168.9.1",
	 "Slave ns2/b, column routes: route `default via 192.168.9.1` of ns2/b collides "
	 "with another one, `default`"},
	{"ns2/b", "routes=default,default+via+192.168.9.1+metric+5", NULL},
	{"ns1/c", "routes=default",
	 "Slave ns1/c, column routes: route `default` of ns1/c collides with that of "
	 "ns1/a, `default via 10.0.0.1`: a "
	 "namespace has one route for each destination, metric and table; give one of "
	 "them another `metric`"},
	{"ns1/c", "routes=default+metric+9", NULL},
	{"ns2/b", "routes=default netns=ns1",
	 "Slave ns1/b, column routes: route `default` of ns1/b collides with"},
	{"eth0", "routes=10.0.0.0/8+via+10.9.9.9", NULL},
	{"ns2/b", "routes=default+dev+b",
	 "Slave ns2/b, column routes: route \"default dev b\": a route's device is the "
	 "row's own: leave out"},
	{"ns2/b", "routes=0.0.0.0/0",
	 "Slave ns2/b, column routes: route \"0.0.0.0/0\" is not in its canonical form; "
	 "write \"default\""},
	{"eth0", "routes=10.0.0.1/8",
	 "Master eth0, column routes: route \"10.0.0.1/8\": 10.0.0.1/8 is a host in"},

	/* Lists of words */
	{"ns2/b",
	 "nameservers=10.3.3.4+10.3.3.3 search=b.example+a.example "
	 "sysctl=ipv6.accept_ra:0",
	 NULL},
	{"ns2/b", "nameservers=10.3.3.4++10.3.3.3",
	 "Slave ns2/b, column nameservers: nameservers \"10.3.3.4  10.3.3.3\" is not in "
	 "its canonical form; write"},
	{"ns2/b", "nameservers=dns",
	 "Slave ns2/b, column nameservers: \"dns\" is not an IPv4 or IPv6 address"},
	{"ns2/b", "search=a..b",
	 "Slave ns2/b, column search: \"a..b\" is not a domain name"},
	{"shim", "nameservers=10.3.3.3",
	 "Slave shim, column nameservers: nameservers go to /etc/netns/NAME/resolv.conf, "
	 "and shim has no `netns`; leave out `nameservers`, or use a named namespace"},
	{"shim", "search=b.example",
	 "Slave shim, column search: domains to search go to "
	 "/etc/netns/NAME/resolv.conf, and shim has no `netns`; leave out `search`"},
	{"shim", "addressing=static addresses=192.168.9.7/32 host_access=true", NULL},
	{"shim", "host_access=true",
	 "Slave shim, column host_access: shim gives the host access in mode l2, and has "
	 "no "
	 "address for the others to answer to; give it a free address of their subnet "
	 "with "
	 "its full length"},
	{"ns2/b", "host_access=true",
	 "Slave ns2/b, column host_access: host access needs a slave in the namespace of "
	 "its master, and b is in ns2; leave out its `netns`"},
	{"ns2/b", "netns=/proc/754/ns/net nameservers=10.3.3.3 search=a",
	 "Slave /proc/754/ns/net/b, column nameservers: nameservers go to "
	 "/etc/netns/NAME/resolv.conf, and /proc/754/ns/net has no name; leave out"},
	{"ns2/b", "name=lo",
	 "Slave ns2/lo, column name: \"lo\" cannot be a device's name: every namespace "
	 "has a `lo` of its own"},
	{"eth1", "name=lo", "Master lo, column name: \"lo\" cannot be a device's name"},
	{"eth0", "vlan_link=lo vlan_id=5",
	 "Master eth0, column vlan_link: \"lo\" cannot be a device's name"},
	{"ns2/b", "sysctl=foo:1",
	 "Slave ns2/b, column sysctl: \"foo\" is not a setting of one device"},

	/* Masters */
	{"eth0",
	 "mode=", "Master eth0, column mode: mode is not set; choose l2, l3 or l3s"},
	{"eth0", "flag=",
	 "Master eth0, column flag: flag is not set; choose bridge, private or vepa"},
	{"eth0", "mode=l9",
	 "Master eth0, column mode: unknown mode \"l9\"; choose l2, l3 or l3s"},
	{"eth0", "flag=open",
	 "Master eth0, column flag: unknown flag \"open\"; choose bridge, private or "
	 "vepa"},
	{"ns2/b", "addressing=dhcp",
	 "Slave ns2/b, column addressing: addressing is neither static nor external"},
	{"eth0", "match=colour:red",
	 "Master eth0, column match: unknown key `colour` of a match; there are name,"},
	{"eth0", "vlan_link=eth1 vlan_id=5", NULL},
	{"eth0", "kind=bridge", NULL},
	{"eth0", "vlan_link=eth1 vlan_id=5 kind=dummy",
	 "Master eth0, column kind: eth0 cannot be a VLAN and a dummy; leave out one"},
	{"eth0", "vlan_link=eth1",
	 "Master eth0, column vlan_link: the VLAN of eth0 has no id; a VLAN needs both"},
	{"eth0", "vlan_id=5",
	 "Master eth0, column vlan_link: the VLAN of eth0 has no link"},
	{"eth0", "vlan_link=eth0 vlan_id=5",
	 "Master eth0, column vlan_link: eth0 cannot be a VLAN of itself"},

	/* Names in one namespace */
	{"shim", "name=eth0",
	 "Slave eth0, column name: slave eth0 has the name of its master"},
	{"shim", "name=eth1",
	 "Slave eth1, column name: eth1 is a slave of eth0 and a master"},
	{"eth1", "name=shim",
	 "Slave shim, column name: shim is a slave of eth0 and a master"},
	{"ns2/b", "name=eth0", NULL},
	{"eth1", "netns=ns1 name=a",
	 "Slave ns1/a, column name: ns1/a is a slave of eth0 and a master"},

	/* Who they belong to */
	{"ns2/b", "host=other",
	 "Slave ns2/b, column host: host is \"other\", and its Master's is \"\"; set "
	 "host to \"\""},
	{"eth0", "host=other",
	 "Master eth0, column host: host is \"other\", and its Host's is \"\""},
	{"ns2/b", "external_ids=a:b", NULL},
	{"ns2/b", "state=ready", "Slave.state is written by ipvld only"},
	{"eth0", "ifindex=7", "Master.ifindex is written by ipvld only"},
};

static struct row *find_row(struct world *w, struct txn *t, const char *name)
{
	return !strncmp(name, "eth", 3) ? world_master(w, t, name)
					: world_slave(w, t, name);
}

static void test_changes(void **state)
{
	struct world w;

	(void)state;
	world_init_base(&w);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct change_case *c = &cases[i];
		struct txn *t = world_begin(&w, false);
		struct err *e;
		char *said;

		world_set(&w, t, find_row(&w, t, c->row), c->columns);
		e = db_commit_check(t);
		txn_free(t);
		said = e ? err_text(e) : NULL;
		err_free(e);
		if (!said != !c->said ||
		    (said && strncmp(said, c->said, strlen(c->said))))
			fail_msg("%s %s\nsaid:\n%s\nnot:\n%s", c->row, c->columns,
				 said ? said : "nothing", c->said ? c->said : "nothing");
		free(said);
	}
	world_clear(&w);
}

/* A change of the master is checked against its slave with access. */
static void test_host_access(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "shim"),
		  "addressing=static addresses=192.168.9.7/32 host_access=true");
	world_commit(t);
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "eth0"), "flag=vepa");
	world_expect_refused(t,
			     "Slave shim, column host_access: shim gives the host access "
			     "to the other slaves, and with flag vepa slaves do not "
			     "reach each other");
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "eth0"), "mode=l3");
	world_set(&w, t, world_slave(&w, t, "shim"), "addresses=");
	world_commit(t);
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "eth0"), "mode=l2");
	world_expect_refused(t,
			     "shim gives the host access in mode l2, and has no address");
	world_clear(&w);
}

static void test_codes(void **state)
{
	struct world w;
	struct txn *t;
	struct err *e;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns2/b"), "name=all");
	e = db_commit_check(t);
	assert_int_equal(e->code, ERR_CONSTRAINT);
	err_free(e);
	txn_free(t);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns2/b"), "state=x");
	e = db_commit_check(t);
	assert_int_equal(e->code, ERR_PERMISSION);
	err_free(e);
	txn_free(t);
	world_clear(&w);
}

/* Both at once, and one after the other. */
static void test_new_slaves(void **state)
{
	struct world w;
	struct txn *t;
	struct row *m;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	m = world_master(&w, t, "eth0");
	world_add_slave(&w, t, m, "x/d", "addresses=10.7.0.1/24");
	world_add_slave(&w, t, m, "y/d", "addresses=10.7.0.1/16");
	world_expect_refused(t, "address 10.7.0.1 of y/d is also an address of x/d");

	t = world_begin(&w, false);
	world_add_slave(&w, t, world_master(&w, t, "eth0"), "x/d",
			"addresses=192.168.9.3/32");
	world_expect_refused(t, "address 192.168.9.3 of x/d is also an address of ns2/b");

	/* The address is free as soon as its holder goes, in the same transaction too. */
	t = world_begin(&w, false);
	m = world_master(&w, t, "eth0");
	rows_remove_slave(&w.c, t, world_slave(&w, t, "ns2/b"));
	world_add_slave(&w, t, m, "x/d", "addresses=192.168.9.3/32");
	world_expect_refused(t, NULL);
	assert_null(world_slave(&w, NULL, "ns2/b"));

	/* A row without anything: every choice must be made. */
	t = world_begin(&w, false);
	m = world_add_slave(&w, t, world_master(&w, t, "eth0"), "x/e", "");
	world_set(&w, t, m, "addressing=");
	world_expect_refused(t, "addressing is not set");
	world_clear(&w);
}

static void test_two_parents(void **state)
{
	struct world w;
	struct txn *t;
	struct row *host, *master;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	world_add_to_set(t, world_master(&w, t, "eth1"), w.c.master.slaves,
			 world_slave(&w, t, "ns2/b"));
	world_expect_refused(t, "Slave ns2/b: it is in the `slaves` of two masters, eth");

	t = world_begin(&w, false);
	master = world_master(&w, t, "eth0");
	host = rows_ensure_host(&w.c, t, "second");
	world_add_to_set(t, host, w.c.host.masters, master);
	world_expect_refused(t, "Master eth0: it is in the `masters` of two hosts");
	world_clear(&w);
}

/* A slave that moves is judged among its new siblings. */
static void test_move(void **state)
{
	struct world w;
	struct txn *t;
	struct row *slave;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns1/c"), "addresses=192.168.9.3/24");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	slave = world_slave(&w, t, "ns1/c");
	world_set(&w, t, world_master(&w, t, "eth1"), "slaves=");
	world_add_to_set(t, world_master(&w, t, "eth0"), w.c.master.slaves, slave);
	world_expect_refused(t,
			     "address 192.168.9.3 of ns1/c is also an address of ns2/b");
	world_clear(&w);
}

/* A stand-by that is enabled meets its twin. */
static void test_enable(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns2/b"),
		  "enabled=false addresses=10.0.0.2/24");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns2/b"), "enabled=true");
	world_expect_refused(t, "address 10.0.0.2 of ns2/b is also an address of ns1/a");
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns2/b"), "enabled=true");
	world_set(&w, t, world_slave(&w, t, "ns1/a"), "enabled=false");
	world_expect_refused(t, NULL);
	world_clear(&w);
}

/* A master and its slaves may share a namespace, and so a table of routes. */
static void test_routes_of_a_master(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "eth0"), "routes=10.0.0.0/8");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns2/b"), "routes=10.0.0.0/8");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "shim"), "routes=10.0.0.0/8");
	world_expect_refused(
		t, "route `10.0.0.0/8` of shim collides with that of eth0, `10.0.0.0/8`");
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "shim"), "routes=10.0.0.0/8+metric+7");
	world_expect_refused(t, NULL);
	/* The other way round; and of two masters of one namespace. */
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "eth0"), "routes=10.0.0.0/8+metric+7");
	world_expect_refused(
		t, "route `10.0.0.0/8 metric 7` of shim collides with that of eth0, "
		   "`10.0.0.0/8 metric 7`");
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "eth1"), "routes=10.0.0.0/8");
	world_expect_refused(
		t, "route `10.0.0.0/8` of eth1 collides with that of eth0, `10.0.0.0/8`");
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "shim"), "netns=ns3 routes=10.0.0.0/8");
	world_expect_refused(t, NULL);
	world_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_host_access),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_new_slaves),
		cmocka_unit_test(test_two_parents),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_enable),
		cmocka_unit_test(test_routes_of_a_master),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
