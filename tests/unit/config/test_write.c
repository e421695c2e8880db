/* What a survey found as a file: its text, and that it can always be read. */
#include "config/canon.h"
#include "config/yaml/document.h"
#include "config/yaml/write.h"
#include "lib/alloc.h"
#include "tests/unit/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* A host: one master, "eth0", and up to four slaves. */
struct host {
	struct arena *a;
	struct model model;
	struct model_master masters[2];
	struct model_slave slaves[4];
};

static int setup(void **state)
{
	struct host *h = xcalloc(1, sizeof(*h));

	h->a = arena_new();
	h->masters[0] = (struct model_master){
		.netns = "",
		.name = "eth0",
		.mode = MODEL_MODE_L2,
		.vlan_link = "",
		.slaves = h->slaves,
		.seen = {.kind = "veth", .presence = MODEL_FOREIGN, .mtu = 1500}};
	h->model.masters = h->masters;
	h->model.n_masters = 1;
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct host *h = *state;

	arena_free(h->a);
	free(h);
	return 0;
}

/* 'addresses' and 'routes': words, and lines of `ip route`; "" for none. */
static struct model_slave *add_slave(struct host *h, const char *netns, const char *name,
				     const char *addresses, const char *routes)
{
	struct model_slave *s = &h->slaves[h->masters[0].n_slaves++];
	char *rest = arena_strdup(h->a, addresses), *word;

	*s = (struct model_slave){.netns = netns,
				  .name = name,
				  .nameservers = "",
				  .search = "",
				  .alias = "",
				  .vrf = "",
				  .pool = "",
				  .seen = {.presence = MODEL_FOREIGN,
					   .kind = "ipvlan",
					   .resolv_conf = "",
					   .is_on_master = true,
					   .is_up = true,
					   .mtu = 1500}};
	s->addresses = arena_array(h->a, 8, sizeof(*s->addresses));
	s->routes = arena_array(h->a, 8, sizeof(*s->routes));
	while ((word = strsep(&rest, " "))) {
		if (*word)
			assert_null(
				ip_prefix_parse(word, &s->addresses[s->n_addresses++]));
	}
	rest = arena_strdup(h->a, routes);
	while ((word = strsep(&rest, "\n"))) {
		if (*word)
			assert_null(canon_route_parse(word, &s->routes[s->n_routes++]));
	}
	return s;
}

static void note(struct host *h, struct model_slave *s, size_t address,
		 unsigned int notes)
{
	s->seen.noted = arena_alloc(h->a, sizeof(*s->seen.noted));
	s->seen.noted[0] = (struct model_address_seen){.address = s->addresses[address],
						       .notes = notes};
	s->seen.n_noted = 1;
}

static void add_comments(struct host *h, const char *text)
{
	char *rest = arena_strdup(h->a, text), *line;

	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " ");
		if (*line == '#')
			golden_add(line);
	}
}

/* The file, without its first line. It can be read, and declares so many slaves. Owned. */
static char *write_host(struct host *h, bool foreign_only, size_t n_slaves,
			size_t n_left_out)
{
	struct document_errors errors = {0};
	CLEANUP(freep) char *text = NULL;
	struct document *d;
	size_t n, found = 0;

	model_sort(&h->model);
	text = write_survey(&h->model, foreign_only, &n);
	d = document_parse("f", text, strlen(text), &errors);
	if (!d)
		fail_msg("%s%s", text, document_errors_text(&errors));
	for (size_t i = 0; i < document_model(d)->n_masters; i++)
		found += document_model(d)->masters[i].n_slaves;
	document_free(d);
	add_comments(h, text);
	if (found != n_slaves || n != n_left_out)
		fail_msg("%zu slaves, %zu left out\n%s", found, n, text);
	return xstrdup(strchr(text, '\n') + 1);
}

static void expect(struct host *h, bool foreign_only, size_t n_slaves, size_t n_left_out,
		   const char *expected)
{
	CLEANUP(freep)
	char *text = write_host(h, foreign_only, n_slaves, n_left_out);

	assert_string_equal(text, expected);
}

static void expect_part(struct host *h, size_t n_slaves, size_t n_left_out,
			const char *part)
{
	CLEANUP(freep) char *text = write_host(h, false, n_slaves, n_left_out);

	if (!strstr(text, part))
		fail_msg("%s is not in\n%s", part, text);
}

