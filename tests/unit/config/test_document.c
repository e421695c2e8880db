/* What a YAML file declares. */
#include "document_complaints.h"

#include "config/canon.h"
#include "config/yaml/document.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct document *parse(const char *yaml)
{
	struct document_errors errors = {0};
	struct document *d = document_parse("f.yaml", yaml, strlen(yaml), &errors);
	CLEANUP(freep) char *all = document_complaints(&errors);

	if (!d)
		fail_msg("%s\nsaid:\n%s", yaml, all);
	assert_int_equal(errors.n, 0);
	return d;
}

static void test_everything(void **state)
{
	struct document *d =
		parse("\xef\xbb\xbfversion: 1\r\n"
		      "masters:\r\n"
		      "  - name: eno2.100\r\n"
		      "    netns: lab\r\n"
		      "    mode: l3s\r\n"
		      "    flag: vepa\r\n"
		      "    vlan: {link: eno2, id: 100}\r\n"
		      "    mtu: 9000\r\n"
		      "    routes: [{to: 192.168.9.0/24, via: 10.138.36.66}]\r\n"
		      "    slaves:\r\n"
		      "      - name: b\r\n"
		      "        enabled: false\r\n"
		      "      - name: no\r\n"
		      "        netns: 100\r\n"
		      "        addresses: [\"2001:db8::2/64\", 10.0.0.2/24]\r\n"
		      "        routes:\r\n"
		      "          - {to: default, via: 10.0.0.1, from: 10.0.0.2, metric: "
		      "7, table: 9, on-link: true}\r\n"
		      "          - to: 0.0.0.0/0\r\n"
		      "        nameservers: {addresses: [10.3.3.4, 10.3.3.3], search: "
		      "[example.net]}\r\n"
		      "        mtu: 1500\r\n"
		      "        sysctl: {ipv6.accept_ra: 0, ipv4.rp_filter: 2}\r\n");
	const struct model_master *m = document_model(d)->masters;
	const struct model_slave *s = m->slaves;
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(document_file(d), "f.yaml");
	assert_int_equal(document_model(d)->n_masters, 1);
	assert_string_equal(m->name, "eno2.100");
	assert_string_equal(m->netns, "lab");
	assert_int_equal(m->mode, MODEL_MODE_L3S);
	assert_int_equal(m->flag, MODEL_FLAG_VEPA);
	assert_string_equal(m->vlan_link, "eno2");
	assert_int_equal(m->vlan_id, 100);
	assert_int_equal(m->mtu, 9000);
	assert_string_equal(model_route_text(a, m->routes),
			    "192.168.9.0/24 via 10.138.36.66");
	assert_int_equal(m->n_slaves, 2);
	assert_string_equal(s[0].name, "b");
	assert_int_equal(s[0].intent, MODEL_DISABLED);
	assert_false(s[0].addresses_managed);
	assert_string_equal(s[1].name, "no");
	assert_string_equal(s[1].netns, "100");
	assert_true(s[1].addresses_managed);
	assert_string_equal(canon_address_format(&s[1].addresses[0], a), "10.0.0.2/24");
	assert_string_equal(canon_address_format(&s[1].addresses[1], a),
			    "2001:db8::2/64");
	assert_int_equal(s[1].n_routes, 2);
	assert_string_equal(model_route_text(a, &s[1].routes[0]),
			    "default via 10.0.0.1 src 10.0.0.2 metric 7 table 9 onlink");
	assert_string_equal(model_route_text(a, &s[1].routes[1]), "default");
	assert_string_equal(s[1].nameservers, "10.3.3.4 10.3.3.3");
	assert_string_equal(s[1].search, "example.net");
	assert_int_equal(s[1].mtu, 1500);
	assert_string_equal(s[1].sysctls[0].key, "ipv4.rp_filter");
	assert_string_equal(s[1].sysctls[1].value, "0");
	arena_free(a);
	document_free(d);
}

static void test_defaults(void **state)
{
	struct document *d = parse(SLAVE "      - {name: b, netns: n, addresses: []}\n");
	const struct model_master *m = document_model(d)->masters;

	(void)state;
	assert_int_equal(m->mode, MODEL_MODE_L3);
	assert_int_equal(m->flag, MODEL_FLAG_BRIDGE);
	assert_int_equal(m->slaves[0].intent, MODEL_PRESENT);
	assert_false(m->slaves[0].addresses_managed);
	assert_true(m->slaves[1].addresses_managed);
	assert_int_equal(m->slaves[1].n_addresses, 0);
	document_free(d);
	document_free(parse("version: 1\n"));
	document_free(parse("version: 1\nmasters: []\n"));
}

