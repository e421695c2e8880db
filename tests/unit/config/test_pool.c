/* Pools: which addresses they have, who gets which, and what the validator refuses. */
#include "world.h"

#include "config/pool/lease.h"
#include "config/pool/pool_check.h"
#include "config/pool/pool_rows.h"
#include "config/pool/pool_space.h"
#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static const char pools[] = "pools:\n"
			    "  - name: lan\n"
			    "    subnets: [10.0.0.0/29, \"2001:db8::/64\"]\n"
			    "    gateway: [10.0.0.1, \"2001:db8::1\"]\n";

/* A file with these pools and masters. */
static bool apply(struct world *w, const char *file, const char *declared,
		  const char *masters, char **ret_said)
{
	CLEANUP(freep)
	char *yaml = xasprintf("version: 1\n%smasters:\n%s", declared, masters);

	return world_apply(w, file, yaml, ret_said);
}

static void must_apply(struct world *w, const char *masters)
{
	CLEANUP(freep) char *said = NULL;

	if (!apply(w, "a.yaml", pools, masters, &said))
		fail_msg("%s", said);
}

/* "10.0.0.2/29 2001:db8::2/64 | default via 10.0.0.1 | 2 leases" */
static void expect(struct world *w, const char *slave, const char *is)
{
	const struct row *r = world_slave(w, NULL, slave);
	const struct column_schema *const sets[] = {w->c.slave.addresses,
						    w->c.slave.routes};
	char text[512] = "", *end = text;

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		const struct datum *d = row_get(r, sets[i]);

		for (uint32_t k = 0; k < d->n; k++)
			end += sprintf(end, "%s%s", k ? " " : "",
				       datum_keys(d)[k].string);
		end += sprintf(end, " | ");
	}
	sprintf(end, "%u leases", row_get(r, w->c.slave.leases)->n);
	assert_string_equal(text, is);
}

static size_t count_leases(const struct world *w)
{
	return table_count(w->c.lease.table);
}

/* --- the addresses of a pool --- */

static struct pool read_pool(struct world *w, struct arena *a, const char *yaml)
{
	CLEANUP(freep) char *text = xasprintf("version: 1\npools: [%s]\n", yaml);
	struct document *d = world_document("p.yaml", text);
	size_t n;
	struct txn *t = world_begin(w, false);
	struct row *r = pool_rows_add(&w->c, t, "", &document_pools(d, &n)[0]);
	struct pool p;
	struct err *e = pool_rows_read(&w->c, t, r, a, &p);

	assert_null(e);
	txn_free(t);
	document_free(d);
	return p;
}

static void space_is(struct world *w, const char *yaml, uint8_t family, uint64_t count,
		     const char *first, const char *last)
{
	struct arena *a = arena_new();
	struct pool p = read_pool(w, a, yaml);
	struct pool_space s;
	char buf[IP_TEXT_BYTES];
	struct ip_addr addr;

	pool_space_init(&p, family, a, &s);
	assert_true(pool_space_count(&s) == count);
	if (count) {
		addr = pool_space_at(&s, 0);
		assert_string_equal(ip_addr_format(&addr, buf), first);
		addr = pool_space_at(&s, count - 1);
		assert_string_equal(ip_addr_format(&addr, buf), last);
	}
	arena_free(a);
}

