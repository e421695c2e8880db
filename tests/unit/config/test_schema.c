/* The schema's own limits: they are those of the rules, and a database of the version before
 * them is converted with its rows. */
#include "world.h"

#include "config/canon.h"
#include "config/state.h"
#include "config/valid/rule.h"
#include "config/valid/valid_txn.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define OLD_SCHEMA OLD_SCHEMAS "/ipvl-1.4.0.ovsschema"

static void must(struct err *e)
{
	CLEANUP(freep) char *text = e ? err_text(e) : NULL;

	err_free(e);
	if (text)
		fail_msg("%s", text);
}

static size_t max_length(const struct column_schema *c)
{
	return (size_t)c->type.key.max_length;
}

static void limits_are_those_of_the_rules(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(w.c.master.slaves->type.n_max, VALID_SLAVES_MAX);
	assert_int_equal(max_length(w.c.master.name), MODEL_NAME_MAX_BYTES);
	assert_int_equal(max_length(w.c.slave.name), MODEL_NAME_MAX_BYTES);
	assert_int_equal(max_length(w.c.slave.nameservers), CANON_LIST_MAX_BYTES);
	assert_int_equal(max_length(w.c.slave.search), CANON_LIST_MAX_BYTES);
	assert_int_equal(w.c.slave.mtu->type.key.max_integer, MODEL_MTU_MAX);
	assert_int_equal(w.c.slave.mtu->type.key.min_integer, MODEL_MTU_MIN);
	world_clear(&w);
}

static void each_state_can_be_written_and_no_other(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (enum row_state s = 0; s < N_STATES; s++) {
		const union atom atom = {.string = (char *)(uintptr_t)state_name(s)};

		assert_true(datum_find(w.c.master.state->type.key.allowed, &atom,
				       ATOM_STRING) >= 0);
		assert_true(datum_find(w.c.slave.state->type.key.allowed, &atom,
				       ATOM_STRING) >= 0);
	}
	assert_int_equal(w.c.master.state->type.key.allowed->n, N_STATES);
	assert_int_equal(w.c.slave.state->type.key.allowed->n, N_STATES);
	world_clear(&w);
}

/* By name: today's columns (ipvl_columns_init()) are not all in an old schema. */
static const struct column_schema *column_of(const struct row *r, const char *name)
{
	return table_schema_find(table_schema(row_table(r)), name);
}

static struct row *insert(const struct world *w, struct txn *t, const char *table)
{
	struct row *r;

	must(txn_insert(t, db_table(w->db, table), NULL, &r));
	return r;
}

static void refer(struct txn *t, struct row *from, const char *name, const struct row *to)
{
	struct datum d;

	datum_init_empty(&d);
	datum_append(&d, (union atom){.uuid = *row_uuid(to)}, NULL);
	txn_set(t, from, column_of(from, name), &d);
}

/* A file of the old schema, with rows as long as the rules allow. */
static void make_old(const char *path, size_t netns_bytes)
{
	static const struct txn_origin daemon_itself = {
		.internal = true, .uid = -1, .pid = -1};
	static const char *const addresses[] = {
		"2001:db8:1111:2222:3333:4444:5555:6666/128"};
	struct world w = {0};
	struct schema *old;
	struct txn *t;
	struct row *m, *s, *h;
	CLEANUP(freep) char *netns = xcalloc(netns_bytes + 1, 1);
	CLEANUP(freep) char *search = xcalloc(CANON_LIST_MAX_BYTES + 1, 1);

	memset(netns, 'n', netns_bytes);
	for (size_t i = 0; i < CANON_LIST_MAX_BYTES; i++)
		search[i] = i % 61 == 60 && i + 1 < CANON_LIST_MAX_BYTES ? ' ' : 's';
	must(schema_from_file(OLD_SCHEMA, &old));
	must(db_open(path, old, &w.db));
	schema_free(old);
	t = txn_new(w.db, &daemon_itself);
	h = insert(&w, t, "Host");
	m = insert(&w, t, "Master");
	s = insert(&w, t, "Slave");
	refer(t, h, "masters", m);
	refer(t, m, "slaves", s);
	txn_set_string(t, m, column_of(m, "name"), "abcdefghijklmno");
	txn_set_string(t, m, column_of(m, "netns"), netns);
	txn_set_string(t, m, column_of(m, "mode"), "l3");
	txn_set_string(t, m, column_of(m, "flag"), "bridge");
	txn_set_string(t, s, column_of(s, "name"), "ipvl0");
	txn_set_string(t, s, column_of(s, "netns"), "ns1");
	txn_set_string(t, s, column_of(s, "addressing"), "static");
	txn_set_strings(t, s, column_of(s, "addresses"), addresses, 1);
	txn_set_integer(t, s, column_of(s, "mtu"), MODEL_MTU_MAX);
	txn_set_string(t, s, column_of(s, "search"), search);
	must(db_commit(t));
	txn_free(t);
	must(db_sync(w.db));
	db_close(w.db);
}