static void test_aliases(void **state)
{
	struct document *d =
		parse(HEAD "    slaves:\n"
			   "      - {name: a, netns: n1, routes: &r [{to: default}]}\n"
			   "      - {name: a, netns: n2, routes: *r}\n");

	(void)state;
	assert_int_equal(document_model(d)->masters->slaves[1].n_routes, 1);
	document_free(d);
}

/* A map's own keys count, then those of the first map that is merged. */
static void test_merges(void **state)
{
	struct document *d = parse(
		"version: 1\n"
		"x-lab: &lab\n"
		"  addresses: []\n"
		"  mtu: 1400\n"
		"x-dns: &dns {nameservers: {addresses: [10.3.3.3]}, mtu: 1300}\n"
		"x-both: &both {<<: [*dns, *lab], alias: both}\n"
		"masters:\n"
		"  - name: e\n"
		"    slaves:\n"
		"      - {<<: *lab, name: a, netns: n1}\n"
		"      - {name: a, netns: n2, mtu: 1200, <<: *both}\n"
		"      - {name: a, netns: n3, <<: [*both, {mtu: 1250, alias: no}]}\n"
		"      - &last {name: a, netns: n4, <<: []}\n"
		"      - {<<: *last, netns: n5}\n");
	const struct model_slave *s = document_model(d)->masters->slaves;

	(void)state;
	assert_int_equal(document_model(d)->masters->n_slaves, 5);
	assert_int_equal(s[0].mtu, 1400);
	assert_true(s[0].addresses_managed);
	assert_string_equal(s[0].nameservers, "");
	assert_int_equal(s[1].mtu, 1200);
	assert_true(s[1].addresses_managed);
	assert_string_equal(s[1].nameservers, "10.3.3.3");
	assert_string_equal(s[1].alias, "both");
	assert_int_equal(s[2].mtu, 1300);
	assert_string_equal(s[2].alias, "both");
	assert_int_equal(s[3].mtu, 0);
	assert_string_equal(s[4].netns, "n5");
	document_free(d);
}

/* The keys that the JSON Schema for editors has under 'pointer' (NULL-terminated names),
 * as the parser's own complaint about an unknown key lists them. */
static void expect_schema_keys(const struct json_object *schema,
			       const char *const *pointer, const char *yaml,
			       const char *intro)
{
	struct document_errors errors = {0};
	const char *hint = NULL;
	size_t n = 0;

	for (; *pointer; pointer++)
		schema = json_member(schema, *pointer);
	assert_null(document_parse("f", yaml, strlen(yaml), &errors));
	for (size_t i = 0; i < errors.n && !hint; i++) {
		if (errors.errors[i].hint && strstr(errors.errors[i].hint, intro))
			hint = errors.errors[i].hint + strlen(intro);
	}
	assert_non_null(hint);
	CLEANUP(freep) char *copy = xstrdup(hint);
	char *save;
	for (char *key = strtok_r(copy, ", ", &save); key;
	     key = strtok_r(NULL, ", ", &save), n++) {
		if (!json_member(schema, key))
			fail_msg("the JSON Schema has no %s", key);
	}
	assert_int_equal(n, json_get_length(schema));
	document_errors_clear(&errors);
}

#define Q "qqqqqqqq: 1"
static void test_json_schema(void **state)
{
	CLEANUP(json_freep) struct json_object *schema = NULL;
	FILE *f = fopen(SCHEMAS "/ipvl.schema.json", "r");
	char text[32768];
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_null(json_parse(text, n, &schema));
	expect_schema_keys(schema, (const char *const[]){"properties", NULL},
			   Q "\nversion: 1\n", "the keys of the file are ");
	expect_schema_keys(
		schema,
		(const char *const[]){"definitions", "master", "properties", NULL},
		HEAD "    " Q "\n", "the keys of a master are ");
	expect_schema_keys(
		schema, (const char *const[]){"definitions", "slave", "properties", NULL},
		SLAVE "        " Q "\n", "the keys of a slave are ");
	expect_schema_keys(
		schema, (const char *const[]){"definitions", "route", "properties", NULL},
		HEAD "    routes: [{" Q "}]\n", "the keys of a route are ");
	expect_schema_keys(schema,
			   (const char *const[]){"definitions", "master", "properties",
						 "vlan", "properties", NULL},
			   HEAD "    vlan: {" Q "}\n", "the keys of `vlan` are ");
	expect_schema_keys(schema,
			   (const char *const[]){"definitions", "slave", "properties",
						 "nameservers", "properties", NULL},
			   SLAVE "        nameservers: {" Q "}\n",
			   "the keys of `nameservers` are ");
}