static void addresses_of_a_pool(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
#define SUBNETS "{name: p, subnets: "
	space_is(&w, SUBNETS "[10.0.0.0/24]}", AF_INET, 254, "10.0.0.1", "10.0.0.254");
	space_is(&w, SUBNETS "[10.0.0.0/24]}", AF_INET6, 0, "", "");
	space_is(&w, SUBNETS "[10.0.0.0/31]}", AF_INET, 2, "10.0.0.0", "10.0.0.1");
	space_is(&w, SUBNETS "[10.0.0.4/32]}", AF_INET, 1, "10.0.0.4", "10.0.0.4");
	space_is(&w, SUBNETS "[10.0.0.0/29, 10.1.0.0/29], gateway: [10.0.0.1, 10.1.0.6]}",
		 AF_INET, 10, "10.0.0.2", "10.1.0.5");
	space_is(&w,
		 SUBNETS "[10.0.0.0/24], ranges: [10.0.0.250-10.0.0.255, 10.0.0.0/30]}",
		 AF_INET, 8, "10.0.0.1", "10.0.0.254");
	space_is(&w,
		 SUBNETS
		 "[10.0.0.0/24], ranges: [10.0.0.10-10.0.0.20, "
		 "10.0.0.15-10.0.0.30], excluded: [10.0.0.10, 10.0.0.12-10.0.0.29]}",
		 AF_INET, 2, "10.0.0.11", "10.0.0.30");
	space_is(&w, SUBNETS "[10.0.0.0/30], excluded: [10.0.0.1-10.0.0.2]}", AF_INET, 0,
		 "", "");
	space_is(&w, SUBNETS "[\"2001:db8::/126\"]}", AF_INET6, 3, "2001:db8::1",
		 "2001:db8::3");
	space_is(&w, SUBNETS "[\"2001:db8::/64\"]}", AF_INET6, UINT64_MAX, "2001:db8::1",
		 "2001:db8::ffff:ffff:ffff:ffff");
	world_clear(&w);
}

/* --- who gets what --- */

static void a_slave_gets_an_address_of_each_family(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	must_apply(&w,
		   "  - name: eth0\n    mode: l2\n    slaves:\n"
		   "      - {name: a, netns: n1, pool: lan}\n"
		   "      - {name: b, netns: n2, pool: lan, addresses: [10.0.0.2/29]}\n"
		   "      - {name: c, netns: n3, addresses: [10.0.0.3/29]}\n"
		   "      - {name: d, netns: n4, pool: lan, addresses: "
		   "[\"2001:db8::d/64\", 10.9.0.1/24], routes: [{to: default, via: "
		   "10.0.0.6}]}\n");
	expect(&w, "n1/a",
	       "10.0.0.4/29 2001:db8::2/64 | default via 10.0.0.1 default via "
	       "2001:db8::1 | 2 leases");
	expect(&w, "n2/b",
	       "10.0.0.2/29 2001:db8::3/64 | default via 10.0.0.1 default via "
	       "2001:db8::1 | 2 leases");
	expect(&w, "n3/c", "10.0.0.3/29 |  | 0 leases");
	expect(&w, "n4/d",
	       "10.0.0.5/29 10.9.0.1/24 2001:db8::d/64 | default via 10.0.0.6 default "
	       "via 2001:db8::1 | 2 leases");
	assert_int_equal(count_leases(&w), 6);
	world_clear(&w);
}

static void leases_stay_and_go_with_their_slaves(void **state)
{
	struct world w;
	CLEANUP(freep) char *before = NULL;
	CLEANUP(freep) char *after = NULL;

	(void)state;
	world_init(&w);
	must_apply(&w, "  - name: eth0\n    mode: l2\n    slaves:\n"
		       "      - {name: a, netns: n1, pool: lan}\n"
		       "      - {name: b, netns: n2, pool: lan}\n");
	before = world_dump(&w);
	must_apply(&w, "  - name: eth0\n    mode: l2\n    slaves:\n"
		       "      - {name: a, netns: n1, pool: lan}\n"
		       "      - {name: b, netns: n2, pool: lan}\n");
	after = world_dump(&w);
	assert_string_equal(before, after);
	/* A slave that comes first by name gets none that another has. */
	must_apply(&w, "  - name: eth0\n    mode: l2\n    slaves:\n"
		       "      - {name: A, netns: n0, pool: lan}\n"
		       "      - {name: b, netns: n2, pool: lan}\n");
	expect(&w, "n2/b",
	       "10.0.0.3/29 2001:db8::3/64 | default via 10.0.0.1 default via "
	       "2001:db8::1 | 2 leases");
	assert_int_equal(count_leases(&w), 4);
	must_apply(&w, "  - {name: eth0, mode: l2}\n");
	assert_int_equal(count_leases(&w), 0);
	/* The last file is gone, and the pool with it. */
	assert_true(apply(&w, "a.yaml", "", "  - {name: eth0, mode: l2}\n", NULL));
	assert_int_equal(table_count(w.c.pool.table), 0);
	world_clear(&w);
}

