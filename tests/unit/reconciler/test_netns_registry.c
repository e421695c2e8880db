/* reconciler/netns_registry: which namespaces are ours, and what a process's path is bound
 * to. */
#include "reconciler/wanted/netns_registry.h"

#include "datapath/model.h"
#include "lib/alloc.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/txn.h"
#include "ovsdb-lite/values/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h comes last. */
#include <cmocka.h>

struct fixture {
	struct db *db;
	struct ipvl_columns c;
	struct netns_registry *reg;
};

static void must(struct err *e)
{
	if (e)
		fail_msg("%s", e->message);
}

static int setup(void **state)
{
	static struct fixture f;
	struct schema *s;

	must(schema_from_file(IPVL_SCHEMA_FILE, &s));
	f.db = db_new_in_memory(s);
	must(ipvl_columns_init(&f.c, f.db));
	must(netns_registry_new(&f.c, f.db, &f.reg));
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	netns_registry_free(f->reg);
	db_close(f->db);
	return 0;
}

static void reserve(struct fixture *f, const char *name)
{
	must(netns_registry_reserve(f->reg, &name, 1));
}

static struct err *refuse(void *aux, const struct txn *t)
{
	(void)aux;
	(void)t;
	return err_new(ERR_IO, "no room");
}

static void a_database_that_takes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *name = "ns1";
	struct err *e;

	db_set_validator(f->db, refuse, NULL);
	e = netns_registry_reserve(f->reg, &name, 1);
	assert_non_null(e);
	err_free(e);
}

static void settle(struct fixture *f, const char *name, uint64_t inode, uint64_t cookie)
{
	const struct netns_made made = {name, inode, cookie};

	must(netns_registry_settle(f->reg, &made, 1));
}

static void bind_to(struct fixture *f, const char *netns, uint32_t pid, uint64_t start,
		    uint64_t inode)
{
	const struct model_process process = {.pid = pid, .start = start};
	const struct netns_binding binding = {netns, &process, inode};

	must(netns_registry_bind(f->reg, &binding, 1));
}

/* "ours INODE/COOKIE", "bound PID/START INODE" or "". */
static const char *found(struct fixture *f, const char *netns)
{
	static char text[96];
	struct model_process p;
	uint64_t inode = 77, cookie = 77;

	*text = '\0';
	if (netns_registry_is_ours(f->reg, netns, &inode, &cookie))
		snprintf(text, sizeof(text), "ours %llu/%llu", (unsigned long long)inode,
			 (unsigned long long)cookie);
	if (netns_registry_is_bound(f->reg, netns, &p, &inode)) {
		assert_string_equal(text, "");
		snprintf(text, sizeof(text), "bound %u/%llu %llu", p.pid,
			 (unsigned long long)p.start, (unsigned long long)inode);
	}
	return text;
}

static void append_name(void *aux, const char *netns)
{
	char *names = aux;

	strcat(names, netns);
	strcat(names, " ");
}

static const char *names(struct fixture *f)
{
	static char text[256];

	*text = '\0';
	netns_registry_each(f->reg, append_name, text);
	return text;
}

/* As after a start of the machine: the rows are of another boot. */
static void boot(struct fixture *f)
{
	struct txn *t = txn_new(f->db, &(struct txn_origin){.internal = true});

	TABLE_FOR_EACH (r, f->c.netns.table)
		txn_set_string(t, r, f->c.netns.boot_id, "00000000");
	must(db_commit(t));
	txn_free(t);
}

static void what_is_made_is_ours(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(found(f, "ns1"), "");
	reserve(f, "ns1");
	assert_string_equal(found(f, "ns1"), "ours 0/0");
	settle(f, "ns1", 4026531999, 12);
	assert_string_equal(found(f, "ns1"), "ours 4026531999/12");
	assert_string_equal(names(f), "ns1 ");
	settle(f, "ns1", 0, 0);
	assert_string_equal(found(f, "ns1"), "");
	assert_string_equal(names(f), "");
}

/* The inode and the cookie are those of what was made before. */
static void made_again_it_is_another(void **state)
{
	struct fixture *f = *state;

	reserve(f, "ns1");
	settle(f, "ns1", 7, 8);
	reserve(f, "ns1");
	assert_string_equal(found(f, "ns1"), "ours 0/0");
	assert_string_equal(names(f), "ns1 ");
}

static void what_was_not_reserved_is_not_ours(void **state)
{
	struct fixture *f = *state;

	settle(f, "ns1", 7, 8);
	settle(f, "ns2", 0, 0);
	assert_string_equal(names(f), "");
}

static void nothing_outlives_the_boot(void **state)
{
	struct fixture *f = *state;

	reserve(f, "ns1");
	settle(f, "ns1", 7, 8);
	bind_to(f, "/proc/5/ns/net", 5, 100, 9);
	boot(f);
	assert_string_equal(found(f, "ns1"), "");
	/* The process is known by its start, which no other boot has again. */
	assert_string_equal(found(f, "/proc/5/ns/net"), "bound 5/100 0");
	reserve(f, "ns1");
	assert_string_equal(found(f, "ns1"), "ours 0/0");
}

static void a_process_is_bound(void **state)
{
	struct fixture *f = *state;

	bind_to(f, "/proc/5/ns/net", 5, 18446744073709551615u, 4026531999);
	assert_string_equal(found(f, "/proc/5/ns/net"),
			    "bound 5/18446744073709551615 4026531999");
	bind_to(f, "/proc/5/ns/net", 5, 200, 0);
	assert_string_equal(found(f, "/proc/5/ns/net"), "bound 5/200 0");
	settle(f, "/proc/5/ns/net", 0, 0);
	assert_string_equal(found(f, "/proc/5/ns/net"), "");
	/* Another program may write the column. */
	reserve(f, "ns1");
	assert_string_equal(found(f, "ns1"), "ours 0/0");
}

/* One commit for all: none, where one cannot be written. */
static void many_at_once(void **state)
{
	struct fixture *f = *state;
	static const char *const both[] = {"a", "b"};
	const struct netns_made made[] = {{"a", 1, 2}, {"b", 0, 0}};

	must(netns_registry_reserve(f->reg, both, 2));
	must(netns_registry_settle(f->reg, made, 2));
	assert_string_equal(found(f, "a"), "ours 1/2");
	assert_string_equal(found(f, "b"), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_made_is_ours),
		TEST(made_again_it_is_another),
		TEST(what_was_not_reserved_is_not_ours),
		TEST(nothing_outlives_the_boot),
		TEST(a_database_that_takes_nothing),
		TEST(a_process_is_bound),
		TEST(many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
