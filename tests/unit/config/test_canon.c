/* Canonical texts: one row a text, with what it becomes or why it cannot be. */
#include "config/canon.h"
#include "config/route_table.h"
#include "config/routing_source.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* 'right' NULL: refused with a sentence that contains 'words'. */
struct text_case {
	const char *text, *right, *words;
};

static void expect(const struct text_case *c, struct err *e, const char *got)
{
	CLEANUP(freep) char *said = e ? err_text(e) : NULL;

	if (c->right && (e || strcmp(got, c->right)))
		fail_msg("%s: got %s", c->text, e ? said : got);
	if (!c->right && (!e || !strstr(said, c->words)))
		fail_msg("%s: got %s", c->text, e ? said : got);
	err_free(e);
}

static void test_routes(void **state)
{
	static const struct text_case cases[] = {
		{"default", "default", NULL},
		{"0.0.0.0/0", "default", NULL},
		{"to default", "default", NULL},
		{" default\tvia  10.1.1.1 ", "default via 10.1.1.1", NULL},
		{"default via 2001:DB8::1", "default via 2001:db8::1", NULL},
		{"::/0", "::/0", NULL},
		{"::/0 via fe80::1", "default via fe80::1", NULL},
		{"::/0 src 2001:db8::2", "::/0 src 2001:db8::2", NULL},
		{"10.0.0.0/8 onlink metric 100 src 10.1.1.2 table 7 via 10.1.1.1",
		 "10.0.0.0/8 via 10.1.1.1 src 10.1.1.2 metric 100 table 7 onlink", NULL},
		{"10.1.1.1", "10.1.1.1/32", NULL},
		{"default onlink", "default", NULL},
		{"default table main", "default", NULL},
		{"default table 254 metric 0", "default", NULL},
		{"::/0 metric 1024", "::/0", NULL},
		{"default metric 1024", "default metric 1024", NULL},
		{"default metric 4294967295", "default metric 4294967295", NULL},
		{"", NULL, "without a destination"},
		{"to", NULL, "without a destination"},
		{"10.0.0.1/8", NULL, "write 10.0.0.0/8 for the network"},
		{"10.0.0.0/33", NULL, "must be 0 to 32"},
		{"somewhere", NULL, "not an IPv4 or IPv6 address"},
		{"default via", NULL, "`via` at the end of a route has no value"},
		{"default via 10.1.1.1/24", NULL,
		 "write a gateway without a prefix length: 10.1.1.1"},
		{"default via 0.0.0.0", NULL, "0.0.0.0 cannot be a gateway"},
		{"default via 224.0.0.1", NULL, "224.0.0.1 cannot be a gateway"},
		{"default via 10.1.1.1 via 10.1.1.2", NULL, "`via` appears twice"},
		{"default dev eth0", NULL, "leave out `dev DEVICE`"},
		{"default proto static", NULL, "leave out `proto`"},
		{"default vai 10.1.1.1", NULL, "did you mean `via`?"},
		{"default from 10.1.1.1", NULL, "did you mean `src`?"},
		{"default metric 5 nexthop via 10.1.1.3 weight 2 nexthop via 10.1.1.1",
		 "default metric 5 nexthop via 10.1.1.1 nexthop via 10.1.1.3 weight 2",
		 NULL},
		{"default nexthop via 10.1.1.1", "default via 10.1.1.1", NULL},
		{"::/0 nexthop via fe80::2 onlink nexthop via fe80::1 onlink",
		 "default nexthop via fe80::1 onlink nexthop via fe80::2 onlink", NULL},
		{"default nexthop", NULL, "write `nexthop via GATEWAY`"},
		{"default nexthop via", NULL, "`via` at the end of a route has no value"},
		{"default via 10.1.1.1 nexthop via 10.1.1.2", NULL,
		 "write `nexthop via` for each"},
		{"default nexthop via 10.1.1.1 nexthop via 10.1.1.1", NULL,
		 "gateway 10.1.1.1 is listed twice"},
		{"default nexthop via 10.1.1.1 weight 0", NULL,
		 "weight \"0\" is not a number from 1 to 256"},
		{"default nexthop via 10.1.1.1 nexthop via fe80::1", NULL,
		 "gateway fe80::1 is IPv6"},
		{"default nexthop via 10.1.1.1 dev a", NULL, "leave out `dev DEVICE`"},
		{"default nexthop via 10.1.1.1 nexthop via 10.1.1.2 nexthop via 10.1.1.3 "
		 "nexthop via 10.1.1.4 nexthop via 10.1.1.5 nexthop via 10.1.1.6 nexthop "
		 "via "
		 "10.1.1.7 nexthop via 10.1.1.8 nexthop via 10.1.1.9",
		 NULL, "at most 8 gateways"},
		{"default window 9000", NULL, "unknown word \"window\""},
		{"10.0.0.0/8 advmss 1360 mtu 1400 scope global",
		 "10.0.0.0/8 mtu 1400 advmss 1360 scope global", NULL},
		{"10.0.0.0/8 scope link", "10.0.0.0/8", NULL},
		{"default via 10.1.1.1 scope global", "default via 10.1.1.1", NULL},
		{"::/0 scope global", "::/0", NULL},
		{"10.0.0.0/8 scope host", "10.0.0.0/8 scope host", NULL},
		{"default via 10.1.1.1 scope link", NULL,
		 "leave out the scope, or the gateway"},
		{"2001:db8::/32 scope link", NULL, "IPv6 has no scope \"link\""},
		{"default scope site", NULL, "write global, link or host"},
		{"default mtu 1400 lock", NULL, "unknown word \"lock\""},
		{"default mtu 67", NULL, "mtu \"67\" is not a number from 68 to 65520"},
		{"::/0 mtu 1279", NULL, "too small for a route of IPv6"},
		{"::/0 mtu 1280", "::/0 mtu 1280", NULL},
		{"blackhole 10.9.0.0/16 metric 100", "blackhole 10.9.0.0/16 metric 100",
		 NULL},
		{"unreachable default table 7", "unreachable default table 7", NULL},
		{"unicast to 10.0.0.0/8", "10.0.0.0/8", NULL},
		{"throw ::/0 onlink metric 1024", "throw ::/0", NULL},
		{"prohibit", NULL, "without a destination"},
		{"local 10.0.0.1", NULL, "\"local\" is not an IPv4 or IPv6 address"},
		{"prohibit 10.0.0.0/8 via 10.0.0.1", NULL,
		 "a route of type prohibit has no gateway"},
		{"blackhole 10.0.0.0/8 src 10.0.0.1", NULL, "has no source address"},
		{"blackhole 10.0.0.0/8 mtu 1400", NULL, "has no mtu"},
		{"blackhole 10.0.0.0/8 scope link", NULL, "has no scope"},
		{"default advmss 65496", NULL, "is not a number from 1 to 65495"},
		{"default metric -1", NULL, "metric \"-1\" is not a number"},
		{"default metric 4294967296", NULL,
		 "is not a number from 0 to 4294967295"},
		{"default table 0", NULL, "\"0\" is not a routing table"},
		{"default src 2001:db8::1", "::/0 src 2001:db8::1", NULL},
		{"0.0.0.0/0 src 2001:db8::1", NULL,
		 "an on-link default of IPv6 is written ::/0"},
		{"10.0.0.0/8 via fe80::1", NULL,
		 "gateway fe80::1 is IPv6, and 10.0.0.0/8 is IPv4"},
		{"default via fe80::1 src 10.1.1.1", NULL, "both must be of one family"},
		{"224.0.0.0/4", NULL, "multicast"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *a = arena_new();
		struct model_route r, again;
		struct err *e = canon_route_parse(cases[i].text, &r);
		const char *text = e ? NULL : model_route_text(a, &r);

		expect(&cases[i], e, text);
		if (text) {
			assert_null(canon_route_parse(text, &again));
			assert_true(model_route_equals(&r, &again));
		}
		arena_free(a);
	}
}

static void test_rules(void **state)
{
	static const struct text_case cases[] = {
		{"from 10.0.0.2 table 100", "from 10.0.0.2 table 100", NULL},
		{"priority 30000 lookup 100 from 10.0.0.2/32", "from 10.0.0.2 table 100",
		 NULL},
		{"to 10.9.0.0/16 from 10.0.0.0/24 pref 5 mark 16 tos 16 table main",
		 "from 10.0.0.0/24 to 10.9.0.0/16 tos 0x10 fwmark 0x10 table 254 "
		 "priority 5",
		 NULL},
		{"from 0.0.0.0/0 fwmark 0xffffffff table 4294967295 priority 0",
		 "from 0.0.0.0/0 fwmark 0xffffffff table 4294967295 priority 0", NULL},
		{"from ::/0 to 2001:DB8::/64 tos 0xfc table 7",
		 "to 2001:db8::/64 tos 0xfc table 7", NULL},
		{"from ::/0 table 7", "from ::/0 table 7", NULL},
		{"table 7", NULL, "write `from 0.0.0.0/0` for IPv4"},
		{"fwmark 5 table 7", NULL, "has no family"},
		{"from 10.0.0.2", NULL, "a rule without a table"},
		{"from 10.0.0.2/24 table 7", NULL, "write 10.0.0.0/24 for the network"},
		{"from all table 7", NULL, "all of them are 0.0.0.0/0 or ::/0"},
		{"from 10.0.0.2 to ::1 table 7", NULL, "mixes IPv4 and IPv6"},
		{"from 10.0.0.2 tos 0x20 table 7", NULL, "Linux takes 0x04 to 0x1c"},
		{"from ::1 tos 0x23 table 7", NULL, "write a multiple of 4"},
		{"from 10.0.0.2 fwmark 0 table 7", NULL, "from 1 to 4294967295"},
		{"from 10.0.0.2 fwmark 0x1ffffffff table 7", NULL, "is not a number"},
		{"from 10.0.0.2 table 7 priority -1", NULL, "is not a number"},
		{"from 10.0.0.2 table 0", NULL, "\"0\" is not a routing table"},
		{"from 10.0.0.2 table 7 proto 3", NULL, "leave out `proto`"},
		{"from 10.0.0.2 tabel 7", NULL, "did you mean `table`?"},
		{"from 10.0.0.2 iif eth0 table 7", NULL, "unknown word \"iif\""},
		{"from 10.0.0.2 table", NULL, "has no value"},
		{"from 10.0.0.2 from 10.0.0.2 table 7", NULL, "appears twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *a = arena_new();
		struct model_rule r, again;
		struct err *e = canon_rule_parse(cases[i].text, &r);
		const char *text = e ? NULL : model_rule_text(a, &r);

		expect(&cases[i], e, text);
		if (text) {
			assert_null(canon_rule_parse(text, &again));
			assert_int_equal(model_rule_cmp(&r, &again), 0);
		}
		arena_free(a);
	}
}

/* The rules and routes of source routing, as text. */
static void expect_source_routing(struct model_slave *s, const char *expected)
{
	struct arena *a = arena_new();
	const char *text = "";

	routing_source_add(a, s);
	for (size_t i = 0; i < s->n_rules; i++)
		text = arena_printf(a, "%s%s\n", text, model_rule_text(a, &s->rules[i]));
	for (size_t i = 0; i < s->n_routes; i++)
		text = arena_printf(a, "%s%s\n", text,
				    model_route_text(a, &s->routes[i]));
	assert_string_equal(text, expected);
	arena_free(a);
}

static void test_source_routing(void **state)
{
	static const char *const addresses[] = {
		"10.0.0.2/24", "10.0.0.3/24", "10.1.0.1/32", "fd00::2/64", "fe80::2/64"};
	struct ip_prefix prefixes[ARRAY_SIZE(addresses)];
	struct model_route routes[2];
	struct model_rule own;
	struct model_slave s = model_slave_named("ns1", "b");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		assert_null(ip_prefix_parse(addresses[i], &prefixes[i]));
	assert_null(canon_route_parse("default via 10.0.0.1 metric 9", &routes[0]));
	assert_null(canon_route_parse("10.9.0.0/16 table 7", &routes[1]));
	assert_null(canon_rule_parse("from 10.1.0.1 table 8 priority 31000", &own));
	s.addresses = prefixes;
	s.n_addresses = ARRAY_SIZE(prefixes);
	s.routes = routes;
	s.n_routes = ARRAY_SIZE(routes);
	s.rules = &own;
	s.n_rules = 1;
	assert_int_equal(routing_source_table(&s), 0);
	assert_null(routing_source_parse("true", &s));
	/* It never changes: hosts have it in their kernels. */
	assert_int_equal(routing_source_table(&s), 7635077);
	assert_null(routing_source_parse("100", &s));
	assert_int_equal(routing_source_table(&s), 100);
	expect_source_routing(&s, "from 10.0.0.2 table 100 priority 31000\n"
				  "from 10.0.0.3 table 100 priority 31000\n"
				  "from 10.1.0.1 table 8 priority 31000\n"
				  "from fd00::2 table 100 priority 31000\n"
				  "10.9.0.0/16 table 7\n"
				  "default via 10.0.0.1 metric 9 table 100\n"
				  "10.0.0.0/24 table 100\n"
				  "default via 10.0.0.1 metric 9\n"
				  "fd00::/64 table 100\n");
}

/* Names of tables, as iproute2 has them. */
static void test_route_tables(void **state)
{
	char path[] = "/tmp/ipvl-rt-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	uint32_t table = 0;

	(void)state;
	fputs("# 9 vpn\n254\tmain\n 0x10  hex # sixteen\n7 vpn\n8 vpn2\n0 none\n-1 low\n"
	      "4294967296 high\n11\n",
	      file);
	fclose(file);
	assert_true(route_table_find_in(path, "vpn", &table));
	assert_int_equal(table, 7);
	assert_true(route_table_find_in(path, "hex", &table));
	assert_int_equal(table, 16);
	assert_false(route_table_find_in(path, "none", &table));
	assert_false(route_table_find_in(path, "low", &table));
	assert_false(route_table_find_in(path, "high", &table));
	assert_false(route_table_find_in(path, "sixteen", &table));
	assert_false(route_table_find_in("/nonexistent", "vpn", &table));
	unlink(path);
}

static void test_addresses(void **state)
{
	static const struct text_case cases[] = {
		{"10.0.0.2/24", "10.0.0.2/24", NULL},
		{"2001:DB8:0:0::2/64", "2001:db8::2/64", NULL},
		{"10.0.0.0/31", "10.0.0.0/31", NULL},
		{"10.0.0.255/32", "10.0.0.255/32", NULL},
		{"127.0.0.9/8", "127.0.0.9/8", NULL},
		{"10.0.0.2", NULL, "as in 10.0.0.2/24 (or 10.0.0.2/32"},
		{"2001:db8::2", NULL, "as in 2001:db8::2/64"},
		{"10.0.0.0/24", NULL, "the network's own address"},
		{"10.0.0.255/24", NULL, "the subnet's broadcast address"},
		{"10.0.0.3/30", NULL, "the subnet's broadcast address"},
		{"255.255.255.255/32", NULL, "the broadcast address"},
		{"0.0.0.0/0", NULL, "the unspecified address"},
		{"::/0", NULL, "the unspecified address"},
		{"224.0.0.5/24", NULL, "a multicast address"},
		{"ff02::1/64", NULL, "a multicast address"},
		{"::1/128", NULL, "the loopback device alone"},
		{"10.0.0.2/024x", NULL, "must be 0 to 32"},
		{"10.0.2/24", NULL, "not an IPv4 or IPv6 address"},
		{"", NULL, "not an IPv4 or IPv6 address"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *a = arena_new();
		struct ip_prefix p;
		struct err *e = canon_address_parse(cases[i].text, &p);

		expect(&cases[i], e, e ? NULL : canon_address_format(&p, a));
		arena_free(a);
	}
}

static void test_lists(void **state)
{
	static const struct text_case servers[] = {
		{"", "", NULL},
		{" 10.3.3.4\t10.3.3.3 ", "10.3.3.4 10.3.3.3", NULL},
		{"10.3.3.1\n10.3.3.2\r10.3.3.3\v10.3.3.4\f10.3.3.5",
		 "10.3.3.1 10.3.3.2 10.3.3.3 10.3.3.4 10.3.3.5", NULL},
		{"fe80::1%eth0 2001:DB8::1", "fe80::1%eth0 2001:db8::1", NULL},
		{"10.3.3.3 dns", NULL, "\"dns\" is not an IPv4 or IPv6 address"},
		{"10.3.3.3/24", NULL, "without a prefix length: 10.3.3.3"},
		{"2001:db8::1%eth0", NULL, "link-local"},
		{"fe80::1%a/b", NULL, "the scope must be a device"},
		{"0.0.0.0", NULL, "not one host's address"},
	};
	static const struct text_case domains[] = {
		{"example.net  sub.example.net.", "example.net sub.example.net.", NULL},
		{"_dns.example", "_dns.example", NULL},
		{".", ".", NULL},
		{"a..b", NULL, "a label between two dots is empty"},
		{"b\xc3\xbc"
		 "cher.example",
		 NULL, "write its ASCII form"},
		{"a,b", NULL, "only letters, digits"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b",
		 NULL, "longer than 63"},
	};
	char long_list[CANON_LIST_MAX_BYTES + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(servers) + ARRAY_SIZE(domains); i++) {
		bool is_server = i < ARRAY_SIZE(servers);
		const struct text_case *c =
			is_server ? &servers[i] : &domains[i - ARRAY_SIZE(servers)];
		struct arena *a = arena_new();
		const char *text = NULL;
		struct err *e = is_server ? canon_nameservers(c->text, a, &text)
					  : canon_search(c->text, a, &text);

		expect(c, e, text);
		arena_free(a);
	}
	memset(long_list, 'a', sizeof(long_list));
	long_list[sizeof(long_list) - 1] = '\0';
	struct arena *a = arena_new();
	const char *text;
	struct err *e = canon_search(long_list, a, &text);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_LIMIT);
	err_free(e);
	arena_free(a);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *words; /* NULL: accepted */
	} names[] = {
		{"eth0", NULL},
		{"eno2.100", NULL},
		{"fifteen-bytes-x", NULL},
		{"\xc3\xa9t\xc3\xa9", NULL},
		{"", "cannot be empty"},
		{"sixteen-bytes-xx", "16 bytes"},
		{"a/b", "'/'"},
		{"a:b", "':'"},
		{"s%d", "replace '%'"},
		{"a b", "white space"},
		{"a\tb", "white space"},
		{"a\nb", "white space"},
		{"a\rb", "white space"},
		{"a\vb", "white space"},
		{"a\fb", "white space"},
		{"a\x01", "control character"},
		{"voil\xc3\xa0", "0xa0"},
		{".", "a directory of /sys"},
		{"..", "a directory of /sys"},
		{"all", "keeps it for its sysctls"},
		{"default", "keeps it for its sysctls"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct text_case c = {names[i].name, names[i].words ? NULL : "",
				      names[i].words};

		expect(&c, canon_check_ifname(names[i].name), "");
	}
}

static void test_namespaces_and_sysctls(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	static const struct text_case namespaces[] = {
		{"", "", NULL},
		{"ns1", "ns1", NULL},
		{"...", "...", NULL},
		{"/proc/12/ns/net", "/proc/12/ns/net", NULL},
		{"pid:12", "/proc/12/ns/net", NULL},
		{"pid:4194304", "/proc/4194304/ns/net", NULL},
		{"pid:4194305", NULL, "a PID follows `pid:`"},
		{"pid:0", NULL, "a PID follows `pid:`"},
		{"pid:", NULL, "as in pid:1234"},
		{"pid:self", NULL, "as in pid:1234"},
		{"pid", "pid", NULL},
		{"/run/netns/ns1", "ns1", NULL},
		{"/var/run/netns/ns1", "ns1", NULL},
		{"//run/.//netns/ns1", "ns1", NULL},
		{"/run/netns/a/b", "/run/netns/a/b", NULL},
		{"/run/docker/netns/1", "/run/docker/netns/1", NULL},
		{"/run//x/./.y/...", "/run/x/.y/...", NULL},
		{"/run/netns", "/run/netns", NULL},
		{"/run/netns/../x", NULL,
		 "`..` is not allowed in it; write the path out"},
		{"/..", NULL, "`..`"},
		{"/run/netns/.", NULL, "a directory's path"},
		{"/", NULL, "a directory's path"},
		{"//", NULL, "a directory's path"},
		{"/nsid/7", NULL, "namespaces without a name"},
		{"a/b", NULL, "neither a name below /run/netns nor an absolute path"},
		{".", NULL, "a directory"},
		{"..", NULL, "a directory"},
		{"/run/netns/", NULL, "a directory's path"},
		{"a\nb", NULL, "control character"},
	};
	static const struct text_case keys[] = {
		{"ipv6.accept_ra", "", NULL},
		{"ipv4.rp_filter", "", NULL},
		{"accept_ra", NULL, "ipv4.NAME or ipv6.NAME"},
		{"ipv4.", NULL, "ipv4.NAME or ipv6.NAME"},
		{"ipv4.../x", NULL, "ipv4.NAME or ipv6.NAME"},
		{"net.ipv4.ip_forward", NULL, "ipv4.NAME or ipv6.NAME"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		const char *text = "";
		struct err *e = canon_netns(namespaces[i].text, a, &text);

		expect(&namespaces[i], e, text);
		e = canon_check_netns(namespaces[i].text);
		assert_int_equal(!e, namespaces[i].right != NULL);
		err_free(e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		expect(&keys[i], canon_check_sysctl(keys[i].text), "");
}

static void test_sysctl_values(void **state)
{
	static const char longest[] =
		"0123456789012345678901234567890123456789012345678901234567890123"
		"0123456789012345678901234567890123456789012345678901234567890123"
		"0123456789012345678901234567890123456789012345678901234567890123"
		"012345678901234567890123456789012345678901234567890123456789012";
	static const struct text_case values[] = {
		{"0", "", NULL},
		{"-1", "", NULL},
		{"1 2", "", NULL},
		{"once", "", NULL},
		{longest, "", NULL},
		{"", NULL, "the value of ipv6.x is empty"},
		{"1\n2", NULL, "control character"},
		{"true", NULL, "write 1"},
		{"Yes", NULL, "write 1"},
		{"on", NULL, "write 1"},
		{"false", NULL, "write 0"},
		{"no", NULL, "write 0"},
		{"OFF", NULL, "write 0"},
	};
	CLEANUP(freep) char *longer = xasprintf("%s4", longest);
	const struct text_case too_long = {longer, NULL, "longer than 255 bytes"};

	(void)state;
	assert_int_equal(strlen(longest), 255);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		expect(&values[i], canon_check_sysctl_value("ipv6.x", values[i].text),
		       "");
	expect(&too_long, canon_check_sysctl_value("ipv6.x", longer), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_source_routing),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_route_tables),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_namespaces_and_sysctls),
		cmocka_unit_test(test_sysctl_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
