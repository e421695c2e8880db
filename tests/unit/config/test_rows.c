/* Rows and model, and what becomes of rows when sources are applied, changed and taken
 * away. */
#include "world.h"
#include "config/valid/valid_txn.h"
#include "config/yaml/declare_rows.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void expect_dump(struct world *w, const char *right)
{
	CLEANUP(freep) char *dump = world_dump(w);

	if (strcmp(dump, right))
		fail_msg("rows are:\n%sand not:\n%s", dump, right);
}

#define FULL                                                                             \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0.5\n"                                                             \
	"    vlan: {link: eth0, id: 5}\n"                                                \
	"    mode: l2\n"                                                                 \
	"    flag: vepa\n"                                                               \
	"    mtu: 1500\n"                                                                \
	"    routes: [{to: 192.168.9.0/24, via: 10.138.36.66}]\n"                        \
	"    slaves:\n"                                                                  \
	"      - name: a\n"                                                              \
	"        netns: ns1\n"                                                           \
	"        enabled: false\n"                                                       \
	"        addresses: [10.0.0.2/24, 10.0.0.10/24]\n"                               \
	"        routes: [{to: default, via: 10.0.0.1, metric: 5}, {to: default}]\n"     \
	"        nameservers: {addresses: [10.3.3.4, 10.3.3.3], search: [b.c]}\n"        \
	"        mtu: 1400\n"                                                            \
	"        sysctl: {ipv6.accept_ra: 0}\n"                                          \
	"      - name: b\n"

#define FULL_ROWS                                                                        \
	"Host masters=1\n"                                                               \
	"Master flag=\"vepa\" mode=\"l2\" mtu=1500 name=\"eth0.5\" "                     \
	"routes=\"192.168.9.0/24 via 10.138.36.66\" slaves=2 sources=\"full.yaml\" "     \
	"vlan_id=5 vlan_link=\"eth0\"\n"                                                 \
	"Slave addresses=[\"set\",[\"10.0.0.10/24\",\"10.0.0.2/24\"]] "                  \
	"addressing=\"static\" enabled=false mtu=1400 name=\"a\" "                       \
	"nameservers=\"10.3.3.4 10.3.3.3\" netns=\"ns1\" "                               \
	"routes=[\"set\",[\"default\",\"default via 10.0.0.1 metric 5\"]] "              \
	"search=\"b.c\" sources=\"full.yaml\" "                                          \
	"sysctl=[\"map\",[[\"ipv6.accept_ra\",\"0\"]]]\n"                                \
	"Slave addressing=\"external\" enabled=true name=\"b\" sources=\"full.yaml\"\n"

static void test_everything(void **state)
{
	struct world w;
	struct arena *a = arena_new();
	struct model_master m;
	struct model_slave s;

	(void)state;
	world_init(&w);
	assert_true(world_apply(&w, "full.yaml", FULL, NULL));
	expect_dump(&w, FULL_ROWS);

	assert_null(
		rows_read_master(&w.c, NULL, world_master(&w, NULL, "eth0.5"), a, &m));
	assert_string_equal(m.vlan_link, "eth0");
	assert_int_equal(m.vlan_id, 5);
	assert_int_equal(m.mtu, 1500);
	assert_int_equal(m.mode, MODEL_MODE_L2);
	assert_int_equal(m.flag, MODEL_FLAG_VEPA);
	assert_int_equal(m.n_routes, 1);
	assert_null(rows_read_slave(&w.c, NULL, world_slave(&w, NULL, "ns1/a"), a, &s));
	assert_int_equal(s.intent, MODEL_DISABLED);
	assert_int_equal(s.n_addresses, 2);
	assert_int_equal(s.addresses[0].addr.bytes[3],
			 2); /* sorted as addresses, not as texts */
	assert_int_equal(s.routes[0].metric, 0);
	assert_string_equal(s.nameservers, "10.3.3.4 10.3.3.3");
	assert_string_equal(s.sysctls[0].value, "0");
	assert_ptr_equal(rows_master_of(&w.c, NULL, world_slave(&w, NULL, "b")),
			 world_master(&w, NULL, "eth0.5"));
	arena_free(a);
	world_clear(&w);
}