#define HEAD                                                                             \
	"version: 1\nmasters:\n  - name: eth0\n    mode: l2\n    flag: bridge\n"         \
	"    slaves:\n"

static void test_nothing(void **state)
{
	struct host *h = *state;

	h->model.n_masters = 0;
	expect(h, false, 0, 0, "version: 1\n");
}

/* Every key. */
static void test_everything(void **state)
{
	struct host *h = *state;
	struct model_slave *s = add_slave(
		h, "ns1", "a", "10.0.0.2/24 2001:db8::2/64",
		"10.5.0.0/16 nexthop via 10.0.0.1 weight 2 nexthop via 10.0.0.3\n"
		"10.6.0.0/16 via 10.9.9.9 src 10.0.0.2 metric 5 table 100 onlink "
		"mtu 1400 advmss 1000\n10.7.0.0/16 scope host\nblackhole 10.8.0.0/16 "
		"metric 9\n"
		"default\n::/0\ndefault via 2001:db8::1 metric 7");

	s->rules = arena_array(h->a, 3, sizeof(*s->rules));
	s->n_rules = 3;
	assert_null(canon_rule_parse("from 10.0.0.2 to 10.9.0.0/16 tos 0x10 fwmark 0x5 "
				     "table 100 priority 7",
				     &s->rules[0]));
	assert_null(canon_rule_parse("from ::/0 table 100", &s->rules[1]));
	/* Another program has the same one. */
	s->rules[2] = s->rules[1];
	s->seen.mtu = 1400;
	s->seen.presence = MODEL_OURS;
	s->seen.resolv_conf =
		"# written by ipvl\nnameserver 10.3.3.3\nnameserver fd00::1\n"
		"search example.net lan\n";
	h->masters[0].vlan_link = "eth9";
	h->masters[0].vlan_id = 7;
	h->masters[0].mtu = 1450;
	h->masters[0].seen.mtu = 1450;
	h->masters[0].seen.presence = MODEL_OURS;
	h->masters[0].seen.is_up = true;
	expect(h, false, 1, 0,
	       "version: 1\nmasters:\n"
	       "  # ipvl made it\n"
	       "  - name: eth0\n"
	       "    mode: l2\n"
	       "    flag: bridge\n"
	       "    vlan: {link: eth9, id: 7}\n"
	       "    mtu: 1450\n"
	       "    slaves:\n"
	       "      # ipvl made it\n"
	       "      - name: a\n"
	       "        netns: ns1\n"
	       "        addresses: [10.0.0.2/24, \"2001:db8::2/64\"]\n"
	       "        routes:\n"
	       "          - {to: 10.6.0.0/16, via: 10.9.9.9, from: 10.0.0.2, metric: 5, "
	       "table: 100, on-link: true, mtu: 1400, advertised-mss: 1000}\n"
	       "          - {to: 0.0.0.0/0}\n"
	       "          - {to: 10.5.0.0/16, via: [{address: 10.0.0.1, weight: 2}, "
	       "10.0.0.3]}\n"
	       "          - {to: 10.7.0.0/16, scope: host}\n"
	       "          - {to: 10.8.0.0/16, type: blackhole, metric: 9}\n"
	       "          - {to: default, via: \"2001:db8::1\", metric: 7}\n"
	       "          - {to: \"::/0\"}\n"
	       "        routing-policy:\n"
	       "          - {from: 10.0.0.2, to: 10.9.0.0/16, table: 100, priority: 7, "
	       "mark: 5, type-of-service: 16}\n"
	       "          - {from: \"::/0\", table: 100}\n"
	       "        nameservers: {addresses: [\"10.3.3.3\", \"fd00::1\"], search: "
	       "[example.net, lan]}\n"
	       "        mtu: 1400\n");
	expect(h, true, 0, 0, "version: 1\n");
	h->masters[0].seen.is_up = false;
	expect_part(h, 1, 0,
		    "  # ipvl made it\n  # it is down, and ipvl sets it up\n  - name: "
		    "eth0\n");
}

static void test_foreign(void **state)
{
	struct host *h = *state;

	add_slave(h, "ns1", "a", "", "")->seen.presence = MODEL_OURS;
	add_slave(h, "ns2", "b", "", "");
	expect(h, false, 2, 0,
	       HEAD "      # ipvl made it\n      - name: a\n        netns: ns1\n"
		    "      - name: b\n        netns: ns2\n");
	expect(h, true, 1, 0, HEAD "      - name: b\n        netns: ns2\n");
}

