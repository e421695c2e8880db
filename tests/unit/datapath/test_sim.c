/* The simulator by the functions of sim.h: what it refuses, and its events. The
 * rules of docs/kernel.md are in tests/scenarios, on both kernels. */
#include "build.h"

#include "datapath/sim/sim_host.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static struct twin_link *link_of(struct bench *b, const char *netns, const char *name)
{
	struct twin_netns *s = twin_netns_find_alive(sim_world(b->dp), netns);

	assert_non_null(s);
	return twin_link_find(s, name);
}

static void add_ipvlan(struct bench *b, const char *netns, const char *name, int mode,
		       int flag)
{
	must(sim_add_link(b->dp, netns, name, "ipvlan", "eth0", mode, flag));
}

static void last_writer_sets_the_port(void **state)
{
	struct bench *b = *state;
	const struct twin_link *eth0 = link_of(b, "", "eth0");

	must(sim_add_netns(b->dp, "ns1"));
	add_ipvlan(b, "ns1", "a", MODEL_MODE_L2, MODEL_FLAG_VEPA);
	assert_int_equal(eth0->mode, MODEL_MODE_L2);
	add_ipvlan(b, "", "b", -1, -1);
	assert_int_equal(eth0->mode, MODEL_MODE_L3);
	assert_int_equal(eth0->flag, MODEL_FLAG_VEPA);
	must(sim_set_port(b->dp, "ns1", "a", MODEL_MODE_L3S, MODEL_FLAG_PRIVATE));
	assert_int_equal(eth0->mode, MODEL_MODE_L3S);
	must_fail(sim_set_port(b->dp, "ns1", "a", 7, 0), EINVAL);
	/* An ipvlan on an ipvlan is its sibling. */
	must(sim_add_link(b->dp, "", "c", "ipvlan", "ns1/a", MODEL_MODE_L2, 0));
	assert_ptr_equal(link_of(b, "", "c")->lower, eth0);
	assert_int_equal(eth0->mode, MODEL_MODE_L2);
}

static void masters_are_refused(void **state)
{
	struct bench *b = *state;

	must_fail(sim_add_link(b->dp, "", "a", "ipvlan", "lo", 0, 0), EINVAL);
	must_fail(sim_add_link(b->dp, "", "a", "ipvlan", "eth9", 0, 0), ENODEV);
	must(sim_add_link(b->dp, "", "mv", "macvlan", "eth0", -1, -1));
	must_fail(sim_add_link(b->dp, "", "a", "ipvlan", "eth0", 0, 0), EBUSY);
	must(sim_del_link(b->dp, "", "mv"));
	add_ipvlan(b, "", "a", 0, 0);
	must_fail(sim_add_link(b->dp, "", "mv", "macvlan", "eth0", -1, -1), EBUSY);
	must_fail(sim_add_link(b->dp, "", "br0", "bridge", "eth0", -1, -1), EBUSY);
	must(sim_add_link(b->dp, "", "eth0.5", "vlan", "eth0", -1, -1));
	must(sim_add_link(b->dp, "", "br0", "bridge", "eth1", -1, -1));
	must_fail(sim_add_link(b->dp, "", "b", "ipvlan", "eth1", 0, 0), EBUSY);
	must(sim_del_link(b->dp, "", "br0"));
	must(sim_add_link(b->dp, "", "b", "ipvlan", "eth1", 0, 0));
	must(sim_del_link(b->dp, "", "eth0"));
	assert_null(link_of(b, "", "a"));
	assert_null(link_of(b, "", "eth0.5"));
}

static void names_are_checked(void **state)
{
	struct bench *b = *state;

	must_fail(sim_add_link(b->dp, "", "eth1", "ipvlan", "eth0", 0, 0), EEXIST);
	must_fail(sim_add_link(b->dp, "", "0123456789abcdef", "ipvlan", "eth0", 0, 0),
		  ERANGE);
	must_fail(sim_add_link(b->dp, "", "a/b", "ipvlan", "eth0", 0, 0), EINVAL);
	must_fail(sim_add_link(b->dp, "", "", "ipvlan", "eth0", 0, 0), EINVAL);
	add_ipvlan(b, "", "a", 0, 0);
	must_fail(sim_rename_link(b->dp, "", "a", "eth1"), EEXIST);
	must(sim_rename_link(b->dp, "", "a", "b"));
	must(sim_set_link(b->dp, "", "b", true, 0));
	must_fail(sim_rename_link(b->dp, "", "b", "c"), EBUSY);
}