/* The same again is no transaction at all. */
static void test_again(void **state)
{
	struct world w;
	struct document *d;
	struct txn *t;
	struct document_errors errors = {0};

	(void)state;
	world_init(&w);
	assert_true(world_apply(&w, "full.yaml", FULL, NULL));
	d = world_document("full.yaml", FULL);
	t = world_begin(&w, false);
	assert_true(declare_rows(&w.c, t, rows_find_host(&w.c, t, NULL), "full.yaml", d,
				 NULL, 0, &errors));
	assert_true(txn_is_empty(t));
	txn_free(t);
	document_free(d);
	world_clear(&w);
}

#define MASTER(name) "version: 1\nmasters:\n  - name: " name "\n"
#define ONE(slave)   MASTER("eth0") "    slaves: [{name: " slave "}]\n"

#define H1 "Host masters=1\n"
#define M(n, sources)                                                                    \
	"Master flag=\"bridge\" mode=\"l3\" name=\"eth0\" slaves=" n sources "\n"
#define S(name, sources)                                                                 \
	"Slave addressing=\"external\" enabled=true name=\"" name "\"" sources "\n"
#define FROM(file) " sources=\"" file "\""
#define BOTH       " sources=[\"set\",[\"f\",\"g\"]]"

/* One after another, on one database. */
static void test_sources(void **state)
{
	static const struct {
		const char *file, *yaml, *rows;
	} steps[] = {
		{"f", ONE("a"), H1 M("1", FROM("f")) S("a", FROM("f"))},
		{"f", ONE("b"), H1 M("1", FROM("f")) S("b", FROM("f"))},
		{"g", ONE("c"), H1 M("2", BOTH) S("b", FROM("f")) S("c", FROM("g"))},
		{"g", ONE("b"), H1 M("1", BOTH) S("b", BOTH)},
		{"f", MASTER("eth0"), H1 M("1", BOTH) S("b", FROM("g"))},
		{"f", NULL, H1 M("1", FROM("g")) S("b", FROM("g"))},
		{"g", "version: 1\n", "Host\n"},
		{"g", ONE("a"), H1 M("1", FROM("g")) S("a", FROM("g"))},
		{"f", NULL, H1 M("1", FROM("g")) S("a", FROM("g"))},
		{"g", NULL, "Host\n"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		print_message("# step %zu\n", i);
		assert_true(world_apply(&w, steps[i].file, steps[i].yaml, NULL));
		expect_dump(&w, steps[i].rows);
	}
	world_clear(&w);
}

/* Rows made by ipvl-ctl are left alone, and taken in where they are declared. */
#define MINE(sources)                                                                    \
	"Slave addressing=\"external\" enabled=true "                                    \
	"external_ids=[\"map\",[[\"k\",\"v\"]]] name=\"mine\"" sources "\n"

static void test_ctl_rows(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init(&w);
	t = world_begin(&w, false);
	world_add_slave(&w, t, world_add_master(&w, t, "eth0", "mode=l2 mtu=1400"),
			"mine", "addressing=external external_ids=k:v");
	world_commit(t);
	assert_true(world_apply(&w, "f", ONE("a"), NULL));
	expect_dump(&w, H1 M("2", FROM("f")) MINE("") S("a", FROM("f")));
	/* The master goes to ipvl-ctl as long as a slave of its own is there. */
	assert_true(world_apply(&w, "f", NULL, NULL));
	expect_dump(&w, H1 M("1", "") MINE(""));
	/* Declared, it is the file's, and goes with it; what no key of the file says
	 * stays. */
	assert_true(world_apply(&w, "f", ONE("mine"), NULL));
	expect_dump(&w, H1 M("1", FROM("f")) MINE(FROM("f")));
	assert_true(world_apply(&w, "f", NULL, NULL));
	expect_dump(&w, "Host\n");
	world_clear(&w);
}

/* What was edited by hand becomes what the file declares again. */
static void test_edited(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init(&w);
	assert_true(world_apply(&w, "f", ONE("a"), NULL));
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "a"),
		  "mtu=1400 addressing=static addresses=10.0.0.2/24");
	world_set(&w, t, world_master(&w, t, "eth0"), "mode=l2");
	world_commit(t);
	assert_true(world_apply(&w, "f", ONE("a"), NULL));
	expect_dump(&w, H1 M("1", FROM("f")) S("a", FROM("f")));
	world_clear(&w);
}