static void a_pool_that_changes_changes_its_slaves(void **state)
{
	struct world w;
	static const char masters[] = "  - name: eth0\n    mode: l2\n    slaves:\n"
				      "      - {name: a, netns: n1, pool: p}\n";

	(void)state;
	world_init(&w);
	assert_true(
		apply(&w, "a.yaml",
		      "pools: [{name: p, subnets: [10.0.0.0/24], gateway: 10.0.0.1}]\n",
		      masters, NULL));
	expect(&w, "n1/a", "10.0.0.2/24 | default via 10.0.0.1 | 1 leases");
	assert_true(
		apply(&w, "a.yaml",
		      "pools: [{name: p, subnets: [10.0.0.0/25], gateway: 10.0.0.9}]\n",
		      masters, NULL));
	expect(&w, "n1/a", "10.0.0.2/25 | default via 10.0.0.9 | 1 leases");
	/* Its lease is of no subnet any more. */
	assert_true(apply(&w, "a.yaml", "pools: [{name: p, subnets: [10.5.0.0/25]}]\n",
			  masters, NULL));
	expect(&w, "n1/a", "10.5.0.1/25 |  | 1 leases");
	assert_int_equal(count_leases(&w), 1);
	world_clear(&w);
}

static void refusals(void **state)
{
	static const char *const said[][2] = {
		{"{name: a, netns: n, pool: lam}", "no such pool: lam"},
		{"{name: a, netns: n, pool: lan, addresses: [10.0.0.1/29]}",
		 "10.0.0.1 is the gateway of pool lan"},
		{"{name: a, netns: n, pool: small}\n"
		 "      - {name: b, netns: n2, pool: small}\n"
		 "      - {name: c, netns: n3, pool: small}",
		 "pool small is full: all its 2 IPv4 addresses (10.7.0.0/30) are in use"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		CLEANUP(freep)
		char *declared =
			xasprintf("%s  - {name: small, subnets: [10.7.0.0/30]}\n", pools);
		CLEANUP(freep)
		char *masters = xasprintf(
			"  - name: eth0\n    mode: l2\n    slaves:\n      - %s\n",
			said[i][0]);
		CLEANUP(freep) char *complaints = NULL;

		assert_false(apply(&w, "a.yaml", declared, masters, &complaints));
		if (!strstr(complaints, said[i][1]))
			fail_msg("%s", complaints);
	}
	assert_int_equal(table_count(w.c.pool.table), 0);
	world_clear(&w);
}

static void two_files(void **state)
{
	static const char slave[] = "  - name: eth0\n    mode: l2\n    slaves:\n"
				    "      - {name: b, netns: n2, pool: lan}\n";
	CLEANUP(freep) char *complaints = NULL;
	struct world w;

	(void)state;
	world_init(&w);
	must_apply(&w, "  - name: eth0\n    mode: l2\n    slaves:\n"
		       "      - {name: a, netns: n1, pool: lan}\n");
	assert_true(apply(&w, "b.yaml", "", slave, NULL));
	expect(&w, "n2/b",
	       "10.0.0.3/29 2001:db8::3/64 | default via 10.0.0.1 default via "
	       "2001:db8::1 | 2 leases");
	assert_false(apply(&w, "b.yaml", "pools: [{name: lan, subnets: [10.0.0.0/24]}]\n",
			   slave, &complaints));
	assert_non_null(strstr(complaints, "pool lan is declared differently by a.yaml"));
	/* A pool that is still in use has no source any more, and stays. */
	assert_true(apply(&w, "a.yaml", "", "  - {name: eth0, mode: l2}\n", NULL));
	assert_int_equal(table_count(w.c.pool.table), 1);
	assert_int_equal(count_leases(&w), 2);
	world_clear(&w);
}

/* --- what other clients may not do --- */

static void leases_and_addresses_are_one(void **state)
{
	struct world w;
	struct txn *t;
	struct row *r;

	(void)state;
	world_init(&w);
	must_apply(&w, "  - name: eth0\n    mode: l2\n    slaves:\n"
		       "      - {name: a, netns: n1, pool: lan}\n"
		       "      - {name: b, netns: n2, addresses: [10.0.0.6/29]}\n");
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "n2/b"), "pool=lan");
	world_expect_refused(t, "it has 1 address of pool lan, and 0 leases");
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "n1/a"), "pool=");
	world_expect_refused(t, "is of another pool");
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "n1/a"), "addresses=10.0.0.3/29 routes=");
	world_expect_refused(t, ", and not the address");
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "n2/b"), "addresses=10.9.0.6/29 pool=lan");
	world_expect_refused(t, "it has no address of pool lan");
	t = world_begin(&w, false);
	r = pool_rows_find(&w.c, t, "", "lan");
	world_set(&w, t, r, "subnets=10.0.0.0/30 gateway=");
	world_expect_refused(t, "outside every subnet that it would have (10.0.0.0/30)");
	t = world_begin(&w, false);
	txn_delete(t, pool_rows_find(&w.c, t, "", "lan"));
	world_expect_refused(t, "pool lan is in use by n1/a");
	world_clear(&w);
}