static void addresses_are_unique_on_a_port(void **state)
{
	struct bench *b = *state;
	struct err *e;

	must(sim_add_netns(b->dp, "ns1"));
	add_ipvlan(b, "ns1", "a", 0, 0);
	add_ipvlan(b, "", "b", 0, 0);
	must(sim_add_link(b->dp, "", "c", "ipvlan", "eth1", 0, 0));
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.2/24"));
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.2/24"));
	e = sim_add_addr(b->dp, "", "b", "10.0.0.2/16");
	assert_non_null(e);
	assert_string_equal(e->message, "Address already assigned to an ipvlan device");
	must_fail(e, EADDRINUSE);
	must_fail(sim_add_addr(b->dp, "ns1", "a", "10.0.0.2/16"), EADDRINUSE);
	must_fail(sim_add_addr(b->dp, "ns1", "a", "10.0.0.2/24"), EEXIST);
	must(sim_add_addr(b->dp, "ns1", "a", "2001:db8::2/64"));
	must_fail(sim_add_addr(b->dp, "ns1", "a", "2001:db8::2/48"), EEXIST);
	must(sim_add_addr(b->dp, "", "c", "10.0.0.2/24"));
	must_fail(sim_del_addr(b->dp, "", "b", "10.0.0.2/24"), EADDRNOTAVAIL);
}

/* kernel.md 7: the devices of a deleted namespace hold their addresses until they are
 * really gone. */
static void namespaces_die_in_the_background(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "ns1"));
	add_ipvlan(b, "ns1", "a", 0, 0);
	add_ipvlan(b, "", "b", 0, 0);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.2/24"));
	must(sim_del_netns(b->dp, "ns1"));
	must_fail(sim_add_addr(b->dp, "", "b", "10.0.0.2/24"), EADDRINUSE);
	bench_plan(b); /* time goes by */
	must(sim_add_addr(b->dp, "", "b", "10.0.0.2/24"));
	must_fail(sim_del_netns(b->dp, "ns1"), ENOENT);
}

static void mtu_follows_the_master(void **state)
{
	struct bench *b = *state;

	add_ipvlan(b, "", "a", 0, 0);
	must(sim_set_link(b->dp, "", "a", true, 9000));
	assert_int_equal(link_of(b, "", "a")->mtu, 9000);
	must(sim_set_link(b->dp, "", "eth0", true, 1400));
	assert_int_equal(link_of(b, "", "a")->mtu, 1400);
	must_fail(sim_set_link(b->dp, "", "a", true, 67), EINVAL);
	must_fail(sim_set_link(b->dp, "", "a", true, 65536), EINVAL);
}

/* kernel.md 8. */
static void down_and_up_loses(void **state)
{
	struct bench *b = *state;
	struct model_route r = route("default via 10.0.0.1");

	struct model_route on_link = route("10.9.0.0/24");

	add_ipvlan(b, "", "a", 0, 0);
	must_fail(sim_add_route(b->dp, "", "a", &on_link, false), ENETDOWN);
	must_fail(sim_add_route(b->dp, "", "a", &r, false), ENETUNREACH);
	must(sim_set_link(b->dp, "", "a", true, 0));
	must_fail(sim_add_route(b->dp, "", "a", &r, false), ENETUNREACH);
	must(sim_add_addr(b->dp, "", "a", "10.0.0.2/24"));
	must(sim_add_addr(b->dp, "", "a", "2001:db8::2/64"));
	must(sim_add_route(b->dp, "", "a", &r, false));
	must_fail(sim_add_route(b->dp, "", "a", &r, true), EEXIST);
	must(sim_set_link(b->dp, "", "a", false, 0));
	must(sim_set_link(b->dp, "", "a", true, 0));
	assert_int_equal(link_of(b, "", "a")->n_addresses, 1);
	must_fail(sim_del_route(b->dp, "", "a", &r), ESRCH);
	must(sim_add_route(b->dp, "", "a", &r, false));
	must(sim_del_addr(b->dp, "", "a", "10.0.0.2/24"));
	must_fail(sim_del_route(b->dp, "", "a", &r), ESRCH);
}