static struct err *open_new(const char *path, struct world *ret_w)
{
	struct schema *schema;
	struct err *e;

	must(schema_from_file(SCHEMAS "/ipvl.ovsschema", &schema));
	e = db_open(path, schema, &ret_w->db);
	schema_free(schema);
	return e;
}

static char *new_folder(void)
{
	char *folder = xstrdup("/tmp/ipvl-schema-XXXXXX");

	assert_non_null(mkdtemp(folder));
	return folder;
}

static void remove_folder(char *folder)
{
	CLEANUP(freep) char *command = xasprintf("rm -r '%s'", folder);

	assert_int_equal(system(command), 0);
	free(folder);
}

static void rows_of_the_version_before_are_kept(void **state)
{
	char *folder = new_folder();
	CLEANUP(freep) char *path = xasprintf("%s/conf.db", folder);
	struct arena *a = arena_new();
	struct model_slave slave;
	struct row *s;
	struct world w;

	(void)state;
	make_old(path, 255);
	must(open_new(path, &w));
	must(ipvl_columns_init(&w.c, w.db));
	db_set_validator(w.db, valid_transaction, &w.c);
	s = rows_find_slave(&w.c, NULL, "ns1", "ipvl0");
	assert_non_null(s);
	assert_non_null(rows_master_of(&w.c, NULL, s));
	must(rows_read_slave(&w.c, NULL, s, a, &slave));
	assert_int_equal(slave.n_addresses, 1);
	assert_int_equal(slave.mtu, 65535);
	assert_int_equal(strlen(slave.search), CANON_LIST_MAX_BYTES);
	assert_int_equal(state_of_row(&w.c, s), STATE_UNKNOWN);
	db_close(w.db);
	arena_free(a);
	remove_folder(folder);
}

static void a_row_beyond_the_limits_is_named(void **state)
{
	char *folder = new_folder();
	CLEANUP(freep) char *path = xasprintf("%s/conf.db", folder);
	CLEANUP(freep) char *text = NULL;
	struct world w;
	struct err *e;

	(void)state;
	make_old(path, 256);
	e = open_new(path, &w);
	assert_non_null(e);
	text = err_text(e);
	assert_non_null(strstr(text, "netns"));
	err_free(e);
	remove_folder(folder);
}

static char *schema_text(void)
{
	FILE *f = fopen(SCHEMAS "/ipvl.ovsschema", "re");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(f);
	assert_true(getdelim(&text, &size, EOF, f) > 0);
	fclose(f);
	return text;
}

