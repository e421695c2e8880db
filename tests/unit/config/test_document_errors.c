/* Every error in a YAML file, with its place. The file's name is left out of the expected
 * texts, which begin with LINE:COLUMN. */
#include "document_complaints.h"

#include "config/yaml/document.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct bad_case {
	const char *yaml;
	const char *said[4]; /* a beginning of each line, in order; NULL-terminated */
};

static void expect_errors(const struct bad_case *c)
{
	struct document_errors errors = {0};
	struct document *d = document_parse("f.yaml", c->yaml, strlen(c->yaml), &errors);
	CLEANUP(freep) char *all = document_complaints(&errors);
	const char *line = all;

	assert_null(d);
	for (size_t i = 0; i < 4 && c->said[i]; i++) {
		if (strncmp(line, c->said[i], strlen(c->said[i])))
			fail_msg("%s\nsaid:\n%s\nbut not: %s", c->yaml, all, c->said[i]);
		line = strchr(line, '\n') + 1;
	}
	if (*line)
		fail_msg("%s\nsaid more:\n%s", c->yaml, line);
	document_errors_clear(&errors);
}

static const struct bad_case syntax_cases[] = {
	{"",
	 {"1:1: the file is empty; a file that declares nothing is written `version: "
	  "1`"}},
	{"# nothing\n", {"1:1: the file is empty"}},
	{"---\n...\n", {"2:1: the file must be a map, not nothing"}},
	{"- a\n", {"1:1: the file must be a map, not a list"}},
	{"version: 1\n---\nversion: 1\n", {"2:1: a second document begins here"}},
	{"version: 1\nmasters:\n\t- name: x\n",
	 {"3:1: a tab cannot indent YAML; indent with spaces"}},
	{"version: 1\nmasters:\n  - name: eth0\n  \tmode: l2\n",
	 {"4:3: a tab cannot indent YAML"}},
	{"version: 1\nmasters: [\n",
	 {"3:1: not YAML: did not find expected node content while parsing a "
	  "flow node; a comma too many"}},
	{"version: 1\nmasters:\n  - name: e\n   mode: l2\n",
	 {"4:4: not YAML: did not find expected '-' indicator while parsing a block "
	  "collection that begins "
	  "on line 3; look at the indentation"}},
	{"version: 1\nmasters: \"a\n",
	 {"3:1: not YAML: found unexpected end of stream while scanning a quoted "
	  "scalar that begins on line 2; a quote is not closed"}},
	{"version: 1\nversion: 1\n",
	 {"2:1: key `version` is a duplicate in this map, first on line 1"}},
	{HEAD "    mtu: 1500\n    mtu: 1500\n",
	 {"5:5: key `mtu` is a duplicate in this map, first on line 4"}},
	{"version: 1\n? [a]\n: b\n", {"2:3: a key must be text, not a list"}},
	{"version: 1\nmasters: *m\n",
	 {"2:10: alias `*m` is not defined; write `&m` before a value"}},
	{"version: 1\nmasters: &m [*m]\n", {"2:14: alias `*m` is not defined"}},
	{"version: !!int 1\n",
	 {"1:10: tags such as `tag:yaml.org,2002:int` have no meaning here"}},
	{"version: 1\nmasters: \"\\0\"\n", {"2:10: text with a NUL in it"}},
	{"version: 1\nmasters:\n  - name: \xff\n",
	 {"3:11: this is not UTF-8 text; save the file as UTF-8"}},
	{"version: 1\nmasters:\n  - name: \x01\n",
	 {"3:11: a control character (0x01), which YAML does not allow"}},
	{"version: 1\nx: "
	 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
	 {"2:35: lists and maps more than 32 deep"}},
};

