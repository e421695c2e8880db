/* Thousands of slaves; a host that changes while it is read. */
#include "tests/kernel/datapath/bench.h"

#include <stdio.h>
#include <time.h>

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double lap(const char *what, double start)
{
	printf("# %-40s %.3f s\n", what, now_s() - start);
	return now_s();
}

static void apply_all(struct plan_step *steps, size_t n)
{
	const struct plan_step **all = xcalloc(n, sizeof(*all));
	struct plan_result *results = xcalloc(n, sizeof(*results));

	for (size_t i = 0; i < n; i++)
		all[i] = &steps[i];
	kernel_provider.apply(dp, all, n, results);
	for (size_t i = 0; i < n; i++) {
		if (results[i].kind != PLAN_DONE)
			fail_at(__LINE__, err_text(results[i].error));
	}
	free(all);
	free(results);
}

/* As many slaves, each in its namespace, as IPVL_TEST_SLAVES says. */
void test_scale(void)
{
	const char *asked = getenv("IPVL_TEST_SLAVES");
	size_t n = asked ? (size_t)atoi(asked) : 100;
	struct model_master m = master_of("m0", MODEL_MODE_L3, MODEL_FLAG_BRIDGE);
	struct model_slave *s = arena_array(arena, n, sizeof(*s));
	struct model_netns *netns = arena_array(arena, n, sizeof(*netns));
	struct plan_step *steps = arena_array(arena, n, sizeof(*steps));
	struct model_route r = route_of("0.0.0.0/0", NULL);
	struct model scope = {
		.masters = &m, .n_masters = 1, .namespaces = netns, .n_namespaces = n};
	struct model *have;
	const struct heard *heard;
	struct arena *a;
	struct err *e;
	double t;

	RUN("ip link set m0 up");
	for (size_t i = 0; i < n; i++) {
		netns[i] = (struct model_netns){.name = arena_printf(arena, "n%05zu", i),
						.is_wanted = true};
		s[i] = slave_of(netns[i].name, "eth0");
		s[i].routes = &r;
		s[i].n_routes = 1;
	}
	with_slaves(&m, s, n);
	t = now_s();
	seen_master(&m, DATAPATH_SCOPE);
	t = lap("read, nothing there", t);
	for (size_t i = 0; i < n; i++)
		steps[i] =
			(struct plan_step){.op = PLAN_OP_NETNS_ADD, .netns = &netns[i]};
	apply_all(steps, n);
	t = lap("namespaces made", t);
	heard = listen_for(0);
	t = lap("events", t);
	e = kernel_provider.observe(dp, &scope, DATAPATH_SCOPE, arena, &have);
	CHECK(!e);
	t = lap("read, namespaces there", t);
	for (size_t i = 0; i < n; i++)
		steps[i] = step_of(PLAN_OP_LINK_ADD, &m, &s[i], NULL);
	apply_all(steps, n);
	t = lap("slaves made", t);
	for (size_t i = 0; i < n; i++) {
		steps[i] = step_of(PLAN_OP_ADDR_ADD, &m, &s[i], NULL);
		steps[i].u.address =
			prefix(arena_printf(arena, "10.%zu.%zu.2/24", i / 250, i % 250));
	}
	apply_all(steps, n);
	t = lap("addresses added", t);
	for (size_t i = 0; i < n; i++)
		steps[i] = route_step(PLAN_OP_ROUTE_ADD, &m, &s[i], &r);
	apply_all(steps, n);
	t = lap("routes added", t);
	heard = listen_for(0);
	printf("# %d events: %.80s\n", heard->n, heard->text);
	t = lap("events", t);
	e = kernel_provider.observe(dp, &scope, DATAPATH_SCOPE, arena, &have);
	CHECK(!e);
	t = lap("read all slaves", t);
	for (size_t i = 0; i < n; i++) {
		CHECK(have->masters[0].slaves[i].n_addresses == 2);
		CHECK(have->masters[0].slaves[i].n_routes == 1);
	}
	e = kernel_provider.observe(dp, &scope, DATAPATH_EVERYTHING, arena, &have);
	CHECK(!e && have->masters[0].n_slaves == n);
	t = lap("read everything", t);
	m.n_slaves = 1;
	a = arena_new();
	e = kernel_provider.observe(dp, &(struct model){&m, 1, NULL, 0}, DATAPATH_SCOPE,
				    a, &have);
	CHECK(!e);
	t = lap("read one slave", t);
	e = kernel_provider.observe(dp, &(struct model){&m, 1, NULL, 0}, DATAPATH_PORTS,
				    a, &have);
	CHECK(!e);
	t = lap("read one port", t);
	arena_free(a);
	m.n_slaves = n;
	for (size_t i = 0; i < n / 10; i++)
		steps[i] = step_of(PLAN_OP_LINK_DEL, &m, NULL, &s[i]);
	apply_all(steps, n / 10);
	t = lap("a tenth of the slaves deleted", t);
	for (size_t i = 0; i < n; i++)
		steps[i] =
			(struct plan_step){.op = PLAN_OP_NETNS_DEL, .netns = &netns[i]};
	apply_all(steps, n);
	t = lap("namespaces removed", t);
	heard = listen_for(300);
	printf("# %d events: %.80s\n", heard->n, heard->text);
	/* Our own work is no news but for the master's. */
	CHECK(!strstr(heard->text, "slave ") && !strstr(heard->text, "netns "));
}

/* While strangers make and remove namespaces and devices, a read is whole or says that it
 * is not. */
void test_churn(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s[] = {slave_of("ns1", "a"), slave_of("ns2", "b")};
	struct model scope = {.masters = &m, .n_masters = 1};
	int n_interrupted = 0;

	with_slaves(&m, s, 2);
	add_netns("ns1");
	add_netns("ns2");
	add_link(&m, &s[0]);
	add_link(&m, &s[1]);
	add_addr(&m, &s[0], "10.0.0.2/24");
	RUN("(while :; do ip netns add c1; ip -n c1 link add name x type dummy; ip link "
	    "add name v"
	    " link m0 type ipvlan mode l2; ip link set v netns c1; ip netns del c1; done)"
	    " >/dev/null 2>&1 & echo $! >/run/pid");
	for (int i = 0; i < 60; i++) {
		struct arena *a = arena_new();
		struct model *have;
		struct err *e = kernel_provider.observe(
			dp, &scope, i % 2 ? DATAPATH_EVERYTHING : DATAPATH_SCOPE, a,
			&have);

		if (e) {
			CHECK(e->code == ERR_INTERRUPTED);
			n_interrupted++;
		} else {
			CHECK(have->masters[0].n_slaves == 2);
			for (size_t k = 0; k < 2; k++)
				CHECK(have->masters[0].slaves[k].seen.presence ==
				      MODEL_OURS);
			CHECK(have->masters[0].slaves[0].n_addresses == 2);
			CHECK(have->masters[0].seen.has_ours);
		}
		err_free(e);
		arena_free(a);
		listen_for(5);
	}
	RUN("kill $(cat /run/pid)");
	printf("# %d of 60 interrupted\n", n_interrupted);
	CHECK(n_interrupted < 20);
}