static void test_move(void **state)
{
	static const char before[] = "version: 1\nmasters:\n  - {name: eth0, slaves: "
				     "[{name: a}]}\n  - name: eth1\n";
	static const char after[] = "version: 1\nmasters:\n  - name: eth0\n  - {name: "
				    "eth1, slaves: [{name: a}]}\n";
	struct world w;
	struct uuid uuid;

	(void)state;
	world_init(&w);
	assert_true(world_apply(&w, "f", before, NULL));
	uuid = *row_uuid(world_slave(&w, NULL, "a"));
	assert_true(world_apply(&w, "f", after, NULL));
	assert_true(uuid_equals(&uuid, row_uuid(world_slave(&w, NULL, "a"))));
	assert_ptr_equal(rows_master_of(&w.c, NULL, world_slave(&w, NULL, "a")),
			 world_master(&w, NULL, "eth1"));
	world_clear(&w);
}

/* Two sources of one master differ, with and without the other's document at hand. */
static void test_difference(void **state)
{
	static const char other[] = MASTER("eth0") "    mode: l2\n";
	struct world w;
	struct document *f, *g;
	struct document_errors errors = {0};
	struct txn *t;
	char *said;

	(void)state;
	world_init(&w);
	assert_true(world_apply(&w, "f", ONE("a"), NULL));
	assert_false(world_apply(&w, "g", other, &said));
	assert_string_equal(said, "g:3:11: master eth0 is declared differently by f: "
				  "mode is l3 there and l2 here\n"
				  "  - name: eth0\n"
				  "          ^\n"
				  "  two sources may share a master if they agree in all "
				  "but its slaves\n");
	free(said);
	assert_false(world_apply(
		&w, "g", MASTER("eth0") "    slaves: [{name: a, mtu: 1400}]\n", &said));
	assert_non_null(strstr(said, "g:4:21: slave a is declared differently by f: "
				     "mtu is not set there and 1400"));
	free(said);
	assert_false(
		world_apply(&w, "g", MASTER("eth1") "    slaves: [{name: a}]\n", &said));
	assert_non_null(
		strstr(said, "slave a is declared differently by f: the masters differ"));
	free(said);
	expect_dump(&w, H1 M("1", FROM("f")) S("a", FROM("f")));

	f = world_document("f", ONE("a"));
	g = world_document("g", other);
	t = world_begin(&w, false);
	assert_false(declare_rows(&w.c, t, rows_find_host(&w.c, t, NULL), "g", g,
				  (const struct document *const *)&f, 1, &errors));
	assert_string_equal(
		errors.errors[0].message,
		"master eth0 is declared differently in f, line 3: mode is l3 "
		"there and l2 here");
	txn_free(t);
	document_errors_clear(&errors);
	document_free(f);

	/* Both files changed: in one transaction with both at hand it goes. */
	f = world_document("f", other);
	t = world_begin(&w, false);
	assert_true(declare_rows(&w.c, t, rows_find_host(&w.c, t, NULL), "g", g,
				 (const struct document *const *)&f, 1, &errors));
	assert_true(declare_rows(&w.c, t, rows_find_host(&w.c, t, NULL), "f", f,
				 (const struct document *const *)&g, 1, &errors));
	world_commit(t);
	expect_dump(&w, H1 "Master flag=\"bridge\" mode=\"l2\" name=\"eth0\" "
			   "sources=[\"set\",[\"f\",\"g\"]]\n");
	document_free(f);
	document_free(g);
	world_clear(&w);
}