/* A list without the address that expires would have ipvl remove what a client of DHCP
 * set. */
static void test_addresses_that_expire(void **state)
{
	struct host *h = *state;

	note(h,
	     add_slave(h, "ns1", "a", "10.0.0.2/24 10.0.0.3/24", "default via 10.0.0.1"),
	     1, MODEL_ADDRESS_LIFETIME);
	note(h, add_slave(h, "ns2", "b", "10.0.0.4/24 2001:db8::2/64", ""), 1,
	     MODEL_ADDRESS_LIFETIME);
	note(h, add_slave(h, "ns3", "c", "2001:db8::3/64", ""), 0,
	     MODEL_ADDRESS_LIFETIME);
	expect(h, false, 3, 3,
	       HEAD
	       "      # `addresses` is left out: 10.0.0.3/24 expires, as those of "
	       "DHCP do\n"
	       "      - name: a\n        netns: ns1\n"
	       "        routes:\n          - {to: default, via: 10.0.0.1}\n"
	       "      # address 2001:db8::2/64 is left out: it expires\n"
	       "      - name: b\n        netns: ns2\n"
	       "        addresses: [10.0.0.4/24]\n"
	       "      # `addresses` is left out: 2001:db8::3/64 expires, as those of "
	       "DHCP and of router advertisements do\n"
	       "      - name: c\n        netns: ns3\n");
}

/* The kernel has them, and no rule allows them. */
static void test_rules(void **state)
{
	struct host *h = *state;
	struct model_slave *s;

	add_slave(h, "ns1", "a", "10.0.0.2/24",
		  "10.5.0.0/16 via 10.9.9.9\n10.6.0.0/16 src 10.0.0.9\n10.7.0.0/16");
	expect_part(
		h, 1, 2,
		"      # route 10.5.0.0/16 via 10.9.9.9 is left out: gateway 10.9.9.9 is "
		"outside every subnet of ns1/a (10.0.0.2/24)\n");
	expect_part(h, 1, 2, "        routes:\n          - {to: 10.7.0.0/16}\n");
	s = add_slave(h, "ns2", "b", "10.0.0.255/24", "");
	expect_part(
		h, 2, 3,
		"# `addresses` is left out: 10.0.0.255/24 is no address that ipvl adds");
	s->addresses[0].len = 8;
	s->seen.mtu = 1000;
	note(h, s, 0, MODEL_ADDRESS_PEER | MODEL_ADDRESS_METRIC);
	s->seen.noted[0].peer =
		(struct ip_addr){.family = AF_INET, .bytes = {10, 0, 0, 9}};
	expect_part(h, 2, 4, "        mtu: 1000\n");
	add_slave(h, "ns1", "c", "", "10.7.0.0/16");
	expect_part(h, 3, 5, "10.7.0.0/16 is left out: ");
	add_slave(h, "", "lo", "", "");
	expect_part(h, 3, 6, "\n      # lo is left out: ");
}

/* The file is valid, and its comments go to the golden file. */
static void note_comments(struct host *h)
{
	struct document_errors errors = {0};
	CLEANUP(freep) char *text = NULL;
	struct document *d;
	size_t n;

	model_sort(&h->model);
	text = write_survey(&h->model, false, &n);
	add_comments(h, text);
	d = document_parse("f", text, strlen(text), &errors);
	if (!d)
		fail_msg("%s%s", text, document_errors_text(&errors));
	document_free(d);
	if (!n)
		fail_msg("nothing is left out:\n%s", text);
}

static void add_rules(struct host *h, struct model_slave *s, uint8_t tos, uint32_t table)
{
	s->rules = arena_array(h->a, 2, sizeof(*s->rules));
	s->n_rules = 2;
	assert_null(canon_rule_parse("from 10.0.0.2 table 7", &s->rules[0]));
	s->rules[1] = s->rules[0];
	s->rules[1].tos = tos;
	s->rules[1].table = table;
}