static const struct bad_case key_cases[] = {
	{"masters: []\n",
	 {"1:1: `version` is missing; begin the file with `version: 1`"}},
	{"version: 2\nmasters: 7\n", {"1:10: `version` 2 is not supported by this ipvl"}},
	{"version: [1]\n", {"1:10: `version` of that kind is not supported"}},
	{"version: 1\nmaster: []\n",
	 {"2:1: unknown key `master` in the file; did you mean `masters`?"}},
	{"version: 1\nfoo: []\n",
	 {"2:1: unknown key `foo` in the file; the keys of the file are version, "
	  "masters"}},
	{"version: 1\nnetwork: {}\n", {"2:1: `network`: this is netplan's root"}},
	{"version: 1\nmasters:\n",
	 {"2:9: `masters` must be a list, not nothing; write `masters: []`"}},
	{"version: 1\nmasters: {}\n", {"2:10: `masters` must be a list, not a map"}},
	{"version: 1\nmasters: [eth0]\n",
	 {"2:11: a master must be a map, not `eth0`; write it as in {name:"}},
	{"version: 1\nmasters: [{mode: l2}]\n", {"2:11: a master without a name"}},
	{"version: 1\nmasters: [{name: }]\n", {"2:18: `name` must be text, not nothing"}},
	{"version: 1\nmasters: [{name: \"\"}]\n",
	 {"2:18: a device's name cannot be empty"}},
	{"version: 1\nmasters: [{name: [a]}]\n",
	 {"2:18: `name` must be text, not a list"}},
	{HEAD "    mode: l4\n    flag: vpea\n",
	 {"4:11: unknown mode `l4`: there are l2, l3 and l3s; did you mean `l2`?",
	  "5:11: unknown flag `vpea`: there are bridge, private and vepa; did you mean "
	  "`vepa`?"}},
	{HEAD "    mode: l2\n    host-access: true\n",
	 {"5:18: in mode l2 the slave that gives the host access needs an address for "
	  "the "
	  "others to answer to; write a free address of their subnet, as in "
	  "`host-access: "
	  "192.0.2.250`"}},
	{HEAD "    host-access: yes\n", {"4:18: `host-access`"}},
	{HEAD "    host-access: {a: b}\n",
	 {"4:18: `host-access` must be true or false, not a map"}},
	{HEAD "    host-access: [10.0.0.1/24, \"2001:db8::1\", x]\n",
	 {"4:19: \"10.0.0.1/24\" is not an IPv4 or IPv6 address; write free "
	  "addresses of the slaves' subnet without a length, as in [192.0.2.250], or "
	  "`true`",
	  "4:47: \"x\" is not an IPv4 or IPv6 address"}},
	{HEAD "    flag: private\n    host-access: 10.0.0.1\n",
	 {"5:18: shim-eth0 gives the host access to the other slaves, and with flag "
	  "private "
	  "slaves do not reach each other"}},
	{HEAD "    mode: l3\n    host-access: true\n    slaves: [{name: shim-eth0}]\n",
	 {"6:21: slave shim-eth0 is listed twice under eth0"}},
	{"version: 1\nmasters:\n  - name: enp0s31f6np0\n    host-access: true\n",
	 {"4:18: the slave that gives the host access would be called shim-enp0s31f6np0, "
	  "which is too long; declare it under `slaves`, as {name: shim0,"}},
	{SLAVE "        netns: n\n        host-access: true\n",
	 {"7:22: host access is by a slave in the namespace of its master, and a is in "
	  "n; "
	  "leave out its `netns`"}},
	{HEAD "    mode: macvtap\n",
	 {"4:11: unknown mode `macvtap`: there are l2, l3 and l3s\n"}},
	{HEAD "    slave: []\n",
	 {"4:5: unknown key `slave` in a master; did you mean `slaves`?"}},
	{HEAD "    <<: l2\n",
	 {"4:9: `<<` takes the keys of a map, not of a text; write `<<: *name` or "
	  "`<<: [*a, *b]`, where `&name` stands before a map above"}},
	{HEAD "    <<: [{mode: l2}, [mode]]\n",
	 {"4:22: `<<` takes the keys of a map, not of a list"}},
	{HEAD "    \"<<\": {mode: l2}\n", {"4:5: unknown key `<<` in a master"}},
	{HEAD "    <<: {mode: l2}\n    <<: {mtu: 1500}\n",
	 {"5:5: key `<<` is a duplicate in this map, first on line 4; write `<<: [*a, "
	  "*b]`"}},
	{HEAD "    <<: *lab\n", {"4:9: alias `*lab` is not defined"}},
	{HEAD "    x-lab: 1\n", {"4:5: unknown key `x-lab` in a master"}},
	/* What is merged twice is complained of once, where it stands. */
	{"version: 1\nx-m: &m {mtu: 67, mod: l2}\nmasters:\n  - {name: a, <<: *m}\n"
	 "  - {name: b, <<: *m}\n",
	 {"2:15: `mtu` must be a number from 68 to 65535, not `67`",
	  "2:19: unknown key `mod` in a master; did you mean `mode`?"}},
	{HEAD "    mtu: 9000000\n",
	 {"4:10: `mtu` must be a number from 68 to 65535, not `9000000`"}},
	{HEAD "    mtu: \"1500\"\n",
	 {"4:10: `mtu` must be a number from 68 to 65535, not the text \"1500\"; leave "
	  "out the quotes"}},
	{HEAD "    mtu: 67\n",
	 {"4:10: `mtu` must be a number from 68 to 65535, not `67`"}},
	{HEAD "    vlan: {link: eth1, id: 4095}\n",
	 {"4:28: `id` must be a number from 1 to 4094, not `4095`"}},
	{HEAD "    vlan: {link: eth1}\n",
	 {"4:11: the VLAN of eth0 has no id; a VLAN needs both"}},
	{HEAD "    vlan: {id: 1}\n", {"4:11: the VLAN of eth0 has no link"}},
	{HEAD "    vlan: {}\n", {"4:11: `vlan` is empty"}},
	{HEAD "    kind: tap\n",
	 {"4:11: unknown kind `tap`: there are dummy and bridge"}},
	{HEAD "    kind: dummy\n    vlan: {link: up, id: 5}\n",
	 {"4:11: eth0 cannot be a VLAN and a dummy"}},
	/* Half a VLAN is none: two of them are not the same one. */
	{HEAD "    vlan: {id: 1}\n  - {name: a, vlan: {id: 1}}\n"
	      "  - {name: b, vlan: {link: up}}\n  - {name: c, vlan: {link: up}}\n",
	 {"4:11: the VLAN of eth0 has no link", "5:21: the VLAN of a has no link",
	  "6:21: the VLAN of b has no id", "7:21: the VLAN of c has no id"}},
	{HEAD "    vlan: {link: eth0, id: 1}\n",
	 {"4:11: eth0 cannot be a VLAN of itself"}},
	{HEAD "    vlan: {link: up, id: 5}\n  - {name: a, vlan: {link: up, id: 6}}\n"
	      "  - {name: b, vlan: {link: up, id: 5}}\n",
	 {"4:11: b and eth0 are both VLAN 5 of up, and the kernel makes each VLAN once "
	  "(the "
	  "other is on line 6); put the slaves of both under one master"}},
	{HEAD "    slaves: [5]\n", {"4:14: a slave must be a map, not `5`"}},
	{HEAD "    slaves: [{netns: x}]\n", {"4:14: a slave without a name"}},
	{HEAD "    slaves: [{name: \"\"}]\n", {"4:21: a device's name cannot be empty"}},
	{SLAVE "        adresses: []\n",
	 {"6:9: unknown key `adresses` in a slave; did you mean `addresses`?"}},
	{SLAVE "        mac: 02:00:00:00:00:01\n",
	 {"6:9: `mac`: an ipvlan slave has its master's MAC; the kernel refuses another; "
	  "leave it out"}},
	{SLAVE "        mode: l2\n",
	 {"6:9: `mode`: the kernel keeps it for a master with all of its slaves; "
	  "write it under the master"}},
	{SLAVE "        gateway4: 10.0.0.1\n",
	 {"6:9: `gateway4`: a gateway is part of a route"}},
	{SLAVE "        dhcp4: true\n",
	 {"6:9: `dhcp4`: ipvl runs no DHCP client; leave out `addresses`"}},
	{SLAVE "        enabled: yes\n",
	 {"6:18: `enabled` must be true or false, not `yes`; write `enabled: true`"}},
	{SLAVE "        enabled: Off\n",
	 {"6:18: `enabled` must be true or false, not `Off`; write `enabled: false`"}},
	{SLAVE "        enabled: \"true\"\n",
	 {"6:18: `enabled` must be true or false, not the text \"true\"; write `enabled: "
	  "true` without quotes"}},
	{SLAVE "        enabled: 1\n",
	 {"6:18: `enabled` must be true or false, not `1`\n"}},
	{SLAVE "        addresses:\n",
	 {"6:19: `addresses` must be a list, not nothing; write `addresses: []` for "
	  "none, or leave the key out"}},
	{SLAVE "        addresses: 10.0.0.1/24\n",
	 {"6:20: `addresses` must be a list, not `10.0.0.1/24`; write `addresses: "
	  "[10.0.0.1/24]`"}},
	{SLAVE "        addresses: [[]]\n",
	 {"6:21: `addresses` must be text, not a list"}},
	{SLAVE "        addresses:\n          - 10.0.0.2/24: {label: x}\n",
	 {"7:13: an address has no options here: an element of `addresses` must be text, "
	  "not a map; write `- 10.0.0.2/24`"}},
	{SLAVE "        addresses: [10.0.0.2/255.255.255.0]\n",
	 {"6:21: \"10.0.0.2/255.255.255.0\": the prefix length must be 0 to 32; write "
	  "10.0.0.2/24"}},
	{SLAVE "        addresses: [\"fe80::2%eth0/64\"]\n",
	 {"6:21: \"fe80::2%eth0\" is not an IPv4 or IPv6 address; leave out %eth0"}},
	{SLAVE "        routes: [{to: default, via: [10.0.0.1, 10.0.0.1]}]\n",
	 {"6:37: gateway 10.0.0.1 is listed twice in one route; give it a `weight` "
	  "instead"}},
	{SLAVE "        routes: [{to: default, via: []}]\n",
	 {"6:37: `via` has no gateway; leave out `via` for an on-link route"}},
	{SLAVE "        routes: [{to: default, via: [{weight: 2}, {address: 10.0.0.1, "
	       "weight: 257}]}]\n",
	 {"6:38: a gateway without an address; add `address: GATEWAY`",
	  "6:79: `weight` must be a number from 1 to 256, not `257`"}},
	{SLAVE "        routes: [{to: default, via: \"fe80::1%eth0\"}]\n",
	 {"6:37: \"fe80::1%eth0\" is not an IPv4 or IPv6 address; leave out %eth0"}},
	{SLAVE "        routes: [{to: default, table: \"7\"}]\n",
	 {"6:39: `table` must be a number or a name, not the text \"7\"; leave out the "
	  "quotes"}},
	{SLAVE "        routes: [{to: default, table: no-such-table}]\n",
	 {"6:39: there is no routing table called \"no-such-table\"; write its number, 1 "
	  "to 4294967295, or name it in /etc/iproute2/rt_tables"}},
	{SLAVE "        sysctl: {ipv4.ip_forward: 1, ipv4.tcp_syncookies: 1, "
	       "ipv6.disable_ipv6: true}\n",
	 {"6:18: \"ipv4.ip_forward\" is not a setting of one device; did you mean "
	  "ipv4.forwarding?",
	  "6:38: \"ipv4.tcp_syncookies\" is not a setting of one device; it is one of "
	  "the whole namespace: set it with `ip netns exec NAME sysctl`",
	  "6:62: ipv6.disable_ipv6 is a number, not \"true\"; write 1"}},
	{"version: 1\nmasters: [{name: e, mode: bridge, flag: l3s}]\n",
	 {"2:27: unknown mode `bridge`: there are l2, l3 and l3s; `bridge` is a flag: "
	  "write "
	  "`flag: bridge`",
	  "2:41: unknown flag `l3s`: there are bridge, private and vepa; `l3s` is a "
	  "mode: "
	  "write `mode: l3s`"}},
	{"version: '1'\nmasters: []\n",
	 {"1:10: `version` must be a number, not the text \"1\"; leave out the quotes"}},
	{SLAVE "        netns: \"a\\nb\"\n",
	 {"6:16: \"a?b\" cannot be a network namespace"}},
	{HEAD "    slaves: [{name: \U0001F980\U0001F980\U0001F980\U0001F980}]\n",
	 {"4:21: \"\U0001F980\U0001F980\U0001F980\U0001F980\" cannot be a device's name: "
	  "it "
	  "has 16 bytes, and the kernel takes 15 at most; shorten it, as in "
	  "\U0001F980\U0001F980\U0001F980\n"}},
	{SLAVE "        addresses: [10.0.0.1]\n",
	 {"6:21: \"10.0.0.1\" has no prefix length: without one the kernel would take it "
	  "as /32"}},
	{SLAVE "        addresses: [\xc3\xa4, 10.0.0.0/24]\n",
	 {"6:21: \"\xc3\xa4\" is not an IPv4 or IPv6 address",
	  "6:24: 10.0.0.0/24 is the network's own address"}},
	{SLAVE "        nameservers: [10.3.3.3]\n",
	 {"6:22: `nameservers` must be a map, not a list; write it as in"}},
	{SLAVE "        netns: n\n        nameservers:\n          addresses: [dns, "
	       "10.3.3.3/8]\n          search: [a_b, a..b]\n",
	 {"8:23: \"dns\" is not an IPv4 or IPv6 address", "8:28: \"10.3.3.3/8\" is not",
	  "9:25: \"a..b\" is not a domain name"}},
	{SLAVE "        nameservers: {addresses: [10.3.3.3]}\n",
	 {"6:34: nameservers go to /etc/netns/NAME/resolv.conf, and a has no `netns`; "
	  "leave out `nameservers`, or use a named namespace"}},
	{SLAVE "        ipv6: on\n",
	 {"6:15: unknown `ipv6: on`: there are off, static and ra; off"}},
	{SLAVE "        ipv6: [ra]\n", {"6:15: `ipv6` must be text, not a list"}},
	{SLAVE "        ipv6: ra\n        sysctl: {ipv6.accept_ra: 0}\n",
	 {"7:18: `ipv6: ra` sets ipv6.accept_ra, too; leave out one of them"}},
	{SLAVE "        ipv6: off\n        addresses: [\"2001:db8::1/64\"]\n",
	 {"6:15: IPv6 is off on a, which has an IPv6 address; leave out the address, "
	  "or"}},
	{SLAVE "        sysctl: [a]\n", {"6:17: `sysctl` must be a map"}},
	{SLAVE "        sysctl: {ipv6.accept_ra: , ipv4.x: [1], foo: 1}\n",
	 {"6:34: `ipv6.accept_ra` must be text, not nothing",
	  "6:44: `ipv4.x` must be text, not a list",
	  "6:49: \"foo\" is not a setting of one device"}},
	{SLAVE "        routes: [default]\n",
	 {"6:18: a route must be a map, not `default`; write it as in {to:"}},
	{SLAVE "        routes: [{via: 10.0.0.1}]\n",
	 {"6:18: a route without a destination"}},
	{SLAVE "        routes: [{to: default, gateway: 10.0.0.1}]\n",
	 {"6:32: `gateway`: a route's gateway is called `via`"}},
	{SLAVE "        routes: [{to: 10.0.0.1/8}]\n",
	 {"6:23: 10.0.0.1/8 is a host in 10.0.0.0/8"}},
	{SLAVE "        routes: [{to: default, via: 10.0.0.1, metric: x, table: 0, "
	       "on-link: maybe}]\n",
	 {"6:55: `metric` must be a number",
	  "6:65: \"0\" is not a routing table; write a number from 1 to 4294967295, or a "
	  "name",
	  "6:77: `on-link` must be true"}},
	{SLAVE "        routes: [{to: 10.0.0.0/8, via: \"fe80::1\"}]\n",
	 {"6:40: gateway fe80::1 is IPv6, and 10.0.0.0/8 is IPv4"}},
	{SLAVE "        routes: [{to: 0.0.0.0/0, from: \"2001:db8::1\"}]\n",
	 {"6:40: source 2001:db8::1 is IPv6, and 0.0.0.0/0 is IPv4; an on-link default "
	  "of IPv6 is written ::/0"}},
	/* Whichever of the keys stands first. */
	{SLAVE "        routes: [{to: default}]\n        addresses: [10.0.0.2/24, "
	       "\"2001:db8::2/64\"]\n",
	 {"6:23: `default` may be IPv4 or IPv6 here, since there are addresses of both; "
	  "write `to: 0.0.0.0/0` or `to: \"::/0\"`, or a route for each"}},
};

