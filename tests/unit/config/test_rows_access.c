/* Slave.host_access: the routes that it stands for. */
#include "world.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The routes of a slave with those of its access, joined by ", ". */
static void expect_routes(struct world *w, const struct txn *t, const char *slave,
			  const char *right)
{
	const struct row *r = world_slave(w, t, slave);
	struct arena *a = arena_new();
	const char *got = "";
	struct model_slave s;

	assert_null(rows_read_slave(&w->c, t, r, a, &s));
	rows_add_access_routes(&w->c, t, rows_master_of(&w->c, t, r), a, &s);
	for (size_t i = 0; i < s.n_routes; i++)
		got = arena_printf(a, "%s%s%s", got, i ? ", " : "",
				   model_route_text(a, &s.routes[i]));
	assert_string_equal(got, right);
	arena_free(a);
}

/* eth0 with a slave "shim" that has access and 'columns', and slaves in ns1 and ns2; eth1 with
 * one in ns3. */
static struct txn *begin(struct world *w, const char *mode, const char *columns)
{
	struct txn *t = world_begin(w, false);
	struct row *m = world_add_master(w, t, "eth0", mode);
	struct row *other = world_add_master(w, t, "eth1", mode);

	world_set(w, t, world_add_slave(w, t, m, "shim", "host_access=true"), columns);
	world_add_slave(w, t, m, "ns2/b", "addresses=10.0.0.3/24");
	world_add_slave(w, t, m, "ns1/a", "addresses=2001:db8::2/64,10.0.0.2/24");
	world_add_slave(w, t, other, "ns3/c", "addresses=10.0.0.4/24");
	return t;
}

static void to_the_slaves_of_the_master(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init(&w);
	t = begin(&w, "mode=l3", "");
	expect_routes(&w, t, "shim", "10.0.0.2/32, 10.0.0.3/32, 2001:db8::2/128");
	world_add_slave(&w, t, world_master(&w, t, "eth0"), "ns4/off",
			"addresses=10.0.0.5/24 enabled=false");
	world_add_slave(&w, t, world_master(&w, t, "eth0"), "local",
			"addresses=10.0.0.6/24");
	expect_routes(&w, t, "shim", "10.0.0.2/32, 10.0.0.3/32, 2001:db8::2/128");
	world_commit(t);
	/* Without a transaction, the committed rows. */
	expect_routes(&w, NULL, "shim", "10.0.0.2/32, 10.0.0.3/32, 2001:db8::2/128");
	world_clear(&w);
}

/* In mode l2 only what can answer: of a family that the slave has an address of. */
static void of_the_families_that_answer(void **state)
{
	static const struct {
		const char *addresses, *routes;
	} cases[] = {
		{"addresses=10.0.0.250/32", "10.0.0.2/32, 10.0.0.3/32"},
		{"addresses=2001:db8::250/128", "2001:db8::2/128"},
		{"addresses=10.0.0.250/32,2001:db8::250/128",
		 "10.0.0.2/32, 10.0.0.3/32, 2001:db8::2/128"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;
		struct txn *t;

		world_init(&w);
		t = begin(&w, "mode=l2", cases[i].addresses);
		expect_routes(&w, t, "shim", cases[i].routes);
		world_commit(t);
		world_clear(&w);
	}
}

static void own_routes_stay(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init(&w);
	t = begin(&w, "mode=l3", "routes=10.0.0.2/32+mtu+1400,192.168.9.0/24");
	expect_routes(&w, t, "shim",
		      "10.0.0.2/32 mtu 1400, 10.0.0.3/32, 192.168.9.0/24, "
		      "2001:db8::2/128");
	world_commit(t);
	world_clear(&w);
}

/* Of several in one namespace, the first by name that is enabled. */
static void one_in_each_namespace(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init(&w);
	t = begin(&w, "mode=l3", "");
	world_add_slave(&w, t, world_master(&w, t, "eth0"), "rear", "host_access=true");
	world_add_slave(&w, t, world_master(&w, t, "eth0"), "tail", "");
	expect_routes(&w, t, "shim", "");
	expect_routes(&w, t, "rear", "10.0.0.2/32, 10.0.0.3/32, 2001:db8::2/128");
	world_set(&w, t, world_slave(&w, t, "rear"), "enabled=false");
	expect_routes(&w, t, "shim", "10.0.0.2/32, 10.0.0.3/32, 2001:db8::2/128");
	world_commit(t);
	world_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_the_slaves_of_the_master),
		cmocka_unit_test(of_the_families_that_answer),
		cmocka_unit_test(own_routes_stay),
		cmocka_unit_test(one_in_each_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