/* The first 'what' becomes 'by'. */
static char *replaced(const char *text, const char *what, const char *by)
{
	const char *at = strstr(text, what);

	assert_non_null(at);
	return xasprintf("%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
}

/* A foreign server may have any database: it is refused before a row of it is read. */
static void what_is_no_ipvl_database_is_refused(void **state)
{
#define INDEX "\"indexes\": [[\"host\", \"netns\", \"name\"]]"
	static const struct {
		const char *what, *by, *words;
	} cases[] = {
		{INDEX, INDEX, NULL},
		{"\"Drift\": {", "\"Drifts\": {", "it has no table Drift"},
		{"\"vlan_link\"", "\"vlan_device\"", "it has no column Master.vlan_link"},
		{INDEX, "\"indexes\": []",
		 "it has no index (host, netns, name) of Master"},
		{INDEX, "\"indexes\": [[\"host\", \"netns\"]]",
		 "index (host, netns, name)"},
		{INDEX, "\"indexes\": [[\"host\", \"netns\", \"mode\"]]",
		 "index (host, netns, name)"},
		{INDEX, "\"indexes\": [[\"host\", \"mode\", \"name\"]]",
		 "index (host, netns, name)"},
		{INDEX, "\"indexes\": [[\"mode\", \"netns\", \"name\"]]",
		 "index (host, netns, name)"},
		{INDEX, "\"indexes\": [[\"host\", \"netns\", \"name\", \"mode\"]]",
		 "index (host, netns, name)"},
		{"[[\"pool\", \"address\"]]", "[]",
		 "it has no index (pool, address) of Lease"},
		{"[[\"host\", \"name\"]]", "[]", "it has no index (host, name) of Pool"},
	};
	CLEANUP(freep) char *text = schema_text();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep) char *changed = replaced(text, cases[i].what, cases[i].by);
		struct json_object *json;
		struct ipvl_columns c;
		struct schema *s;
		struct db *db;
		struct err *e;

		must(json_parse(changed, strlen(changed), &json));
		must(schema_from_json(json, &s));
		json_free(json);
		db = db_new_in_memory(s);
		e = ipvl_columns_init(&c, db);
		if (!e != !cases[i].words || (e && (e->code != ERR_UNSUPPORTED ||
						    !strstr(e->message, cases[i].words))))
			fail_msg("%s: %s", cases[i].by, e ? e->message : "taken");
		err_free(e);
		db_close(db);
	}
}

/* Until 1.18.0 a record of Saved was one of a master's name; now it is one of a device. */
static struct schema *schema_1_17(void)
{
	CLEANUP(freep) char *text = schema_text();
	CLEANUP(freep)
	char *changed = replaced(
		text, "[[\"host\", \"netns\", \"master\", \"key\", \"ifindex\"]]",
		"[[\"host\", \"netns\", \"master\", \"key\"]]");
	char *version = strstr(changed, "\"version\": \"1.");
	struct json_object *json;
	struct schema *s;

	assert_non_null(version);
	memcpy(version, "\"version\": \"1.17", strlen("\"version\": \"1.17"));
	must(json_parse(changed, strlen(changed), &json));
	must(schema_from_json(json, &s));
	json_free(json);
	return s;
}

static struct err *save(struct db *db, int64_t ifindex)
{
	static const struct txn_origin daemon_itself = {
		.internal = true, .uid = -1, .pid = -1};
	struct world w = {.db = db};
	struct txn *t = txn_new(db, &daemon_itself);
	struct row *r = insert(&w, t, "Saved");
	struct err *e;

	txn_set_string(t, r, column_of(r, "master"), "eth0");
	txn_set_string(t, r, column_of(r, "key"), "ipv4.forwarding");
	txn_set_string(t, r, column_of(r, "value"), "1");
	txn_set_integer(t, r, column_of(r, "ifindex"), ifindex);
	e = db_commit(t);
	txn_free(t);
	return e;
}

static void expect_duplicate(struct err *e)
{
	assert_non_null(e);
	assert_int_equal(e->code, ERR_CONSTRAINT);
	err_free(e);
}

/* The record of 1.17 is kept, and another device of that name has room beside it. */
static void a_record_of_a_name_becomes_one_of_a_device(void **state)
{
	char *folder = new_folder();
	CLEANUP(freep) char *path = xasprintf("%s/conf.db", folder);
	CLEANUP(freep) char *backup = xasprintf("%s.backup-1.17.0", path);
	struct schema *old = schema_1_17();
	struct world w;

	(void)state;
	must(db_open(path, old, &w.db));
	schema_free(old);
	must(save(w.db, 7));
	expect_duplicate(save(w.db, 8));
	must(db_sync(w.db));
	db_close(w.db);

	must(open_new(path, &w));
	must(ipvl_columns_init(&w.c, w.db));
	assert_int_equal(access(backup, R_OK), 0);
	must(save(w.db, 8));
	expect_duplicate(save(w.db, 7));
	assert_int_equal(table_count(db_table(w.db, "Saved")), 2);
	db_close(w.db);
	remove_folder(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_those_of_the_rules),
		cmocka_unit_test(each_state_can_be_written_and_no_other),
		cmocka_unit_test(rows_of_the_version_before_are_kept),
		cmocka_unit_test(a_row_beyond_the_limits_is_named),
		cmocka_unit_test(a_record_of_a_name_becomes_one_of_a_device),
		cmocka_unit_test(what_is_no_ipvl_database_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