/* One master, or one slave, as two sources declare it. */
static const struct difference_case {
	const char *there, *here;
	const char *said; /* NULL: they agree */
} difference_cases[] = {
	{"flag: bridge", "flag: vepa", "flag is bridge there and vepa here"},
	{"mtu: 1400", "mtu: 1500", "mtu is 1400 there and 1500 here"},
	{"drift: report", "drift: ignore", "drift is report there and ignore here"},
	{"vlan: {link: up, id: 5}", "vlan: {link: up, id: 6}", "the VLANs differ"},
	{"vlan: {link: up, id: 5}", "vlan: {link: on, id: 5}", "the VLANs differ"},
	{"kind: dummy", "kind: bridge", "kind is dummy there and bridge here"},
	{"kind: dummy", "mtu: 1500", "mtu is not set there and 1500 here"},
	{"routes: [{to: 10.9.0.0/16}]", "routes: []", "the routes differ"},
	{"routes: [{to: 10.9.0.0/16}]", "routes: [{to: 10.9.0.0/17}]",
	 "the routes differ"},
	{"routes: [{to: 10.9.0.0/16}, {to: 10.8.0.0/16}]",
	 "routes: [{to: 10.8.0.0/16}, {to: 10.9.0.0/16}]", NULL},
	{"slaves: [{name: a, addresses: [10.0.0.2/8, 10.0.0.3/8]}]",
	 "slaves: [{name: a, addresses: [10.0.0.3/8, 10.0.0.2/8]}]", NULL},
	{"slaves: [{name: a, addresses: [10.0.0.2/8]}]",
	 "slaves: [{name: a, addresses: [10.0.0.2/9]}]", "the addresses differ"},
	{"slaves: [{name: a, addresses: []}]", "slaves: [{name: a}]",
	 "the addresses differ"},
	{"slaves: [{name: a, routes: [{to: 10.9.0.0/16}]}]",
	 "slaves: [{name: a, routes: [{to: 10.9.0.0/16, metric: 5}]}]",
	 "the routes differ"},
	{"slaves: [{name: a, sysctl: {ipv6.accept_ra: 1}}]",
	 "slaves: [{name: a, sysctl: {ipv6.accept_ra: 2}}]", "the sysctls differ"},
	{"slaves: [{name: a, sysctl: {ipv6.accept_ra: 1}}]",
	 "slaves: [{name: a, sysctl: {ipv6.autoconf: 1}}]", "the sysctls differ"},
	{"slaves: [{name: a, netns: n, nameservers: {addresses: [10.0.0.1]}}]",
	 "slaves: [{name: a, netns: n, nameservers: {addresses: [10.0.0.2]}}]",
	 "the nameservers differ"},
	{"slaves: [{name: a, netns: n, nameservers: {search: [a.net]}}]",
	 "slaves: [{name: a, netns: n, nameservers: {search: [b.net]}}]",
	 "the nameservers differ"},
	{"slaves: [{name: a, enabled: false}]", "slaves: [{name: a}]",
	 "one of them disables it"},
	{"slaves: [{name: a, optional: true}]", "slaves: [{name: a}]",
	 "one of them is optional"},
	{"slaves: [{name: a, drift: report}]", "slaves: [{name: a}]",
	 "drift is report there and repair here"},
};

static void test_every_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(difference_cases); i++) {
		const struct difference_case *c = &difference_cases[i];
		CLEANUP(freep)
		char *there = xasprintf(MASTER("eth0") "    %s\n", c->there);
		CLEANUP(freep) char *here = xasprintf(MASTER("eth0") "    %s\n", c->here);
		CLEANUP(freep) char *said = NULL;
		struct world w;

		world_init(&w);
		assert_true(world_apply(&w, "f", there, NULL));
		if (world_apply(&w, "g", here, &said) != !c->said ||
		    (c->said && !strstr(said, c->said)))
			fail_msg("%s\n%s\nsaid: %s", c->there, c->here,
				 said ? said : "nothing");
		world_clear(&w);
	}
}

/* Inside one transaction: what is removed is found no more, and its name may be taken. */
static void test_commands(void **state)
{
	struct world w;
	struct txn *t;
	struct row *old, *slave;

	(void)state;
	world_init(&w);
	t = world_begin(&w, false);
	world_add_slave(&w, t, world_add_master(&w, t, "eth0", ""), "ns1/a", "");
	assert_non_null(world_master(&w, t, "eth0"));
	assert_null(world_master(&w, NULL, "eth0"));
	assert_non_null(world_slave(&w, t, "ns1/a"));
	world_commit(t);

	t = world_begin(&w, false);
	old = world_slave(&w, t, "ns1/a");
	rows_remove_master(&w.c, t, world_master(&w, t, "eth0"));
	assert_null(world_master(&w, t, "eth0"));
	assert_null(world_slave(&w, t, "ns1/a"));
	slave = world_add_slave(&w, t, world_add_master(&w, t, "eth0", ""), "ns1/a", "");
	assert_ptr_equal(world_slave(&w, t, "ns1/a"), slave);
	assert_ptr_not_equal(slave, old);
	world_commit(t);
	assert_ptr_equal(world_slave(&w, NULL, "ns1/a"), slave);

	t = world_begin(&w, false);
	old = slave;
	rows_remove_slave(&w.c, t, old);
	assert_null(world_slave(&w, t, "ns1/a"));
	slave = world_add_slave(&w, t, world_master(&w, t, "eth0"), "ns1/a", "");
	assert_ptr_equal(world_slave(&w, t, "ns1/a"), slave);
	assert_ptr_not_equal(slave, old);
	world_commit(t);
	assert_ptr_equal(world_slave(&w, NULL, "ns1/a"), slave);

	t = world_begin(&w, false);
	rows_remove_slave(&w.c, t, slave);
	assert_null(rows_slave_by_key(&w.c, t, "", "ns1", "a"));
	world_commit(t);
	assert_int_equal(table_count(w.c.slave.table), 0);
	world_clear(&w);
}