/* What a kernel can have, and no file. */
static void test_beyond_a_file(void **state)
{
	struct host *h = *state;
	struct model_slave *s;

	add_rules(h, add_slave(h, "ns1", "a", "10.0.0.2/24", ""), 0x40, 7);
	add_rules(h, add_slave(h, "ns2", "b", "10.0.0.3/24", ""), 0, 8);
	s = add_slave(h, "ns3", "c", "10.0.0.4/24", "");
	note(h, s, 0, MODEL_ADDRESS_SCOPE);
	s->seen.noted[0].scope = MODEL_SCOPE_OTHER;
	strcpy(s->seen.noted[0].label, "two words");
	s = add_slave(h, "ns4", "d", "2001:db8::2/64", "");
	s->seen.mtu = 1000;
	note_comments(h);
	h->masters[0].n_slaves = 0;
	add_slave(h, "ns1", "a", "", "");
	h->masters[0].seen.kind = "vlan";
	note_comments(h);
	h->masters[0].vlan_link = "eth0";
	h->masters[0].vlan_id = 5;
	note_comments(h);
}

static void test_odd(void **state)
{
	struct host *h = *state;
	struct model_odd_route odd = {"multicast 224.1.0.0/16", "its type is multicast"};
	struct model_slave *s = add_slave(h, "ns1", "a", "", "");

	s->seen.odd_routes = &odd;
	s->seen.n_odd_routes = 1;
	s->seen.is_up = false;
	s->seen.resolv_conf_foreign = true;
	expect(h, false, 1, 2,
	       HEAD "      # it is down, and ipvl sets it up\n"
		    "      # route multicast 224.1.0.0/16 is left out: its type is "
		    "multicast\n"
		    "      # `nameservers` is left out: ipvl did not write "
		    "/etc/netns/ns1/resolv.conf\n"
		    "      - name: a\n        netns: ns1\n");
	h->masters[0].seen.mode = 9;
	expect(h, false, 0, 1,
	       "# eth0 is left out: its mode or flag is of a newer kernel\nversion: 1\n");
}

static void test_astray(void **state)
{
	struct host *h = *state;

	h->masters[0].name = "";
	add_slave(h, "/nsid/4", "a", "", "");
	add_slave(h, "ns1", "b", "", "");
	add_slave(h, "", "c", "", "");
	add_slave(h, "ns1", "t", "", "")->seen.kind = "ipvtap";
	expect(h, false, 0, 4,
	       "# c is left out: it is in the host's namespace, and its master is not\n"
	       "# /nsid/4/a is left out: its namespace has no name below /run/netns\n"
	       "# ns1/b is left out: the namespace of its master has no name below "
	       "/run/netns\n"
	       "# ns1/t is left out: it is an ipvtap\n"
	       "version: 1\n");
}

/* Names are of other programs, and a comment must not become a key. */
static void test_hostile_names(void **state)
{
	static const char *const names[] = {
		"a\nb: 1",
		"a\rb",
		"a\xc2\x85"
		"b",
		"a\xe2\x80\xa8"
		"b",
		"\xff",
		"x\x7f y: 1",
		"x\xe2\x80\xa9"
		"y: 1",
		"\x01",
	};
	static const char *const bad_devices[] = {"# x", "%d", "a:b", "a\tb", "default"};
	struct host *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		h->masters[0].n_slaves = 0;
		add_slave(h, "", names[i], "", "");
		free(write_host(h, false, 0, 1));
		h->masters[0].n_slaves = 0;
		add_slave(h, names[i], "a", "", "");
		free(write_host(h, false, 0, 1));
		h->masters[0].name = names[i];
		free(write_host(h, false, 0, 1));
		h->masters[0].name = "eth0";
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_devices); i++) {
		h->masters[0].n_slaves = 0;
		add_slave(h, "# x", bad_devices[i], "", "");
		free(write_host(h, false, 0, 1));
	}
}

/* Texts that YAML would take for something else. */
static void test_names_with_quotes(void **state)
{
	static const char *const names[] = {"no", "100", "1e3",     "~",  "null",
					    "-",  "a,b", "{a}",     "[a", "*a",
					    "\"", "'",   "\xc3\xa4"};
	struct host *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(freep) char *text = NULL;
		struct document_errors errors = {0};
		struct document *d;
		size_t n;

		h->masters[0].n_slaves = 0;
		add_slave(h, names[i], names[i], "", "");
		text = write_survey(&h->model, false, &n);
		d = document_parse("f", text, strlen(text), &errors);
		assert_non_null(d);
		assert_string_equal(document_model(d)->masters[0].slaves[0].name,
				    names[i]);
		assert_string_equal(document_model(d)->masters[0].slaves[0].netns,
				    names[i]);
		document_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses_that_expire, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_beyond_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_astray, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_with_quotes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ||
	       golden_end(GOLDEN "/import.txt");
}
