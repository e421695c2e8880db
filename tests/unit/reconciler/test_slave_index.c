/* reconciler/slave_index: under which key a slave's device was made, and which slaves have
 * another master after a commit. */
#include "reconciler/wanted/slave_index.h"

#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/values/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h comes last. */
#include <cmocka.h>

struct fixture {
	struct db *db;
	struct ipvl_columns c;
	struct slave_index *index;
	char moved[16]; /* the letters of those that the last commit moved */
};

static void must(struct err *e)
{
	if (e)
		fail_msg("%s", e->message);
}

static struct txn *begin(struct fixture *f)
{
	return txn_new(f->db, &(struct txn_origin){.internal = true});
}

/* The rows; some are gone when they are named. */
static struct uuid slaves[3];
static const char *const slave_names[] = {"a", "b", "c"};

static void append_moved(void *aux, const struct uuid *slave)
{
	struct fixture *f = aux;

	for (size_t i = 0; i < 3; i++) {
		if (uuid_equals(slave, &slaves[i]))
			strcat(f->moved, slave_names[i]);
	}
}

static int letter_cmp(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

static void commit(struct fixture *f, struct txn *t, const char *moved)
{
	*f->moved = '\0';
	must(db_commit(t));
	TXN_FOR_EACH_CHANGE (change, t) {
		if (change.table == f->c.master.table)
			slave_index_each_moved(&f->c, &change, append_moved, f);
	}
	/* The order of changes, and of UUIDs, is nobody's business. */
	qsort(f->moved, strlen(f->moved), 1, letter_cmp);
	assert_string_equal(f->moved, moved);
	slave_index_follow(f->index, t);
	txn_free(t);
}

static struct row *add_master(struct fixture *f, struct txn *t, const char *name)
{
	const struct model_master m = {.netns = "", .name = name, .vlan_link = ""};

	return rows_add_master(&f->c, t, rows_ensure_host(&f->c, t, NULL), &m);
}

static void add_slave(struct fixture *f, struct txn *t, struct row *master, size_t i)
{
	const struct model_slave s = {.netns = i == 2 ? "ns2" : "ns1",
				      .name = slave_names[i],
				      .nameservers = "",
				      .search = "",
				      .alias = "",
				      .vrf = "",
				      .pool = ""};

	slaves[i] = *row_uuid(rows_add_slave(&f->c, t, master, &s));
}

static int setup(void **state)
{
	static struct fixture f;
	struct schema *s;
	struct txn *t;
	struct row *master;

	f = (struct fixture){0};
	must(schema_from_file(IPVL_SCHEMA_FILE, &s));
	f.db = db_new_in_memory(s);
	must(ipvl_columns_init(&f.c, f.db));
	f.index = slave_index_new(&f.c);
	t = begin(&f);
	master = add_master(&f, t, "eth0");
	add_slave(&f, t, master, 0);
	add_slave(&f, t, master, 1);
	commit(&f, t, "ab");
	t = begin(&f);
	add_slave(&f, t, add_master(&f, t, "eth1"), 2);
	commit(&f, t, "c");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	slave_index_free(f->index);
	db_close(f->db);
	return 0;
}

static void expect_key(struct fixture *f, size_t slave, const char *text)
{
	CLEANUP(freep) char *found = NULL;
	struct key key;

	if (slave_index_key_of(f->index, &slaves[slave], &key))
		found = xasprintf("%s/%s on %s/%s", key.netns, key.name, key.master_netns,
				  key.master_name);
	assert_string_equal(found ? found : "", text);
}

static void has_what_was_committed(void **state)
{
	struct fixture *f = *state;

	expect_key(f, 0, "ns1/a on /eth0");
	expect_key(f, 2, "ns2/c on /eth1");
	assert_int_equal(slave_index_count_in_netns(f->index, "ns1"), 2);
	assert_int_equal(slave_index_count_in_netns(f->index, "ns2"), 1);
	assert_int_equal(slave_index_count_in_netns(f->index, "ns3"), 0);
}

static void a_master_is_renamed_or_moved(void **state)
{
	struct fixture *f = *state;
	struct txn *t = begin(f);

	txn_set_string(t, rows_find_master(&f->c, t, "", "eth0"), f->c.master.name,
		       "eth7");
	commit(f, t, "ab");
	expect_key(f, 0, "ns1/a on /eth7");
	t = begin(f);
	txn_set_string(t, rows_find_master(&f->c, t, "", "eth7"), f->c.master.netns,
		       "lab");
	commit(f, t, "ab");
	expect_key(f, 1, "ns1/b on lab/eth7");
	/* Nothing of that: no slave has another master. */
	t = begin(f);
	txn_set_integer(t, rows_find_master(&f->c, t, "lab", "eth7"), f->c.master.mtu,
			1400);
	commit(f, t, "");
}

static void a_slave_goes_to_another_master(void **state)
{
	struct fixture *f = *state;
	struct txn *t = begin(f);
	struct datum one = {0};

	datum_append(&one, (union atom){.uuid = slaves[0]}, NULL);
	txn_set(t, rows_find_master(&f->c, t, "", "eth1"), f->c.master.slaves, &one);
	datum_init_empty(&one);
	datum_append(&one, (union atom){.uuid = slaves[1]}, NULL);
	txn_set(t, rows_find_master(&f->c, t, "", "eth0"), f->c.master.slaves, &one);
	/* Both masters' changes name it; nobody refers to the third any more. */
	commit(f, t, "aac");
	expect_key(f, 0, "ns1/a on /eth1");
	expect_key(f, 1, "ns1/b on /eth0");
	expect_key(f, 2, "");
	assert_int_equal(slave_index_count_in_netns(f->index, "ns2"), 0);
}

static void a_slave_is_renamed_or_moved(void **state)
{
	struct fixture *f = *state;
	struct txn *t = begin(f);

	txn_set_string(t, rows_find_slave(&f->c, t, "ns1", "a"), f->c.slave.netns, "ns9");
	commit(f, t, "");
	expect_key(f, 0, "ns9/a on /eth0");
	assert_int_equal(slave_index_count_in_netns(f->index, "ns1"), 1);
	assert_int_equal(slave_index_count_in_netns(f->index, "ns9"), 1);
}

static void a_master_goes(void **state)
{
	struct fixture *f = *state;
	struct txn *t = begin(f);

	rows_remove_master(&f->c, t, rows_find_master(&f->c, t, "", "eth0"));
	commit(f, t, "ab");
	expect_key(f, 0, "");
	expect_key(f, 2, "ns2/c on /eth1");
	assert_int_equal(slave_index_count_in_netns(f->index, "ns1"), 0);
}

/* A daemon that starts reads the rows, and has the same. */
static void read_at_start(void **state)
{
	struct fixture *f = *state;

	slave_index_free(f->index);
	f->index = slave_index_new(&f->c);
	has_what_was_committed(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(has_what_was_committed),
		TEST(a_master_is_renamed_or_moved),
		TEST(a_slave_goes_to_another_master),
		TEST(a_slave_is_renamed_or_moved),
		TEST(a_master_goes),
		TEST(read_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