/* Of two clients that choose at the same time, the second is refused by the index alone. */
static void an_address_is_leased_once(void **state)
{
	struct world w;
	struct txn *t, *late;
	struct leases *l;
	struct model_slave s = model_slave_named("n2", "b");
	struct arena *a = arena_new();
	struct row *master, *r;
	struct err *e;

	(void)state;
	world_init(&w);
	must_apply(&w, "  - {name: eth0, mode: l2}\n");
	late = world_begin(&w, false);
	master = world_master(&w, late, "eth0");
	l = lease_new(&w.c, late, 1);
	s.pool = "lan";
	e = lease_complete(l, master, NULL, a, &s);
	assert_null(e);
	r = rows_add_slave(&w.c, late, master, &s);
	lease_write(l, r);
	lease_free(l);
	assert_false(lease_is_lost(&w.c, late));

	t = world_begin(&w, false);
	l = lease_new(&w.c, t, 2);
	s = model_slave_named("n3", "c");
	s.pool = "lan";
	s.addresses = arena_array(a, 1, sizeof(*s.addresses));
	s.addresses[0] = (struct ip_prefix){{AF_INET, {10, 0, 0, 2}}, 29};
	s.n_addresses = 1;
	e = lease_complete(l, world_master(&w, t, "eth0"), NULL, a, &s);
	assert_null(e);
	lease_write(l, rows_add_slave(&w.c, t, world_master(&w, t, "eth0"), &s));
	lease_free(l);
	world_commit(t);
	assert_true(lease_is_lost(&w.c, late));
	txn_free(late);
	arena_free(a);
	world_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_a_pool),
		cmocka_unit_test(a_slave_gets_an_address_of_each_family),
		cmocka_unit_test(leases_stay_and_go_with_their_slaves),
		cmocka_unit_test(a_pool_that_changes_changes_its_slaves),
		cmocka_unit_test(refusals),
		cmocka_unit_test(two_files),
		cmocka_unit_test(leases_and_addresses_are_one),
		cmocka_unit_test(an_address_is_leased_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