static void test_next_cfg(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init(&w);
	assert_true(world_apply(&w, "f", ONE("a"), NULL));
	t = world_begin(&w, true);
	assert_false(rows_changes_config(&w.c, t));
	world_set(&w, t, world_slave(&w, t, "a"), "state=ready");
	assert_false(rows_changes_config(&w.c, t));
	world_set(&w, t, world_slave(&w, t, "a"), "mtu=1400");
	assert_true(rows_changes_config(&w.c, t));
	txn_free(t);
	t = world_begin(&w, true);
	assert_int_equal(rows_bump_next_cfg(&w.c, t, rows_find_host(&w.c, t, NULL)), 1);
	assert_false(rows_changes_config(&w.c, t));
	assert_int_equal(rows_bump_next_cfg(&w.c, t, rows_find_host(&w.c, t, NULL)), 2);
	world_commit(t);
	world_clear(&w);
}

static void test_hosts(void **state)
{
	struct world w;
	struct txn *t;
	struct row *first;

	(void)state;
	world_init(&w);
	assert_null(rows_find_host(&w.c, NULL, NULL));
	assert_null(world_master(&w, NULL, "eth0"));
	t = world_begin(&w, false);
	first = rows_ensure_host(&w.c, t, "h1");
	assert_ptr_equal(rows_ensure_host(&w.c, t, NULL), first);
	assert_ptr_equal(rows_find_host(&w.c, t, "h1"), first);
	rows_ensure_host(&w.c, t, "h2");
	assert_null(rows_find_host(&w.c, t, NULL)); /* none is the only one */
	world_commit(t);
	assert_non_null(rows_find_host(&w.c, NULL, "h2"));
	assert_null(rows_find_host(&w.c, NULL, "h3"));
	world_clear(&w);
}

/* Rows of a version that took any path; where another row has the text already, both
 * stay, and all others become canonical. */
static void test_rows_canonise(void **state)
{
	struct world w;
	struct row *m, *n;
	struct txn *t;
	struct err *e;
	size_t changed;

	(void)state;
	world_init(&w);
	db_set_validator(w.db, NULL, NULL);
	t = world_begin(&w, false);
	m = world_add_master(&w, t, "eth0", "netns=/var/run/netns/m");
	world_add_slave(&w, t, m, "a", "netns=/run/netns/x");
	world_add_slave(&w, t, m, "c", "netns=/run/x");
	n = world_add_master(&w, t, "eth1", "");
	world_add_slave(&w, t, n, "b", "netns=/run/netns/y");
	world_add_slave(&w, t, n, "y/b", "");
	world_commit(t);
	db_set_validator(w.db, valid_transaction, &w.c);
	e = rows_canonise(&w.c, w.db, &changed);
	assert_non_null(e);
	err_free(e);
	assert_int_equal(changed, 2); /* eth0 and a */
	assert_non_null(rows_find_master(&w.c, NULL, "m", "eth0"));
	assert_non_null(rows_find_slave(&w.c, NULL, "x", "a"));
	assert_non_null(rows_find_slave(&w.c, NULL, "/run/netns/y", "b"));
	assert_non_null(rows_find_slave(&w.c, NULL, "/run/x", "c"));
	world_clear(&w);
}

