/* Lines to requests and back. */
#include "tests/twin/command.h"

#include "lib/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct command parse(struct arena *a, const char *line)
{
	struct command c = {0};
	struct err *e = command_parse(a, line, &c);

	if (e)
		fail_msg("%s: %s", line, e->message);
	return c;
}

/* The lines as command_text() writes them. */
static const char *const canonical[] = {
	"ip netns add ns1",
	"ip netns del ns1",
	"ip netns attach ns1 /proc/7/ns/net",
	"ip netns attach ns1 \"\"",
	"ip netns unmount ns1",
	"ip netns hold ns1",
	"ip netns release ns1",
	"ip link add eth0 type dummy",
	"ip link add eth0.7 link eth0 type vlan id 7",
	"ip link add v0 up type veth peer v1",
	"ip -n ns1 link add a index 7 link eth0 link-netns \"\" netns ns2 mtu 1400 group "
	"5 "
	"txqueuelen 10 address 02:00:00:00:00:01 alias \"a b\" altname other carrier on "
	"up "
	"type ipvlan mode l3s private",
	"ip link add a link eth0 type ipvlan mode 9 flag 7",
	"ip link add a link eth0 type ipvlan mode l2 bridge nlflags create",
	"ip link add a link eth0 type ipvlan nlflags create,replace,append",
	"ip link replace a link eth0 type ipvlan",
	"ip -n ns1 link set a down",
	"ip link set a name b",
	"ip link set a nomaster",
	"ip link set a master br0",
	"ip link set a netns \"\"",
	"ip link set index 7 carrier off",
	"ip link set a type ipvlan mode l3 vepa",
	"ip link set a type ipvlan nlflags excl",
	"ip link setlink a type ipvlan mode l3",
	"ip link setlink a mtu 1400",
	"ip link setlink a target ns1",
	"ip link del a target ns1",
	"ip link add a link eth0 af-spec type ipvlan mode l2",
	"ip -n ns1 link del a",
	"ip link del index 7",
	"ip link del group 4711",
	"ip addr add 10.0.0.2/24 dev a",
	"ip addr add 10.0.0.2/32 peer 10.0.0.1 dev a",
	"ip -n ns1 addr replace 2001:db8::2/64 dev a valid_lft forever preferred_lft 0 "
	"scope host metric 7 proto 18 nodad",
	"ip addr change 10.0.0.2/24 dev a valid_lft 60 preferred_lft 30 scope 77",
	"ip addr change 10.0.0.2/24 dev a nlflags none",
	"ip addr del 10.0.0.2/24 dev a",
	"ip route add default via 10.0.0.1 dev a",
	"ip -n ns1 route append 10.1.0.0/16 via 10.0.0.1 src 10.0.0.2 metric 100 onlink "
	"dev a",
	"ip route add 10.1.0.0/16 dev a table 7 proto ipvl scope global",
	"ip route add ::/0 dev a",
	"ip route replace default via 2001:db8::1 metric 5 dev a proto ra",
	"ip route add blackhole 10.9.0.0/16",
	"ip route add local 10.0.0.9/32 dev a",
	"ip route add local 10.0.0.9/32 dev a table 254 proto 200 scope link",
	"ip route del 10.1.0.0/16 dev a",
	"ip route del default via 10.0.0.1 dev a proto boot scope global",
	"ip route change 10.1.0.0/16 via 10.0.0.1 dev index 7",
	"ip route prepend 10.1.0.0/16 dev a",
	"sysctl net.ipv6.conf.eth0.7.disable_ipv6=1",
	"sysctl -n ns1 net.ipv4.conf.a.x=\"1 2\"",
	"resolv.conf ns1 \"nameserver 10.0.0.1\\nsearch a\\\"b\\\\\\n\"",
	"resolv.conf ns1 \"\"",
	"ra eth0 2001:db8::/64",
	"ra -n ns1 eth0 2001:db8::/64",
	"filter drop input",
	"filter -n ns1 accept output",
};

static void round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(canonical); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct command c = parse(a, canonical[i]);

		assert_string_equal(command_text(a, &c.request), canonical[i]);
		assert_int_equal(c.refusal, 0);
	}
}

