/* What it costs to judge a change among many slaves, and how many there may be. */
#include "world.h"

#include "config/valid/rule.h"
#include "config/valid/valid.h"
#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MANY 10000

static long long cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* One change among many siblings costs a small part of what all of them cost: it does not
 * read every sibling in full. */
static void test_many(void **state)
{
	struct world w;
	struct txn *t;
	struct model_slave *slaves = xcalloc(MANY, sizeof(*slaves));
	struct ip_prefix *addresses = xcalloc(MANY, sizeof(*addresses));
	struct datum set;
	long long begin_us, all_us, one_us;
	struct row *m;
	struct err *e;

	(void)state;
	world_init(&w);
	t = world_begin(&w, false);
	m = world_add_master(&w, t, "eth0", "");
	datum_init_empty(&set);
	for (unsigned int i = 0; i < MANY; i++) {
		char *netns = xasprintf("ns%u", i);

		addresses[i] = (struct ip_prefix){
			.addr = {.family = 2,
				 .bytes = {10, (uint8_t)(i >> 8), (uint8_t)i, 1}},
			.len = 24};
		slaves[i] = (struct model_slave){.netns = netns,
						 .name = "eth0",
						 .addresses_managed = true,
						 .addresses = &addresses[i],
						 .n_addresses = 1,
						 .nameservers = "",
						 .search = "",
						 .alias = "",
						 .vrf = "",
						 .pool = ""};
		datum_append(&set,
			     (union atom){.uuid = *row_uuid(rows_new_slave(&w.c, t, "",
									   &slaves[i]))},
			     NULL);
		free(netns);
	}
	assert_null(datum_sort(&set, &w.c.master.slaves->type));
	txn_set(t, m, w.c.master.slaves, &set);
	begin_us = cpu_us();
	world_commit(t);
	all_us = cpu_us() - begin_us;

	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, NULL, "ns77/eth0"), "addresses=10.0.78.1/24");
	begin_us = cpu_us();
	e = db_commit_check(t);
	one_us = cpu_us() - begin_us;
	assert_non_null(strstr(e->message, "is also an address of ns78/eth0"));
	err_free(e);
	txn_free(t);
	print_message("# %d slaves added: %lld us, one of them changed: %lld us\n", MANY,
		      all_us, one_us);
	assert_true(one_us * 10 < all_us);
	free(slaves);
	free(addresses);
	world_clear(&w);
}

static void count(void *aux, const struct valid_complaint *c)
{
	size_t *n = aux;

	(void)c;
	++*n;
}

static void test_slave_count(void **state)
{
	struct model_slave *slaves = xcalloc(VALID_SLAVES_MAX + 1, sizeof(*slaves));
	struct model_master m = {
		.netns = "", .name = "eth0", .vlan_link = "", .slaves = slaves};
	char(*names)[16] = xcalloc(VALID_SLAVES_MAX + 1, sizeof(*names));
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i <= VALID_SLAVES_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "s%zu", i);
		slaves[i] = (struct model_slave){.netns = "n",
						 .name = names[i],
						 .nameservers = "",
						 .search = "",
						 .alias = "",
						 .vrf = "",
						 .pool = ""};
	}
	m.n_slaves = VALID_SLAVES_MAX;
	valid_check_master(&m, count, &n);
	assert_int_equal(n, 0);
	m.n_slaves++;
	valid_check_master(&m, count, &n);
	assert_int_equal(n, 1);
	free(slaves);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_slave_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