/* `to: default` has the family of its gateway, its source, or the slave's addresses. */
static void test_family_of_default(void **state)
{
	static const struct {
		const char *addresses, *route, *right;
	} cases[] = {
		{"addresses: [10.0.0.2/24]", "{to: default}", "default"},
		{"addresses: [\"2001:db8::2/64\"]", "{to: default}", "::/0"},
		{"addresses: [\"2001:db8::2/64\"]", "{to: default, metric: 7}",
		 "::/0 metric 7"},
		{"addresses: [\"2001:db8::2/64\"]", "{to: 0.0.0.0/0}", "default"},
		{"addresses: []", "{to: default}", "default"},
		{"mtu: 1500", "{to: default}", "default"},
		{"addresses: [10.0.0.2/24, \"2001:db8::2/64\"]",
		 "{to: default, via: \"2001:db8::1\"}", "default via 2001:db8::1"},
		{"addresses: [10.0.0.2/24, \"2001:db8::2/64\"]",
		 "{to: default, via: 10.0.0.1}", "default via 10.0.0.1"},
		{"addresses: [10.0.0.2/24, \"2001:db8::2/64\"]",
		 "{to: default, from: \"2001:db8::2\"}", "::/0 src 2001:db8::2"},
		{"addresses: [10.0.0.2/24, \"2001:db8::2/64\"]", "{to: \"::/0\"}",
		 "::/0"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep)
		char *yaml = xasprintf(SLAVE "        routes: [%s]\n        %s\n",
				       cases[i].route, cases[i].addresses);
		struct document *d = parse(yaml);
		const struct model_slave *s = &document_model(d)->masters[0].slaves[0];
		struct arena *a = arena_new();

		assert_int_equal(s->n_routes, 1);
		assert_string_equal(model_route_text(a, s->routes), cases[i].right);
		arena_free(a);
		document_free(d);
	}
}

static void test_default_access(void **state)
{
	static const struct {
		const char *master;
		bool has_access;
	} cases[] = {
		{"mode: l3s, sysctl: {ipv4.proxy_arp: 1}", true},
		{"mode: l3s, sysctl: {ipv4.proxy_arp: 1}, host-access: false", false},
		{"mode: l3s, sysctl: {ipv4.proxy_arp: 0}", false},
		{"mode: l3s, sysctl: {ipv4.forwarding: 1}", false},
		{"mode: l3, sysctl: {ipv4.proxy_arp: 1}", false},
		{"mode: l2, sysctl: {ipv4.proxy_arp: 1}", false},
		{"mode: l3s, flag: private, sysctl: {ipv4.proxy_arp: 1}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep)
		char *yaml = xasprintf("version: 1\nmasters: [{name: eth0, %s, slaves: "
				       "[{name: a, netns: n}]}]\n",
				       cases[i].master);
		struct document *d = parse(yaml);
		struct model_master *m = document_model(d)->masters;
		const struct model_slave *s = model_find_slave(m, "", "shim-eth0");

		assert_int_equal(m->n_slaves, cases[i].has_access ? 2 : 1);
		assert_int_equal(s && s->host_access && s->addresses_managed,
				 cases[i].has_access);
		document_free(d);
	}
}

/* A slave that gives access already is not given another beside it. */
static void test_default_access_beside(void **state)
{
	struct document *d =
		parse("version: 1\nmasters: [{name: eth0, mode: l3s, sysctl: "
		      "{ipv4.proxy_arp: 1}, slaves: [{name: a, netns: n}, "
		      "{name: own, host-access: true}]}]\n");

	(void)state;
	assert_int_equal(document_model(d)->masters[0].n_slaves, 2);
	document_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_merges),
		cmocka_unit_test(test_json_schema),
		cmocka_unit_test(test_family_of_default),
		cmocka_unit_test(test_default_access),
		cmocka_unit_test(test_default_access_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