/* A foreign server has no validator. */
static void test_foreign_rows(void **state)
{
	static const struct {
		const char *columns, *path, *message;
	} cases[] = {
		{"addresses=10.0.0.2/024", "Slave.addresses",
		 "address \"10.0.0.2/024\" is not in its canonical form"},
		{"routes=default+via+x", "Slave.routes", "route \"default via x\""},
		{"addressing=", "Slave.addressing", "addressing is not set"},
		{"netns=/run/netns/x", "Slave.netns",
		 "namespace \"/run/netns/x\" is not in its canonical form"},
	};
	struct world w;
	struct arena *a = arena_new();
	struct model_slave s;

	(void)state;
	world_init(&w);
	db_set_validator(w.db, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct txn *t = world_begin(&w, false);
		struct row *r =
			world_add_slave(&w, t, world_add_master(&w, t, "eth0", ""), "a",
					cases[i].columns);
		struct err *e = rows_read_slave(&w.c, t, r, a, &s);

		assert_non_null(e);
		assert_int_equal(e->code, ERR_INVALID);
		assert_string_equal(e->path, cases[i].path);
		assert_string_equal(e->message, cases[i].message);
		err_free(e);
		txn_free(t);
	}
	arena_free(a);
	world_clear(&w);
}

static void test_other_schema(void **state)
{
	struct json_object *json;
	struct schema *schema;
	struct db *db;
	struct ipvl_columns c;
	struct err *e;
	static const char text[] =
		"{\"name\": \"ipvl\", \"version\": \"1.0.0\", \"tables\": {\"Host\": "
		"{\"columns\": {\"name\": {\"type\": \"string\"}}}}}";

	(void)state;
	assert_null(json_parse(text, strlen(text), &json));
	assert_null(schema_from_json(json, &schema));
	json_free(json);
	db = db_new_in_memory(schema);
	e = ipvl_columns_init(&c, db);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_UNSUPPORTED);
	assert_non_null(strstr(e->message, "it has no table Master"));
	err_free(e);
	db_close(db);
}

/* The schema as 'version', without the lines that hold 'name'. */
static struct schema *older_schema(const char *version, const char *name)
{
	FILE *f = fopen(SCHEMAS "/ipvl.ovsschema", "re");
	struct json_object *json;
	struct schema *schema;
	char *line = NULL, *text = NULL;
	size_t cap = 0, size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(f);
	assert_non_null(out);
	while (getline(&line, &cap, f) > 0) {
		if (strstr(line, "\"version\": \"1."))
			fprintf(out, "\"version\": \"%s\",\n", version);
		else if (!strstr(line, name))
			fputs(line, out);
	}
	fclose(f);
	fclose(out);
	free(line);
	assert_null(json_parse(text, size, &json));
	assert_null(schema_from_json(json, &schema));
	json_free(json);
	free(text);
	return schema;
}

/* A file of version 1.0.0, with a master in it. */
static void make_old_file(const char *path, const struct schema *newest)
{
	struct schema *old = older_schema("1.0.0", "\"warnings\"");
	struct world w;
	struct txn *t;

	assert_null(db_open(path, newest, &w.db));
	assert_null(ipvl_columns_init(&w.c, w.db));
	t = world_begin(&w, true);
	world_add_master(&w, t, "eth0", "");
	world_commit(t);
	assert_null(db_convert(w.db, old));
	db_close(w.db);
	schema_free(old);
}

/* What the first version left is brought to the schema of today when it is opened. */
static void test_older_file(void **state)
{
	char dir[] = "/tmp/ipvl-rows-XXXXXX", path[64], backup[96];
	struct schema *newest;
	const struct row *master;
	struct world w;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/conf.db", dir);
	snprintf(backup, sizeof(backup), "%s.backup-1.0.0", path);
	assert_null(schema_from_file(SCHEMAS "/ipvl.ovsschema", &newest));
	make_old_file(path, newest);

	assert_null(db_open(path, newest, &w.db));
	assert_null(ipvl_columns_init(&w.c, w.db));
	master = world_master(&w, NULL, "eth0");
	assert_non_null(master);
	assert_int_equal(row_get(master, w.c.master.warnings)->n, 0);
	db_close(w.db);
	assert_int_equal(access(backup, R_OK), 0);
	schema_free(newest);
	snprintf(backup, sizeof(backup), "rm -r %s", dir);
	assert_int_equal(system(backup), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_ctl_rows),
		cmocka_unit_test(test_edited),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_every_difference),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_next_cfg),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_rows_canonise),
		cmocka_unit_test(test_foreign_rows),
		cmocka_unit_test(test_other_schema),
		cmocka_unit_test(test_older_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