/* Other ways to write a line. */
static void other_forms(void **state)
{
	static const char *const forms[][2] = {
		{"  ip\tlink set dev a up # as in ip", "ip link set a up"},
		{"ip -n \"\" link set \"up\" up", "ip link set up up"},
		{"ip route add 10.1.0.0/16 metric 5 dev a via 10.0.0.1",
		 "ip route add 10.1.0.0/16 via 10.0.0.1 metric 5 dev a"},
		{"ip route add unicast 10.1.2.3 dev a",
		 "ip route add unicast 10.1.2.3/32 dev a"},
		{"ip addr add 10.0.0.2/24 dev a preferred_lft 9",
		 "ip addr add 10.0.0.2/24 dev a valid_lft forever preferred_lft 9"},
		{"ip link set a nlflags none", "ip link set a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct command c = parse(a, forms[i][0]);

		assert_string_equal(command_text(a, &c.request), forms[i][1]);
	}
}

static void members(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct command c = parse(a, "ip -n ns1 link add a link eth0 type ipvlan mode l3");

	(void)state;
	assert_int_equal(c.request.kind, TWIN_LINK_NEW);
	assert_int_equal(c.request.flags, TWIN_CREATE | TWIN_EXCL);
	assert_string_equal(c.request.netns, "ns1");
	assert_string_equal(c.request.u.link.lower, "eth0");
	assert_int_equal(c.request.u.link.sent, TWIN_LINK_MODE);
	assert_int_equal(c.request.u.link.mode, MODEL_MODE_L3);
	assert_null(c.request.u.link.to_netns);

	c = parse(a, "ip link set a nomaster down");
	assert_int_equal(c.request.flags, 0);
	assert_string_equal(c.request.u.link.controller, "");
	assert_int_equal(c.request.u.link.sent, TWIN_LINK_UP);
	assert_false(c.request.u.link.is_up);

	/* As iproute2: protocol boot; scope link without a gateway; any scope to delete. */
	c = parse(a, "ip route add 10.1.0.0/16 dev a");
	assert_int_equal(c.request.u.route.protocol, 3);
	assert_int_equal(c.request.u.route.scope, 253);
	c = parse(a, "ip route del 10.1.0.0/16 dev a");
	assert_int_equal(c.request.u.route.protocol, 0);
	assert_int_equal(c.request.u.route.scope, 255);

	c = parse(a, "sysctl -n ns1 net.ipv6.conf.eth0.7.accept_ra=0");
	assert_string_equal(c.request.name, "eth0.7");
	assert_string_equal(c.request.u.sysctl.key, "ipv6.accept_ra");
	assert_string_equal(c.request.u.sysctl.value, "0");
}

static void refusals(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct command c = parse(a, "ip link del eth0 ! EBUSY");

	(void)state;
	assert_int_equal(c.refusal, EBUSY);
	assert_null(c.refusal_text);
	c = parse(a, "ip link del eth0 ! EOPNOTSUPP \"not here\" # why");
	assert_int_equal(c.refusal, EOPNOTSUPP);
	assert_string_equal(c.refusal_text, "not here");
	assert_string_equal(command_errno_name(a, EBUSY), "EBUSY");
	assert_string_equal(command_errno_name(a, 4000), "4000");
}

static void bad_lines(void **state)
{
	static const char *const lines[][2] = {
		{"", "ip, sysctl, resolv.conf, ra or filter is missing at the end"},
		{"ifconfig",
		 "\"ifconfig\": expected ip, sysctl, resolv.conf, ra or filter"},
		{"ip lnik", "\"lnik\": expected link, addr, route, rule or netns"},
		{"ip link ad a", "\"ad\": expected add, replace, set, setlink, del"},
		{"ip link add", "a device is missing at the end"},
		{"ip link set a mtu x", "\"x\": expected mtu, 0 to 4294967295"},
		{"ip link set a mtu", "mtu is missing at the end"},
		{"ip link set a carrier yes", "\"yes\": expected on or off"},
		{"ip link set a mode l3",
		 "\"mode\": expected an attribute of this command, or its end"},
		{"ip link add a type ipvlan mode l4",
		 "\"l4\": expected l2, l3, l3s or a number, "
		 "0 to 65535"},
		{"ip link set a alias \"x", "a quotation mark has no second one"},
		{"ip link set a nlflags excl,x",
		 "\"excl,x\": expected none, or some of create,excl,replace,append"},
		{"ip addr add 10.0.0.2 dev a",
		 "\"10.0.0.2\" has no prefix length: without one the kernel would take "
		 "it as /32, "
		 "a host alone with no neighbours"},
		{"ip addr add 10.0.0.2/24 a", "\"a\": expected dev"},
		{"ip link del a ! EBUSSY", "\"EBUSSY\" is not the name of an errno"},
		{"ra eth0", "the prefix is missing at the end"},
		{"filter input", "\"input\": expected drop or accept"},
		{"filter drop forward", "\"forward\": expected input or output"},
		{"sysctl net.core.x=1", "\"net.core.x=1\": expected "
					"net.ipv4.conf.DEVICE.KEY=VALUE, or net.ipv6"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct command c;
		struct err *e = command_parse(a, lines[i][0], &c);

		assert_non_null(e);
		assert_string_equal(e->message, lines[i][1]);
		err_free(e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip), cmocka_unit_test(other_forms),
		cmocka_unit_test(members),    cmocka_unit_test(refusals),
		cmocka_unit_test(bad_lines),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
