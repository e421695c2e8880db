/* The values of each column, and how to write them in a shell. ipvl-ctl(8) has the
 * same examples (tests/lint/man.py compares them), and tests/e2e runs them all. */
#include "ctl/help.h"

#include "lib/alloc.h"

#include <string.h>

static const struct {
	const char *table, *column, *what;
	const char *examples[2]; /* as typed in a shell */
} columns[] = {
	{"Master",
	 "netns",
	 "the namespace it is in: a name below /run/netns, or a path",
	 {"netns=lab7"}},
	{"Master", "name", "the name of the device; with match a label", {"name=eth1"}},
	{"Master",
	 "match",
	 "what the device is found by, whatever its name: macaddress,\n"
	 "name, path (patterns), default-route=true",
	 {"match:macaddress=02:00:00:00:00:01", "match='name=en*'"}},
	{"Master",
	 "mode",
	 "l2: slaves are on the master's LAN; l3 (default), l3s: the\n"
	 "host routes for them; passthru: macvlan's, for one slave",
	 {"mode=l2"}},
	{"Master",
	 "flag",
	 "bridge (default): slaves reach each other; private: they do\n"
	 "not; vepa: by way of a switch that sends back",
	 {"flag=private"}},
	{"Master",
	 "vlan_link",
	 "with vlan_id: ipvld makes the master as a VLAN of this device",
	 {"vlan_link=eth0 vlan_id=7"}},
	{"Master",
	 "vlan_id",
	 "with vlan_link: the VLAN's number, 1 to 4094",
	 {"vlan_link=eth0 vlan_id=100"}},
	{"Master",
	 "kind",
	 "ipvld makes it: dummy or bridge, for a lab without a card",
	 {"kind=dummy", "kind=bridge"}},
	{"Master",
	 "datapath",
	 "what its slaves are: ipvlan (default), ipvtap, macvlan, or\n"
	 "another plug-in (`ipvl-ctl list-datapaths`)",
	 {"datapath=macvlan mode=l2", "datapath=ipvtap"}},
	{"Master", "mtu", "68 to 65535; [] leaves it alone", {"mtu=9000", "mtu=[]"}},
	{"Master",
	 "routes",
	 "routes in its own namespace, as `ip route` writes them",
	 {"routes='10.9.0.0/16 via 10.0.0.9 metric 100'"}},
	{"Master",
	 "sysctl",
	 "settings of the device itself: ipv4.NAME or ipv6.NAME;\n"
	 "removed ones are set back to what they were",
	 {"sysctl:ipv4.proxy_arp=1"}},
	{"Master",
	 "optional",
	 "true: `wait-online` does not wait for its slaves",
	 {"optional=true"}},
	{"Master",
	 "drift",
	 "what other programs change is repaired (default), reported\n"
	 "(and left until `repair` or an edit), or ignored",
	 {"drift=report", "drift=repair"}},
	{"Master",
	 "external_ids",
	 "keys and values of other programs",
	 {"external_ids:owner=lab"}},

	{"Slave",
	 "netns",
	 "the namespace: a name below /run/netns, an absolute path, or\n"
	 "pid:N, that of a process; left out, its master's",
	 {"netns=blue"}},
	{"Slave", "name", "the name of the device there", {"name=ipvl1"}},
	{"Slave",
	 "enabled",
	 "false removes the device and keeps the row",
	 {"enabled=false"}},
	{"Slave",
	 "addresses",
	 "ADDRESS/LENGTH, commas between several; [] for none",
	 {"addresses=10.0.0.2/24,2001:db8::2/64", "addresses=[]"}},
	{"Slave",
	 "addressing",
	 "static: as in `addresses`; external (default without\n"
	 "addresses): another program sets them",
	 {"addressing=external addresses=[]"}},
	{"Slave",
	 "routes",
	 "as `ip route` writes them, commas between several",
	 {"routes='default via 10.0.0.1, 10.9.0.0/16 via 10.0.0.9'",
	  "routes='\"default via 10.0.0.1\",\"10.9.0.0/16\"'"}},
	{"Slave",
	 "routing_policy",
	 "rules of its namespace, as `ip rule add` takes them",
	 {"routing_policy='from 10.0.0.2 table 100'"}},
	{"Slave",
	 "source_routing",
	 "true, or a table: traffic from its addresses leaves by it",
	 {"source_routing=true", "source_routing=100"}},
	{"Slave",
	 "host_access",
	 "true, without a netns: it gets a route to each address of\n"
	 "the master's other slaves; in l2 it needs an address",
	 {"host_access=true netns=[] addresses=192.0.2.250/32"}},
	{"Slave",
	 "handed_over",
	 "true: another program may move, rename and configure it",
	 {"handed_over=true"}},
	{"Slave",
	 "transient",
	 "true, of a slave that is handed over: its row goes with its\n"
	 "device",
	 {"handed_over=true transient=true"}},
	{"Slave",
	 "nameservers",
	 "for the namespace's resolv.conf, in this order",
	 {"nameservers=10.3.3.3,10.3.3.4"}},
	{"Slave",
	 "search",
	 "domains for the namespace's resolv.conf",
	 {"search=a.example,b.example"}},
	{"Slave", "mtu", "68 to 65535; auto: its master's", {"mtu=1400", "mtu=auto"}},
	{"Slave",
	 "sysctl",
	 "settings of the device: ipv4.NAME or ipv6.NAME",
	 {"sysctl:ipv6.accept_ra=0", "sysctl='{ipv4.arp_announce=2, ipv6.accept_ra=0}'"}},
	{"Slave",
	 "address_options",
	 "what is declared of an address beside it, in the words of\n"
	 "`ip address`: peer, scope, label; lifetime 0 or forever",
	 {"addresses=10.0.0.2/8 address_options:10.0.0.2/8='label a:1'",
	  "addresses=10.0.0.2/8 address_options:10.0.0.2/8='lifetime 0'"}},
	{"Slave",
	 "altnames",
	 "more names of the device, of up to 127 bytes each",
	 {"altnames=web0,lan-of-web"}},
	{"Slave",
	 "alias",
	 "a text that `ip link` shows with the device",
	 {"alias='the web server'"}},
	{"Slave",
	 "vrf",
	 "the VRF that the device is a member of; ipvl makes none",
	 {"vrf=red"}},
	{"Slave",
	 "optional",
	 "true: `wait-online` does not wait for it",
	 {"optional=true"}},
	{"Slave",
	 "pool",
	 "gets addresses and a default route from this pool",
	 {"pool=lan"}},
	{"Slave",
	 "drift",
	 "what other programs change is repaired (default), reported\n"
	 "(and left until `repair` or an edit), or ignored",
	 {"drift=report", "drift=ignore"}},
	{"Slave",
	 "external_ids",
	 "keys and values of other programs",
	 {"external_ids:owner=lab"}},

	{"Pool",
	 "subnets",
	 "networks, IPv4 or IPv6: a slave gets an address of each family",
	 {"subnets=10.0.0.0/24,2001:db8::/64"}},
	{"Pool",
	 "ranges",
	 "where addresses are chosen from; of a family without one, its\n"
	 "subnets",
	 {"ranges=10.0.0.100-10.0.0.199", "ranges=[]"}},
	{"Pool",
	 "excluded",
	 "addresses and ranges that are never chosen",
	 {"excluded+=10.0.0.9,10.0.0.20-10.0.0.29"}},
	{"Pool",
	 "gateway",
	 "the router of each subnet: slaves get a default route by it",
	 {"gateway=10.0.0.1", "gateway=[]"}},
	{"Pool",
	 "external_ids",
	 "keys and values of other programs",
	 {"external_ids:owner=lab"}},
};

#define WHAT_COLUMN 18

/* 'what' may have a second line. */
static void print_what(FILE *out, const char *what)
{
	size_t n = strcspn(what, "\n");

	fprintf(out, "%.*s\n", (int)n, what);
	if (what[n])
		fprintf(out, "%*s%s\n", WHAT_COLUMN, "", what + n + 1);
}

void help_print_columns(FILE *out, const char *table)
{
	fputs("\nColumns:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (strcmp(columns[i].table, table) != 0)
			continue;
		fprintf(out, "  %-*s", WHAT_COLUMN - 2, columns[i].column);
		print_what(out, columns[i].what);
		for (size_t k = 0; k < 2 && columns[i].examples[k]; k++)
			fprintf(out, "%*s%s\n", WHAT_COLUMN + 2, "",
				columns[i].examples[k]);
	}
	fputs("\nA set is written a,b or [a,b], the empty one []. What is in double "
	      "quotes "
	      "is one\n"
	      "element, with its commas and blanks. COLUMN:KEY=VALUE sets one key of a "
	      "map.\n"
	      "COLUMN+=VALUE and COLUMN-=VALUE add and remove elements of a set or map, "
	      "or\n"
	      "words of nameservers and search.\n",
	      out);
}