static void vlan_hangs_on_its_link(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	must(sim_add_link(b->dp, "", "eth0.5", "vlan", "eth0", -1, -1));
	must_fail(sim_set_link(b->dp, "", "eth0.5", true, 0), ENETDOWN);
	must(sim_set_link(b->dp, "", "eth0", true, 0));
	assert_true(link_of(b, "", "eth0.5")->is_up);
	must_fail(sim_set_link(b->dp, "", "eth0.5", true, 1600), ERANGE);
	must(sim_set_link(b->dp, "", "eth0", true, 1400));
	assert_int_equal(link_of(b, "", "eth0.5")->mtu, 1400);
}

static bool is_readable(struct bench *b)
{
	struct pollfd p = {.fd = datapath_event_fd(b->dp), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static char heard[4096];

static void hear(void *aux, const struct datapath_event *e)
{
	static const char *const kinds[] = {"master", "slave", "netns", "all"};
	size_t n = strlen(heard);

	(void)aux;
	snprintf(heard + n, sizeof(heard) - n, "%s %s/%s: %s\n", kinds[e->kind], e->netns,
		 e->name, e->what);
}

static const char *drain(struct bench *b)
{
	heard[0] = '\0';
	datapath_drain(b->dp, hear, NULL);
	return heard;
}

/* kernel.md 14: a namespace is heard once it has an id, which an observation gives it. */
static void changes_of_others_are_events(void **state)
{
	struct bench *b = *state;
	const char *said;

	assert_false(is_readable(b));
	must(sim_add_netns(b->dp, "ns1"));
	assert_true(is_readable(b));
	assert_string_equal(drain(b), "netns ns1/: appeared\n");
	assert_false(is_readable(b));
	want_master(b, "eth0", MODEL_MODE_L2);
	add_ipvlan(b, "ns1", "x", 0, 0);
	assert_string_equal(drain(b), "slave /eth0: \nmaster /eth0: \n");
	bench_plan(b);
	add_ipvlan(b, "ns1", "a", 0, 0);
	assert_string_equal(
		drain(b),
		"master /eth0: \nslave ns1/a: \n"
		"master /eth0: the ipvlan ns1/a, which is not ours, is on it\n");
	want_slave(b, &b->want.masters[0], "ns1", "a", "");
	bench_plan(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.2/24"));
	must(sim_del_addr(b->dp, "ns1", "a", "10.0.0.2/24"));
	assert_non_null(strstr(drain(b), "slave ns1/a: address 10.0.0.2/24 removed"));
	/* kernel.md 15: the report still has the old mode. */
	must(sim_set_port(b->dp, "ns1", "a", MODEL_MODE_L3, 0));
	said = drain(b);
	assert_non_null(strstr(said, "master /eth0: \n"));
	assert_null(strstr(said, "mode l2"));
	must(sim_set_port(b->dp, "ns1", "a", MODEL_MODE_L3S, MODEL_FLAG_VEPA));
	assert_string_equal(drain(b), "");
	must(sim_set_link(b->dp, "ns1", "a", true, 0));
	(void)drain(b);
	must(sim_set_port(b->dp, "ns1", "a", MODEL_MODE_L3, MODEL_FLAG_VEPA));
	assert_non_null(strstr(drain(b), "master /eth0: mode l3s -> l3\n"));
	/* kernel.md 14: the end of a namespace's device is told by its master. */
	must(sim_del_netns(b->dp, "ns1"));
	assert_true(is_readable(b));
	assert_string_equal(drain(b), "netns ns1/: is gone\nmaster /eth0: \n");
}

/* What happened to an address of ours, in the words of the record of drift. */
static void addresses_in_events(void **state)
{
	struct bench *b = *state;
	struct twin_request r = {.kind = TWIN_ADDR_NEW,
				 .flags = TWIN_REPLACE,
				 .netns = "ns1",
				 .name = "a"};

	want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "ns1", "a", "10.0.0.2/24");
	bench_converge(b);
	(void)drain(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.9/24"));
	assert_string_equal(drain(b), "slave ns1/a: address 10.0.0.9/24 added\n");
	must(ip_prefix_parse("10.0.0.2/24", &r.u.addr.address));
	r.u.addr.valid_s = r.u.addr.preferred_s = 60;
	r.u.addr.sent = TWIN_ADDR_LIFETIME;
	must(sim_request(b->dp, &r));
	assert_string_equal(drain(b),
			    "slave ns1/a: address 10.0.0.2/24 got a lifetime\n");
	/* Valid for ever, but not preferred. */
	r.u.addr.valid_s = UINT32_MAX;
	must(sim_request(b->dp, &r));
	assert_string_equal(drain(b),
			    "slave ns1/a: address 10.0.0.2/24 got a lifetime\n");
	must(sim_del_addr(b->dp, "ns1", "a", "10.0.0.2/24"));
	assert_non_null(strstr(drain(b), "slave ns1/a: address 10.0.0.2/24 removed\n"));
}

static void own_work_is_no_event(void **state)
{
	struct bench *b = *state;

	want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "ns1", "a", "10.0.0.2/24");
	bench_plan(b);
	bench_apply(b);
	/* The kernel reports it of the master, as of any that a device was put on. */
	assert_string_equal(drain(b), "master /eth0: \n");
	bench_is_settled(b);
	assert_string_equal(drain(b), "");
}

/* Like the kernel provider: what has become another program's is not touched. */
static void refuses_what_is_not_ours(void **state)
{
	struct bench *b = *state;
	const struct plan_step *steps[1];
	struct plan_result result = {0};

	want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "", "a", "");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	bench_plan(b);
	steps[0] = find_step(b, PLAN_OP_LINK_DEL, NULL, NULL);
	must(sim_del_link(b->dp, "", "a"));
	add_ipvlan(b, "", "a", MODEL_MODE_L2, 0);
	datapath_apply(b->dp, steps, 1, &result);
	assert_int_equal(result.kind, PLAN_DONE);
	assert_non_null(link_of(b, "", "a"));
	assert_null(sim_violation(b->dp));
}

/* The judge: a step on what an observation has shown as foreign is a fault of the plan. */
static void accuses(void **state)
{
	struct bench *b = *state;
	const struct model_master *m;
	const struct plan_step *steps[1];
	struct plan_result result = {0};
	struct plan_step s = {.op = PLAN_OP_LINK_SET};

	add_ipvlan(b, "", "a", MODEL_MODE_L2, 0);
	m = want_master(b, "eth0", MODEL_MODE_L2);
	s.want = want_slave(b, &b->want.masters[0], "", "a", "");
	s.master = m;
	bench_plan(b);
	steps[0] = &s;
	datapath_apply(b->dp, steps, 1, &result);
	assert_int_equal(result.kind, PLAN_FAILED);
	must_fail(result.error, EEXIST);
	assert_string_equal(sim_violation(b->dp),
			    "link_set touched device a, which is not ours");
}

/* What a preview is tried on: rules and routes that are left of ours where no slave is, and
 * the ports of masters whose slaves are not shown. */
static void a_loaded_world_has_what_was_seen(void **state)
{
	struct bench *b = *state, other = {.arena = b->arena};
	struct datapath_config config = {.mark = 4711,
					 .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct twin_request rule = {.kind = TWIN_RULE_NEW,
				    .flags = TWIN_CREATE | TWIN_EXCL,
				    .netns = "ns2",
				    .u.rule = {.rule = {.priority = 500, .table = 77},
					       .protocol = DATAPATH_ROUTE_PROTOCOL,
					       .has_priority = true}};
	struct twin_request reject = {.kind = TWIN_ROUTE_NEW,
				      .flags = TWIN_CREATE | TWIN_EXCL,
				      .netns = "ns2",
				      .u.route = {.route = route("10.66.0.0/16"),
						  .type = TWIN_ROUTE_BLACKHOLE,
						  .protocol = DATAPATH_ROUTE_PROTOCOL}};
	const char *plan;

	must(sim_add_netns(b->dp, "ns1"));
	must(sim_add_netns(b->dp, "ns2"));
	must(ip_prefix_parse("10.0.0.2/32", &rule.u.rule.rule.from));
	must(sim_request(b->dp, &rule));
	must(sim_request(b->dp, &reject));
	add_ipvlan(b, "ns1", "a", MODEL_MODE_L3S, MODEL_FLAG_VEPA);
	must(sim_add_link(b->dp, "ns1", "b", "ipvlan", "eth1", MODEL_MODE_L2, 0));
	want_master(b, "eth0", MODEL_MODE_L3S);
	want_master(b, "eth1", MODEL_MODE_L3);
	bench_plan(b);
	plan = bench_text(b);
	assert_non_null(strstr(plan, "from 10.0.0.2"));
	assert_non_null(strstr(plan, "10.66.0.0/16"));

	must(datapath_open(&sim_provider, &config, &other.dp));
	other.want = b->want;
	sim_load(other.dp, b->have);
	bench_plan(&other);
	assert_string_equal(bench_text(&other), plan);
	assert_int_equal(other.have->n_masters, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(other.have->masters[i].seen.has_port);
		assert_int_equal(other.have->masters[i].seen.mode,
				 b->have->masters[i].seen.mode);
		assert_int_equal(other.have->masters[i].seen.flag,
				 b->have->masters[i].seen.flag);
	}
	datapath_close(other.dp);
}

/* Masters whose slaves are not shown, but that there are some of ours. */
static void a_loaded_world_has_slaves_that_were_not_seen(void **state)
{
	struct bench *b = *state, other = {.arena = b->arena};
	struct datapath_config config = {.mark = 4711,
					 .route_protocol = DATAPATH_ROUTE_PROTOCOL};

	want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "ns1", "a", "10.0.0.2/24");
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L3S), "ns1", "b", "10.0.1.2/24");
	bench_converge(b);
	for (size_t i = 0; i < b->want.n_masters; i++)
		b->want.masters[i].n_slaves = b->have->masters[i].n_slaves = 0;
	must(datapath_open(&sim_provider, &config, &other.dp));
	sim_load(other.dp, b->have);
	must(datapath_observe(other.dp, &b->want, DATAPATH_EVERYTHING, b->arena,
			      &other.have));
	/* To be loaded is no event. */
	assert_string_equal(drain(&other), "");
	for (size_t i = 0; i < 2; i++) {
		assert_true(b->have->masters[i].seen.has_ours);
		assert_true(other.have->masters[i].seen.has_ours);
		assert_int_equal(b->have->masters[i].seen.mode,
				 other.have->masters[i].seen.mode);
	}
	datapath_close(other.dp);
}