/* The rules themselves are tested by test_valid.c; here, that each has its place. */
static const struct bad_case place_cases[] = {
	{"version: 1\nmasters:\n  - {name: eth0}\n  - {name: eth0}\n",
	 {"4:12: master eth0 is declared twice (the other is on line 3)"}},
	{"version: 1\nmasters: [{name: eth0}, {name: eth0}]\n",
	 {"2:32: master eth0 is declared twice (the other is on line 2)"}},
	{"version: 1\nmasters:\n  - {name: m, netns: x, slaves: [{name: a}]}\n"
	 "  - {name: m, slaves: [{name: a}]}\n",
	 {"3:41: slaves of m and of x/m are both called a and have no `netns`: the "
	  "database identifies slaves by netns and name (the other is on line 4); "
	  "rename one of them, or write `netns: x` for that of x/m"}},
	{HEAD "    routes: [{to: 10.9.0.0/16}, {to: 10.9.0.0/16}]\n",
	 {"4:33: route `10.9.0.0/16` of eth0 collides with `10.9.0.0/16` of its own"}},
	{HEAD "    routes: [{to: 10.9.0.0/16}]\n    slaves:\n"
	      "      - {name: a, routes: [{to: 10.9.0.0/16}]}\n"
	      "      - {name: b, netns: n, routes: [{to: 10.9.0.0/16}]}\n",
	 {"6:28: route `10.9.0.0/16` of a collides with `10.9.0.0/16` of eth0"}},
	{SLAVE "      - name: a\n",
	 {"6:15: slave a is listed twice under eth0 (the other is on line 5)"}},
	{HEAD "    slaves: [{name: a}, {name: a}]\n",
	 {"4:32: slave a is listed twice under eth0 (the other is on line 4)"}},
	{SLAVE "        addresses: [10.0.0.2/24, 10.0.0.2/24]\n",
	 {"6:34: address 10.0.0.2/24 is listed twice on a"}},
	{SLAVE "        mtu: 1400\n    mtu: 1300\n",
	 {"6:14: mtu 1400 of a is above the 1300 of its master eth0"}},
	{SLAVE "        mtu: 1000\n        addresses: [\"2001:db8::1/64\"]\n",
	 {"6:14: mtu 1000 of a is too small"}},
	{SLAVE "        addresses: [\"2001:db8::1/64\"]\n    mtu: 1000\n",
	 {"5:9: mtu 1000 of a (its master's) is too small"}},
	{SLAVE "        netns: a/b\n        name: x\n",
	 {"6:16: \"a/b\" cannot be a network namespace",
	  "7:9: key `name` is a duplicate"}},
	{HEAD "    slaves:\n      - {name: a, netns: n}\n"
	      "      - {name: a, netns: /var/run/netns/n}\n",
	 {"6:16: slave n/a is listed twice under eth0 (the other is on line 5)"}},
	{HEAD "    netns: /a/../b\n",
	 {"4:12: \"/a/../b\" cannot be a network namespace"}},
	{HEAD "    netns: a/b\n", {"4:12: \"a/b\" cannot be a network namespace"}},
	{HEAD "    slaves: [{name: s%d}, {name: all, netns: x}]\n",
	 {"4:21: \"s%d\" cannot be a device's name",
	  "4:34: \"all\" cannot be a device's name"}},
	{SLAVE "        addresses: [192.168.9.3/24]\n        routes:\n          - {to: "
	       "default, via: 10.138.36.66}\n",
	 {"8:32: gateway 10.138.36.66 is outside every subnet of a (192.168.9.3/24); "
	  "give a an address that "
	  "shares the gateway's subnet; or add `on-link: true` (`onlink` in ipvl-ctl) if "
	  "the gateway is on the same link; or leave out `via` for an "
	  "on-link "
	  "route\n"}},
	/* The model sorts addresses and routes; the places must follow. */
	{SLAVE "        addresses: [10.0.0.9/8, 10.0.0.5/8]\n        netns: n\n      - "
	       "name: b\n        netns: n\n"
	       "        addresses: [10.0.0.7/8,\n                    10.0.0.5/16]\n",
	 {"11:21: address 10.0.0.5 of n/b is also an address of n/a, and the kernel "
	  "accepts each address once on "
	  "a master (the other is on line 6)"}},
	{SLAVE "        addresses: [10.0.0.2/24]\n        routes:\n          - {to: "
	       "10.3.0.0/16, via: 10.9.9.9}\n"
	       "          - {to: 10.2.0.0/16, via: 10.0.0.1, from: 10.0.0.3}\n",
	 {"8:36: gateway 10.9.9.9 is outside",
	  "9:52: source 10.0.0.3 is not an address of a (10.0.0.2/24)"}},
	/* What is broken is compared with nothing. */
	{SLAVE
	 "        routes:\n          - {to: x}\n          - {to: y}\n          - {to: "
	 "[]}\n",
	 {"7:18: \"x\"", "8:18: \"y\"", "9:18: `to` must be"}},
	{SLAVE "        routes:\n          - {to: default, metric: 5}\n          - "
	       "{metric: 5, to: 0.0.0.0/0}\n",
	 {"8:13: route `default metric 5` of a collides with `default metric 5` of its "
	  "own"}},
	{SLAVE "        sysctl:\n          ipv6.b: 1\n          a: 1\n",
	 {"8:11: \"a\" is not a setting"}},
	/* A slave with a broken address is not blamed for its routes. */
	{SLAVE "        addresses: [10.0.0.300/24]\n        routes: [{to: default, via: "
	       "10.0.0.1}]\n",
	 {"6:21: \"10.0.0.300\" is not an IPv4 or IPv6 address"}},
	/* Unknown keys and rules in one go. */
	{HEAD "    moed: l2\n    slaves:\n      - name: a\n        addresses: "
	      "[10.0.0.2/24]\n        routes: [{to: "
	      "default, via: 10.1.0.1}]\n",
	 {"4:5: unknown key `moed`", "8:37: gateway 10.1.0.1 is outside"}},
};

static void test_syntax(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(syntax_cases); i++)
		expect_errors(&syntax_cases[i]);
}

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(key_cases); i++)
		expect_errors(&key_cases[i]);
}

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(place_cases); i++)
		expect_errors(&place_cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