/* A row's master may be another program's ipvlan, on a device that no row names. */
static void a_loaded_master_refuses_what_it_refused(void **state)
{
	struct bench *b = *state, other = {.arena = b->arena};
	struct datapath_config config = {.mark = 4711,
					 .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	const struct twin_request vlan = {
		.kind = TWIN_LINK_NEW,
		.flags = TWIN_CREATE | TWIN_EXCL,
		.netns = "",
		.name = "uplink.5",
		.u.link = {.kind = "vlan",
			   .lower = "uplink",
			   .sent = TWIN_LINK_VLAN_ID,
			   .vlan_id = 5},
	};

	must(sim_add_link(b->dp, "", "uplink", "ipvlan", "eth1", MODEL_MODE_L2, 0));
	want_master(b, "uplink", MODEL_MODE_L2);
	for (int with_lower = 0; with_lower < 2; with_lower++) {
		struct err *e;

		if (with_lower)
			want_master(b, "eth1", MODEL_MODE_L2);
		bench_plan(b);
		must(datapath_open(&sim_provider, &config, &other.dp));
		sim_load(other.dp, b->have);
		e = sim_request(other.dp, &vlan);
		assert_non_null(e);
		assert_int_equal(e->sys_errno, EOPNOTSUPP);
		err_free(e);
		datapath_close(other.dp);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(last_writer_sets_the_port),
		TEST(masters_are_refused),
		TEST(names_are_checked),
		TEST(addresses_are_unique_on_a_port),
		TEST(namespaces_die_in_the_background),
		TEST(mtu_follows_the_master),
		TEST(down_and_up_loses),
		TEST(vlan_hangs_on_its_link),
		TEST(changes_of_others_are_events),
		TEST(addresses_in_events),
		TEST(own_work_is_no_event),
		TEST(refuses_what_is_not_ours),
		TEST(accuses),
		TEST(a_loaded_world_has_what_was_seen),
		TEST(a_loaded_world_has_slaves_that_were_not_seen),
		TEST(a_loaded_master_refuses_what_it_refused),
	};

	return cmocka_run_group_tests_name("sim", tests, NULL, NULL);
}
