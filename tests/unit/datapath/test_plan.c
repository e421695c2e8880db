/* The rules of a plan, one by one: what it does, in which order, what it leaves alone,
 * and the sentences. Whatever is planned is run on the simulated kernel too, and must
 * leave nothing to do. */
#include "build.h"

#include <errno.h>
#include <string.h>

static const struct plan_step *step(const struct bench *b, uint32_t id)
{
	assert_true(id < b->plan->n_steps);
	return &b->plan->steps[id];
}

static void expect_steps(struct bench *b, const char *text)
{
	bench_plan(b);
	assert_string_equal(bench_text(b), text);
}

static void expect_verdict(const struct bench *b, const char *netns, const char *slave,
			   const char *master, enum plan_verdict_kind kind,
			   const char *message)
{
	const struct plan_verdict *v = verdict(b, netns, slave, master);

	assert_non_null(v);
	assert_string_equal(v->message, message);
	assert_int_equal(v->kind, kind);
}

/* 'text': the verdict's warnings, a line each. */
static void expect_warnings(const struct bench *b, const char *netns, const char *slave,
			    const char *master, const char *text)
{
	const struct plan_verdict *v = verdict(b, netns, slave, master);
	const char *all = "";

	assert_non_null(v);
	for (size_t i = 0; i < v->n_warnings; i++)
		all = arena_printf(b->arena, "%s%s\n", all, v->warnings[i]);
	assert_string_equal(all, text);
}

static struct model_master *eth0(struct bench *b)
{
	return want_master(b, "eth0", MODEL_MODE_L2);
}

/* A host with one slave as wanted: ns1/a on eth0 with 10.0.0.2/24, a default route, and
 * an IPv6 address. */
static struct model_slave *settled(struct bench *b)
{
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24 2001:db8::2/64");

	want_route(b, s, "default via 10.0.0.1");
	bench_converge(b);
	return s;
}

static void makes_a_slave(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24 10.0.1.2/24");
	const struct plan_step *add;

	want_route(b, s, "default via 10.0.0.1");
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n"
			"+ add address 10.0.1.2/24 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_WORK, "");
	expect_verdict(b, NULL, NULL, "eth0", PLAN_READY, "");
	add = step(b, 1);
	assert_ptr_equal(add->want, &b->want.masters[0].slaves[0]);
	assert_null(add->have);
	assert_int_equal(add->after, 0);
	assert_int_equal(step(b, 2)->after, 1);
	/* The route needs the address whose subnet holds its gateway. */
	assert_int_equal(step(b, 4)->after, 2);
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
}

static void master_is_set_up_once(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	eth0(b);
	expect_steps(b, ""); /* nothing is made on it */
	want_slave(b, &b->want.masters[0], "", "a", "");
	expect_steps(b, "~ set eth0 up\n"
			"+ add slave a on eth0 (l2 bridge)\n");
	assert_int_equal(step(b, 1)->after, 0);
	bench_converge(b);
	/* Down by hand: neither a second slave nor a route sets it up again. */
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	expect_steps(b, "");
	want_slave(b, &b->want.masters[0], "", "b", "");
	want_master_route(b, &b->want.masters[0], "10.8.0.0/16");
	expect_steps(b, "+ add slave b on eth0 (l2 bridge)\n");
	bench_converge(b);
	expect_verdict(b, NULL, NULL, "eth0", PLAN_WAITING,
		       "waiting for eth0 to be set up: its routes need it");
	must(sim_set_link(b->dp, "", "eth0", true, 0));
	expect_steps(b, "+ add route 10.8.0.0/16 to eth0\n");
	assert_null(step(b, 0)->want);
	bench_converge(b);
}

static void a_route_sets_the_master_up(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	want_master_route(b, eth0(b), "10.8.0.0/16");
	expect_steps(b, "~ set eth0 up\n"
			"+ add route 10.8.0.0/16 to eth0\n");
	assert_int_equal(step(b, 1)->after, 0);
	assert_null(step(b, 1)->want);
	bench_converge(b);
}

/* Its slaves are as wanted, and nothing passes through them. */
static void a_master_down_by_hand(void **state)
{
	struct bench *b = *state;
	static const char down[] = "eth0 is down, so no packet passes through its "
				   "slaves: `ip link set eth0 up`\n";
	static const char no_carrier[] =
		"eth0 has no carrier, so no packet passes through its slaves except "
		"between them: check its cable and the device at its other end\n";

	settled(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	bench_is_settled(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0", down);
	expect_warnings(b, NULL, NULL, "eth0", down);
	must(sim_set_link(b->dp, "", "eth0", true, 0));
	must(sim_set_carrier(b->dp, "", "eth0", false));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0", no_carrier);
	expect_warnings(b, NULL, NULL, "eth0", no_carrier);
	must(sim_set_carrier(b->dp, "", "eth0", true));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
	expect_warnings(b, NULL, NULL, "eth0", "");
}

/* A master that nothing is on is nobody's trouble. */
static void an_unused_master_down(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	s->intent = MODEL_DISABLED;
	bench_converge(b);
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	bench_is_settled(b);
	expect_warnings(b, NULL, NULL, "eth0", "");
}

static void mtu_above_the_masters(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	static const char text[] =
		"mtu 9000 is above the 1500 of eth0, and longer packets are lost: set "
		"the mtu of eth0, or leave out that of the slave\n";

	s->mtu = 9000;
	bench_plan(b);
	expect_warnings(b, "ns1", "a", "eth0", text);
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0", text);
	/* As it will be, not as it is. */
	b->want.masters[0].mtu = 9000;
	bench_plan(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
	bench_converge(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
}

static void waits_for_master(void **state)
{
	struct bench *b = *state;

	want_slave(b, want_master(b, "eth7", MODEL_MODE_L2), "ns1", "a", "10.0.0.2/24");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth7", PLAN_WAITING, "waiting for eth7 to appear");
	expect_verdict(b, NULL, NULL, "eth7", PLAN_WAITING, "waiting for eth7 to appear");
	must(sim_add_master(b->dp, "", "eth7", "dummy"));
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth7", PLAN_READY, "");
	must(sim_del_link(b->dp, "", "eth7"));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth7", PLAN_WAITING, "waiting for eth7 to appear");
}

/* "eth/1" is the device 1 in the namespace eth, whatever was meant. */
static void waits_for_namespace_of_master(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "1", MODEL_MODE_L2);

	m->netns = "eth";
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "1", PLAN_WAITING,
		       "waiting for the namespace eth to appear");
	must(sim_add_netns(b->dp, "eth"));
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "1", PLAN_WAITING, "waiting for eth/1 to appear");
}

static void waits_for_a_path(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "/run/x", "a", "");
	want_slave(b, &b->want.masters[0], "", "b", "");
	expect_steps(b, "+ add slave b on eth0 (l2 bridge)\n");
	expect_verdict(b, "/run/x", "a", "eth0", PLAN_WAITING,
		       "waiting for the namespace /run/x to appear");
	must(sim_add_netns(b->dp, "/run/x"));
	bench_converge(b);
}

static void leaves_foreign_devices(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "lab7"));
	must(sim_add_link(b->dp, "lab7", "eth0", "veth", NULL, -1, -1));
	must(sim_add_addr(b->dp, "lab7", "eth0", "10.0.0.9/24"));
	want_slave(b, eth0(b), "lab7", "eth0", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "lab7", "eth1", "10.0.0.3/24");
	bench_converge(b);
	expect_verdict(b, "lab7", "eth0", "eth0", PLAN_CONFLICT,
		       "lab7 already has a veth called eth0 that ipvl did not make: "
		       "rename or remove "
		       "it, and ours takes its place");
	expect_verdict(b, "lab7", "eth1", "eth0", PLAN_READY, "");
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	expect_steps(b, "");
	b->want.masters[0].slaves[0].intent = MODEL_PRESENT;
	must(sim_del_link(b->dp, "lab7", "eth0"));
	bench_converge(b);
	expect_verdict(b, "lab7", "eth0", "eth0", PLAN_READY, "");
}

static void a_strangers_port_is_not_changed(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "lab7"));
	must(sim_add_link(b->dp, "lab7", "x0", "ipvlan", "eth0", MODEL_MODE_L3,
			  MODEL_FLAG_BRIDGE));
	want_slave(b, eth0(b), "", "a", "");
	expect_steps(b, "");
	expect_verdict(
		b, NULL, NULL, "eth0", PLAN_CONFLICT,
		"eth0 carries lab7/x0, which ipvl did not make, as l3 bridge, and mode "
		"and flag are "
		"those of the whole master: remove it, or declare eth0 as l3 bridge");
	assert_int_equal(verdict(b, "", "a", "eth0")->kind, PLAN_CONFLICT);
	b->want.masters[0].mode = MODEL_MODE_L3;
	bench_converge(b);
}

/* Once ours is there, a stranger's mode is drift; the stranger stays. */
static void a_later_stranger_is_drift(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_add_link(b->dp, "", "x0", "ipvlan", "eth0", -1, MODEL_FLAG_VEPA));
	expect_steps(b, "~ set mode and flag of eth0: l3 vepa -> l2 bridge\n");
	assert_null(step(b, 0)->loss);
	assert_int_equal(step(b, 0)->u.port.mode, MODEL_MODE_L3);
	expect_verdict(b, NULL, NULL, "eth0", PLAN_WORK, "");
	bench_converge(b);
	b->want.masters[0].mode = MODEL_MODE_L3S;
	expect_steps(b, "~ set mode of eth0: l2 -> l3s (disruptive)\n");
	bench_converge(b);
	must(sim_del_link(b->dp, "", "x0"));
}

static void a_busy_master_is_left(void **state)
{
	struct bench *b = *state;

	must(sim_add_link(b->dp, "", "br0", "bridge", "eth0", -1, -1));
	want_slave(b, eth0(b), "ns1", "a", "");
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "eth0", PLAN_CONFLICT,
		       "eth0 is in use by bridge br0, and the kernel allows no ipvlan "
		       "beside that: free it, "
		       "and the slaves are made");
	must(sim_del_link(b->dp, "", "br0"));
	bench_converge(b);
}

static void moves_an_address(void **state)
{
	struct bench *b = *state;
	const struct plan_step *add;

	want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "ns2", "b", "10.0.0.3/24");
	bench_converge(b);
	b->want.masters[0].n_slaves = 0;
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.3/24");
	want_slave(b, &b->want.masters[0], "ns2", "b", "10.0.0.2/24");
	bench_plan(b);
	add = find_step(b, PLAN_OP_ADDR_ADD, "ns1", "a");
	assert_ptr_equal(step(b, add->after), find_step(b, PLAN_OP_ADDR_DEL, "ns2", "b"));
	assert_non_null(step(b, add->after)->loss);
	bench_converge(b);
	/* From one that goes altogether. */
	b->want.masters[0].n_slaves = 0;
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "ns2", "b", "")->intent = MODEL_GONE;
	bench_plan(b);
	add = find_step(b, PLAN_OP_ADDR_ADD, "ns1", "a");
	assert_ptr_equal(step(b, add->after), find_step(b, PLAN_OP_LINK_DEL, "ns2", "b"));
	bench_converge(b);
}

static void changes_a_prefix_length(void **state)
{
	struct bench *b = *state;

	settled(b);
	b->want.masters[0].n_slaves = 0;
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.2/16 2001:db8::2/48");
	expect_steps(
		b,
		"- delete route default via 10.0.0.1 from ns1/a: is not declared "
		"(disruptive)\n"
		"- delete address 10.0.0.2/24 from ns1/a: is not declared (disruptive)\n"
		"- delete address 2001:db8::2/64 from ns1/a: is not declared "
		"(disruptive)\n"
		"+ add address 10.0.0.2/16 to ns1/a\n"
		"+ add address 2001:db8::2/48 to ns1/a\n");
	assert_int_equal(step(b, 3)->after, 1);
	assert_int_equal(step(b, 4)->after, 2);
	bench_converge(b);
}

/* kernel.md 8: a primary address takes those of its subnet along, the last IPv4 one every
 * route. */
static void adds_again_what_goes_along(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24 10.0.0.3/24");

	want_route(b, s, "default via 10.0.0.1");
	bench_converge(b);
	b->want.masters[0].n_slaves = 0;
	s = want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.3/24");
	want_route(b, s, "default via 10.0.0.1");
	expect_steps(
		b,
		"- delete address 10.0.0.2/24 from ns1/a: is not declared (disruptive)\n"
		"+ add address 10.0.0.3/24 to ns1/a: may go with 10.0.0.2/24\n"
		"+ add route default via 10.0.0.1 to ns1/a: goes with the last "
		"address\n");
	bench_converge(b);
}

/* kernel.md 7: a namespace frees its devices' addresses in the background. */
static void removes_a_namespace_with_its_slaves(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "ns1", "b", "10.0.0.3/24");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	b->want.masters[0].slaves[1].intent = MODEL_GONE;
	want_netns(b, "ns1")->is_ours = true;
	expect_steps(b, "- delete namespace ns1 with its slaves: no longer needed "
			"(disruptive)\n");
	assert_non_null(step(b, 0)->loss);
	/* An address that is needed at once does not wait for that. */
	want_slave(b, &b->want.masters[0], "ns2", "c", "10.0.0.3/24");
	bench_plan(b);
	assert_non_null(find_step(b, PLAN_OP_LINK_DEL, "ns1", "b"));
	assert_null(find_step(b, PLAN_OP_LINK_DEL, "ns1", "a"));
	bench_converge(b);
	assert_null(model_find_netns(b->have, "ns1")->seen.exists ? "there" : NULL);
}

static void keeps_namespaces(void **state)
{
	struct bench *b = *state;
	struct model_netns *n;

	settled(b);
	b->want = (struct model){0};
	eth0(b);
	n = want_netns(b, "ns1");
	/* Not ours; wanted; another of the same name; with somebody's device in it. */
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	n->is_ours = n->is_wanted = true;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	n->is_wanted = false;
	n->inode = 1;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	n->inode = 0;
	must(sim_add_link(b->dp, "ns1", "v", "veth", NULL, -1, -1));
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	bench_converge(b);
	must(sim_del_link(b->dp, "ns1", "v"));
	expect_steps(b, "- delete namespace ns1: no longer needed\n");
	assert_null(step(b, 0)->loss);
	bench_converge(b);
}

static void revives_a_dead_file(void **state)
{
	struct bench *b = *state;

	settled(b);
	want_netns(b, "ns1")->is_wanted = true;
	sim_kill_netns(b->dp, "ns1");
	bench_plan(b);
	assert_string_equal(step(b, 0)->why, "its file has no namespace behind it");
	bench_converge(b);
	must(sim_del_netns(b->dp, "ns1"));
	bench_plan(b);
	assert_string_equal(step(b, 0)->why, "is missing");
	bench_converge(b);
}

static void recognises_a_renamed_slave(void **state)
{
	struct bench *b = *state;
	uint32_t ifindex;

	settled(b);
	ifindex = seen(b, "eth0", "ns1", "a")->seen.ifindex;
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	expect_steps(b, "~ rename slave ns1/tmp0 to a\n"
			"~ set ns1/a up\n"
			"+ add address 2001:db8::2/64 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	bench_converge(b);
	assert_int_equal(seen(b, "eth0", "ns1", "a")->seen.ifindex, ifindex);
	/* One that is up is made anew: 6.1 renames only what is down. */
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	must(sim_set_link(b->dp, "ns1", "tmp0", true, 0));
	bench_plan(b);
	assert_string_equal(step(b, 0)->why, "a is called tmp0");
	assert_int_equal(count_steps(b, PLAN_OP_LINK_RENAME), 0);
	bench_converge(b);
	assert_int_not_equal(seen(b, "eth0", "ns1", "a")->seen.ifindex, ifindex);
}

/* Which of two it was, nobody knows. */
static void does_not_guess_names(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "");
	want_slave(b, &b->want.masters[0], "ns1", "b", "");
	bench_converge(b);
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	must(sim_del_link(b->dp, "ns1", "b"));
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_RENAME), 0);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_ADD), 2);
	bench_converge(b);
}

static void does_not_guess_devices(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "");
	want_slave(b, &b->want.masters[0], "ns1", "b", "");
	bench_converge(b);
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	must(sim_set_link(b->dp, "ns1", "b", false, 0));
	must(sim_rename_link(b->dp, "ns1", "b", "tmp1"));
	b->want.masters[0].slaves[1].intent = MODEL_GONE;
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_RENAME), 0);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 2);
	bench_converge(b);
}

/* Whatever a provider shows beside what was asked for: what has not our mark is left
 * alone. */
static void leaves_what_nobody_asked_for(void **state)
{
	struct bench *b = *state;

	settled(b);
	bench_plan(b);
	want_netns(b, "ns1")->is_ours = true; /* and, wrongly, not wanted */
	b->have->masters[0].slaves[0].name = "other";
	b->have->masters[0].slaves[0].seen.presence = MODEL_FOREIGN;
	plan_build(&b->want, b->have, b->arena, &b->plan);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 0);
	assert_int_equal(count_steps(b, PLAN_OP_NETNS_DEL), 0);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_ADD), 1);
	bench_is_settled(b);
}

static void moves_to_another_master(void **state)
{
	struct bench *b = *state;
	const struct plan_step *del, *add;

	settled(b);
	b->want = (struct model){0};
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L3), "ns1", "a", "10.0.0.2/24");
	want_slave(b, eth0(b), "ns1", "a", "")->intent = MODEL_GONE;
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 1);
	del = find_step(b, PLAN_OP_LINK_DEL, "ns1", "a");
	add = find_step(b, PLAN_OP_LINK_ADD, "ns1", "a");
	assert_string_equal(del->why, "is on another master");
	assert_non_null(del->loss);
	assert_non_null(del->want);
	assert_int_equal(add->after, del->id);
	bench_converge(b);
}

static void disables_and_enables(void **state)
{
	struct bench *b = *state;

	settled(b)->intent = MODEL_DISABLED;
	expect_steps(b, "- delete slave ns1/a: is disabled (disruptive)\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_DISABLED, "");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_PRESENT;
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	/* A master that is gone takes its slaves along, whatever they say. */
	b->want.masters[0].intent = MODEL_GONE;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	assert_int_equal(b->plan->n_verdicts, 0);
	bench_converge(b);
}

static void follows_the_mtu(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "", "a", "");
	want_slave(b, &b->want.masters[0], "", "b", "")->mtu = 1300;
	bench_converge(b);
	must(sim_set_link(b->dp, "", "eth0", true, 1400));
	expect_steps(b, "~ set mtu of b: 1400 -> 1300\n");
	bench_converge(b);
	must(sim_set_link(b->dp, "", "a", true, 1200));
	expect_steps(b, "~ set mtu of a: 1200 -> 1400\n");
	assert_null(step(b, 0)->loss);
	bench_converge(b);
	/* Our own change of the master's overwrites the slaves' as well. */
	b->want.masters[0].mtu = 1500;
	expect_steps(b, "~ set mtu of eth0: 1400 -> 1500\n"
			"~ set mtu of b: 1500 -> 1300\n");
	assert_int_equal(step(b, 1)->after, 0);
	bench_converge(b);
}

static void mends_a_link_that_was_down(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	expect_steps(b, "~ set ns1/a up\n"
			"+ add address 2001:db8::2/64 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	assert_int_equal(step(b, 1)->after, 0);
	assert_int_equal(step(b, 2)->after, 0);
	bench_converge(b);
}

static void leaves_external_addresses(void **state)
{
	struct bench *b = *state;

	want_route(b, want_slave(b, eth0(b), "ns1", "a", NULL), "10.9.0.0/16");
	bench_converge(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.77/24"));
	must(sim_del_route(b->dp, "ns1", "a", &b->want.masters[0].slaves[0].routes[0]));
	expect_steps(b, "+ add route 10.9.0.0/16 to ns1/a\n");
	bench_converge(b);
	b->want.masters[0].slaves[0].addresses_managed = true;
	expect_steps(
		b,
		"- delete address 10.0.0.77/24 from ns1/a: is not declared (disruptive)\n"
		"+ add route 10.9.0.0/16 to ns1/a: goes with the last address\n");
	bench_converge(b);
}

static void leaves_foreign_routes(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	struct model_route theirs = route("default via 10.0.0.7"),
			   other = route("10.6.0.0/16");

	bench_converge(b);
	must(sim_add_route(b->dp, "ns1", "a", &theirs, true));
	must(sim_add_route(b->dp, "ns1", "a", &other, true));
	expect_steps(b, "");
	want_route(b, s, "default via 10.0.0.1");
	want_route(b, s, "10.9.0.0/16");
	expect_steps(b, "+ add route 10.9.0.0/16 to ns1/a\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "ns1 already has a route \"default via 10.0.0.7\" that ipvl did "
		       "not make: remove it with `ip -n ns1 route del default via "
		       "10.0.0.7`, and ours takes its place");
	bench_converge(b);
	must(sim_del_route(b->dp, "ns1", "a", &theirs));
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
}

static void changes_routes(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	s->n_routes = 0;
	want_route(b, s, "default via 10.0.0.9");
	want_route(b, s, "2001:db8:1::/48");
	want_route(b, s, "default via 10.9.0.1 metric 5");
	want_route(b, s, "10.9.0.0/24");
	expect_steps(b, "- delete route default via 10.0.0.1 from ns1/a: becomes default "
			"via 10.0.0.9 (disruptive)\n"
			"+ add route 10.9.0.0/24 to ns1/a\n"
			"+ add route 2001:db8:1::/48 to ns1/a\n"
			"+ add route default via 10.0.0.9 to ns1/a\n"
			"+ add route default via 10.9.0.1 metric 5 to ns1/a\n");
	assert_int_equal(step(b, 3)->after, 0);
	/* The way to a gateway comes before the route that needs it. */
	assert_int_equal(step(b, 4)->after, 1);
	/* IPv6 shows metric 1024 where none was given. */
	bench_converge(b);
	s->n_routes = 0;
	bench_converge(b);
}

/* What does not depend on each other stands together, however many slaves there are. */
static void batches_routes(void **state)
{
	struct bench *b = *state;
	struct model_slave *s;

	for (unsigned int i = 0; i < 3; i++) {
		struct model_master *m = i ? &b->want.masters[0] : eth0(b);

		s = want_slave(b, m, arena_printf(b->arena, "ns%u", i), "a",
			       arena_printf(b->arena, "10.0.0.%u/24", i + 2));
		want_route(b, s, "10.9.0.0/24");
		want_route(b, s, "default via 10.9.0.1");
	}
	bench_plan(b);
	for (uint32_t i = 0; i < 6; i++) {
		const struct plan_step *add = step(b, (uint32_t)b->plan->n_steps - 6 + i);

		assert_int_equal(add->op, PLAN_OP_ROUTE_ADD);
		assert_int_equal(!add->u.route.via.family, i < 3);
	}
	bench_converge(b);
}

static void writes_resolv_conf(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "");

	s->nameservers = "10.3.3.3";
	s = want_slave(b, &b->want.masters[0], "ns1", "b", "");
	s->nameservers = "10.3.3.4 10.3.3.3";
	s->search = "a.net";
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add slave ns1/b on eth0 (l2 bridge)\n"
			"+ add /etc/netns/ns1/resolv.conf\n");
	bench_converge(b);
	s->search = "b.net";
	expect_steps(b, "~ rewrite /etc/netns/ns1/resolv.conf\n");
	s->search = "a.net";
	assert_string_equal(seen(b, "eth0", "ns1", "a")->seen.resolv_conf,
			    "# written by ipvl\nnameserver 10.3.3.3\nnameserver "
			    "10.3.3.4\nsearch a.net\n");
	sim_set_resolv_conf(b->dp, "ns1", "theirs");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "/etc/netns/ns1/resolv.conf was not written by ipvl: remove it, "
		       "or leave out "
		       "`nameservers`");
	sim_set_resolv_conf(b->dp, "ns1", "");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = b->want.masters[0].slaves[1].intent =
		MODEL_GONE;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n"
			"- delete slave ns1/b: no longer wanted (disruptive)\n"
			"- delete /etc/netns/ns1/resolv.conf\n");
	assert_string_equal(find_step(b, PLAN_OP_RESOLV_SET, NULL, NULL)->u.resolv_conf,
			    "");
	bench_converge(b);
}

/* In the order of the devices' names, whatever masters they are on. */
static void merges_nameservers_by_name(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "b", "")->nameservers = "10.3.3.2";
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "ns1", "a", "")
		->nameservers = "10.3.3.1";
	bench_converge(b);
	assert_string_equal(seen(b, "eth1", "ns1", "a")->seen.resolv_conf,
			    "# written by ipvl\nnameserver 10.3.3.1\nnameserver "
			    "10.3.3.2\n");
}

/* The namespace's programs may do without the slave, and not without names. */
static void keeps_resolv_conf_of_what_waits(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "")->nameservers = "10.3.3.1";
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "ns1", "b", "");
	bench_converge(b);
	must(sim_del_link(b->dp, "", "eth0"));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_WAITING, "waiting for eth0 to appear");
	b->want.masters[0].slaves[0].nameservers = "";
	expect_steps(b, "- delete /etc/netns/ns1/resolv.conf\n");
}

static void sets_sysctls_before_up(void **state)
{
	struct bench *b = *state;
	struct model_sysctl wanted[] = {{"ipv4.arp_notify", "1"},
					{"ipv6.accept_ra", "2"}};
	struct model_slave *s = want_slave(b, eth0(b), "", "a", "");

	s->sysctls = wanted;
	s->n_sysctls = 2;
	expect_steps(b, "+ add slave a on eth0 (l2 bridge)\n"
			"~ set sysctl ipv4.arp_notify of a to 1\n"
			"~ set sysctl ipv6.accept_ra of a to 2\n"
			"~ set a up\n");
	assert_int_equal(step(b, 2)->after, 1);
	assert_int_equal(step(b, 3)->after, 2);
	bench_converge(b);
	wanted[1].value = "0";
	expect_steps(b, "~ set sysctl ipv6.accept_ra of a: 2 -> 0\n");
	bench_converge(b);
}

static void note(struct bench *b, const char *address, unsigned int notes,
		 const char *peer)
{
	must(sim_note_addr(b->dp, "ns1", "a", address, notes, peer));
}

/* The loss of the first step that has one; "" if all are hitless. */
static void expect_loss(struct bench *b, const char *loss)
{
	const char *found = NULL;

	bench_plan(b);
	for (size_t i = 0; i < b->plan->n_steps && !found; i++)
		found = b->plan->steps[i].loss;
	assert_string_equal(found ? found : "", loss);
	bench_converge(b);
}

/* What of the port is lost depends on what was possible before. */
static void losses_of_ports(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	settled(b);
	m = &b->want.masters[0];
	m->flag = MODEL_FLAG_PRIVATE;
	expect_loss(b, ""); /* there is one slave */
	m->flag = MODEL_FLAG_BRIDGE;
	want_slave(b, m, "ns2", "b", "10.0.0.3/24");
	expect_loss(b, "");
	m->flag = MODEL_FLAG_VEPA;
	expect_loss(b, "its slaves reach each other through the switch only");
	m->flag = MODEL_FLAG_PRIVATE;
	expect_loss(b, "its slaves no longer reach each other");
	m->flag = MODEL_FLAG_VEPA;
	expect_loss(b, "");
	m->flag = MODEL_FLAG_BRIDGE;
	expect_loss(b, "");
	m->flag = MODEL_FLAG_PRIVATE;
	m->mode = MODEL_MODE_L3;
	expect_loss(b, "ARP and broadcast stop, so the outside needs a route to its "
		       "slaves; its slaves no longer reach each other");
	m->flag = MODEL_FLAG_BRIDGE;
	m->mode = MODEL_MODE_L2;
	expect_loss(b, "");
	m->mode = MODEL_MODE_L3;
	expect_loss(b, "ARP and broadcast stop, so the outside needs a route to its "
		       "slaves");
	m->mode = MODEL_MODE_L3S;
	expect_loss(b, "");
	m->mode = MODEL_MODE_L2;
	expect_loss(b, "");
	must(sim_set_link(b->dp, "ns2", "b", false, 0));
	m->slaves[1].intent = MODEL_GONE;
	expect_loss(b, ""); /* it was down */
}

static void losses_of_slaves(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	s->mtu = 1400;
	expect_loss(b, "");
	s->addresses[0].len = 16;
	expect_loss(b, "10.0.0.2 goes away for a moment");
	s->routes[0].via.bytes[3] = 9;
	expect_loss(b, "no default route for a moment");
	s->n_routes = 0;
	expect_loss(b, "its default route goes away");
	s->n_addresses = 1;
	expect_loss(b, "2001:db8::2 goes away");
	s->intent = MODEL_DISABLED;
	expect_loss(b, "10.0.0.2 goes away");
}

static void losses_of_many_addresses(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/8 10.0.0.3/8 10.0.0.4/8");

	bench_converge(b);
	s->intent = MODEL_DISABLED;
	expect_loss(b, "10.0.0.2, 10.0.0.3, 10.0.0.4 go away");
	s->intent = MODEL_PRESENT;
	bench_converge(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.5/8"));
	s->intent = MODEL_DISABLED;
	expect_loss(b, "10.0.0.2, 10.0.0.3, 10.0.0.4 and 1 more go away");
}

static void losses_of_sysctls(void **state)
{
	struct bench *b = *state;
	struct model_sysctl wanted = {"ipv6.accept_ra", "0"};
	struct model_slave *s = settled(b);

	s->sysctls = &wanted;
	s->n_sysctls = 1;
	expect_loss(b, "");
	s->n_addresses = 1;
	bench_converge(b);
	wanted = (struct model_sysctl){"ipv6.disable_ipv6", "1"};
	expect_loss(b, ""); /* nothing of IPv6 is on it but its own link-local address */
	wanted.value = "0";
	expect_loss(b, "");
	want_slave(b, &b->want.masters[0], "ns1", "x", NULL)->sysctls = &wanted;
	b->want.masters[0].slaves[1].n_sysctls = 1;
	bench_converge(b);
	must(sim_add_addr(b->dp, "ns1", "x", "2001:db8::9/64"));
	wanted.value = "1";
	expect_loss(b, "its IPv6 stops");
}

static void losses_of_mtus(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	b->want.masters[0].mtu = 1400;
	expect_loss(b, "");
	s->n_addresses = 1;
	s->mtu = 1200;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_LINK_SET, "ns1", "a")->loss,
			    "its IPv6 stops");
}

/* What somebody did to an address of ours, or to what the kernel made for it. */
static void mends_addresses(void **state)
{
	static const struct {
		unsigned int note;
		const char *text;
	} cases[] = {
		{MODEL_ADDRESS_NO_SUBNET, "has lost the route to its subnet"},
		{MODEL_ADDRESS_NO_LOCAL, "is not in the local table"},
		{MODEL_ADDRESS_LIFETIME, "has a lifetime"},
		{MODEL_ADDRESS_METRIC, "has a metric"},
	};
	struct bench *b = *state;

	settled(b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		note(b, "10.0.0.2/24", cases[i].note, "");
		expect_steps(b,
			     arena_printf(b->arena,
					  "~ restore address 10.0.0.2/24 of ns1/a: %s\n",
					  cases[i].text));
		assert_null(step(b, 0)->loss);
		bench_converge(b);
	}
}

/* Without the route to the subnet the gateway cannot be reached: it comes first. */
static void mends_the_way_to_a_gateway(void **state)
{
	struct bench *b = *state;
	struct model_route gone = route("default via 10.0.0.1");

	settled(b);
	note(b, "10.0.0.2/24", MODEL_ADDRESS_NO_SUBNET, "");
	must(sim_del_route(b->dp, "ns1", "a", &gone));
	expect_steps(b, "~ restore address 10.0.0.2/24 of ns1/a: has lost the route to "
			"its subnet\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	assert_int_equal(step(b, 1)->after, 0);
	bench_converge(b);
}

/* What adding it again does not change: it goes and comes. */
static void remakes_spoilt_addresses(void **state)
{
	struct bench *b = *state;

	settled(b);
	note(b, "2001:db8::2/64", MODEL_ADDRESS_PEER, "2001:db8:7::7");
	expect_steps(b, "- delete address 2001:db8::2/64 from ns1/a: has the peer "
			"2001:db8:7::7 (disruptive)\n"
			"+ add address 2001:db8::2/64 to ns1/a: is made again\n");
	assert_int_equal(step(b, 1)->after, 0);
	bench_converge(b);
	note(b, "10.0.0.2/24", MODEL_ADDRESS_SCOPE, "");
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_ADDR_DEL), 1);
	bench_converge(b);
	note(b, "2001:db8::2/64", MODEL_ADDRESS_NO_LOCAL, "");
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_ADDR_DEL, NULL, NULL)->why,
			    "is not in the local table");
	bench_converge(b);
}

/* A stranger's route is not ours to remove, and ours behind it would not be used. */
static void a_detour_is_a_conflict(void **state)
{
	struct bench *b = *state;

	settled(b);
	note(b, "10.0.0.2/24", MODEL_ADDRESS_DETOUR, "");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "a route to 10.0.0.0/24 through a gateway, which ipvl did not "
		       "make, is in place of that to the subnet of 10.0.0.2/24 in ns1: "
		       "`ip route show 10.0.0.0/24` shows it; remove it");
}

/* Another program's mark makes an address its own; a peer does not. */
static void leaves_marked_addresses(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.100/32"));
	note(b, "10.0.0.100/32", MODEL_ADDRESS_OTHERS, "");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	must(sim_add_addr(b->dp, "ns1", "a", "10.7.7.1/32"));
	note(b, "10.7.7.1/32", MODEL_ADDRESS_PEER, "10.8.8.8");
	expect_steps(b, "- delete address 10.7.7.1/32 from ns1/a: is not declared "
			"(disruptive)\n");
	bench_converge(b);
	/* The mark is no harm on an address that a row declares. */
	note(b, "10.0.0.2/24", MODEL_ADDRESS_OTHERS, "");
	expect_steps(b, "");
}

/* The kernel asks once, when an address is added: so it is added again (R27). */
static void tries_duplicates_again(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_set_dad_failed(b->dp, "ns1", "a", "2001:db8::2"));
	expect_steps(b, "- delete address 2001:db8::2/64 from ns1/a: is a duplicate\n"
			"+ add address 2001:db8::2/64 to ns1/a: is made again\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_ERROR,
		       "another host on the network already uses 2001:db8::2 (duplicate "
		       "address detection): "
		       "choose another address, or stop that host");
	bench_apply(b);
	bench_plan(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_ERROR,
		       "another host on the network already uses 2001:db8::2 (duplicate "
		       "address detection): "
		       "choose another address, or stop that host");
	must(sim_set_dad_failed(b->dp, "ns1", "a", ""));
	bench_converge(b);
}

/* Nothing of IPv6 is added where the kernel would refuse it (R34). */
static void waits_for_an_mtu_that_ipv6_can_have(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_set_link(b->dp, "", "eth0", true, 1200));
	must(sim_del_addr(b->dp, "ns1", "a", "2001:db8::2/64"));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_WAITING,
		       "waiting for eth0 to have an mtu of 1280 or more, without which "
		       "there is no IPv6: it has 1200; `ipvl-ctl set-master eth0 "
		       "mtu=1500` sets it");
	must(sim_set_link(b->dp, "", "eth0", true, 1280));
	expect_steps(b, "+ add address 2001:db8::2/64 to ns1/a\n");
	bench_converge(b);
	b->want.masters[0].slaves[0].mtu = 1200;
	bench_plan(b);
	assert_int_equal(verdict(b, "ns1", "a", "eth0")->kind, PLAN_ERROR);
}

static struct model_master *vlan(struct bench *b, const char *link, uint16_t id)
{
	struct model_master *m = want_master(b, "eth0.5", MODEL_MODE_L2);

	m->vlan_link = link;
	m->vlan_id = id;
	return m;
}

static void makes_a_vlan(void **state)
{
	struct bench *b = *state;

	want_slave(b, vlan(b, "eth7", 5), "ns1", "a", "10.0.0.2/24");
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "eth0.5", PLAN_WAITING,
		       "waiting for eth7 to appear");
	b->want.masters[0].vlan_link = "eth0";
	expect_steps(b, "+ add namespace ns1\n"
			"+ add VLAN eth0.5 (id 5 on eth0)\n"
			"~ set eth0.5 up\n"
			"+ add slave ns1/a on eth0.5 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n");
	assert_int_equal(step(b, 2)->after, 1);
	assert_int_equal(step(b, 3)->after, 2);
	bench_converge(b);
	/* Another id: the VLAN takes its slaves along. */
	b->want.masters[0].vlan_id = 6;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_VLAN_DEL, NULL, NULL)->why,
			    "vlan eth0 5 -> eth0 6");
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 0);
	bench_converge(b);
	b->want.masters[0].intent = MODEL_GONE;
	expect_steps(b, "- delete VLAN eth0.5: no longer wanted (disruptive)\n");
	bench_converge(b);
}

static void leaves_foreign_vlans(void **state)
{
	struct bench *b = *state;

	must(sim_add_link(b->dp, "", "eth0.5", "vlan", "eth0", -1, -1));
	want_slave(b, vlan(b, "eth0", 5), "ns1", "a", "");
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "eth0.5", PLAN_CONFLICT,
		       "this host already has a vlan called eth0.5 that ipvl did not "
		       "make: rename or remove "
		       "it, or leave out `vlan` to use it as it is");
	must(sim_del_link(b->dp, "", "eth0.5"));
	bench_converge(b);
	/* Ours, but somebody else stands on it. */
	must(sim_add_link(b->dp, "", "x", "ipvlan", "eth0.5", MODEL_MODE_L2, 0));
	b->want.masters[0].intent = MODEL_GONE;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	bench_converge(b);
}

/* The device below is a declared master: it is set up first, and made first if it is a
 * VLAN too. */
static void stacks_vlans(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	eth0(b);
	vlan(b, "eth0", 5);
	m = want_master(b, "a.7", MODEL_MODE_L2);
	m->vlan_link = "eth0.5";
	m->vlan_id = 7;
	expect_steps(b, "+ add VLAN eth0.5 (id 5 on eth0)\n"
			"+ add VLAN a.7 (id 7 on eth0.5)\n"
			"~ set eth0 up\n"
			"~ set eth0.5 up\n"
			"~ set a.7 up\n");
	bench_converge(b);
}

/* Nobody declared the card: it is set up once, as a master is, and told of later. */
static void a_card_below_a_vlan_is_set_up(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth0.5", MODEL_MODE_L2);

	m->vlan_link = "eth0";
	m->vlan_id = 5;
	want_slave(b, m, "ns1", "a", "10.0.0.2/24");
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	expect_steps(b, "+ add namespace ns1\n"
			"+ add VLAN eth0.5 (id 5 on eth0)\n"
			"~ set eth0 up\n"
			"~ set eth0.5 up\n"
			"+ add slave ns1/a on eth0.5 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n");
	expect_warnings(b, NULL, NULL, "eth0.5", "");
	bench_converge(b);
	expect_warnings(b, NULL, NULL, "eth0.5", "");
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0.5",
			"eth0 is down, so no packet passes through the slaves of eth0.5: "
			"`ip link set eth0 up`\n");
	must(sim_set_link(b->dp, "", "eth0", true, 0));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0.5", "");
}

/* O22: the kernel would take it (kernel.md 9), and both would answer. */
static void an_address_of_the_master(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.5/24 10.1.0.5/24");
	static const char held[] =
		"eth0 already has 10.0.0.5, and packets for an address on both may reach "
		"either: remove it from the master (`ip addr del 10.0.0.5/16 dev eth0`), "
		"and the slave gets it; or choose another";

	want_route(b, s, "default via 10.0.0.1");
	want_route(b, s, "10.9.0.0/16 via 10.1.0.1");
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add address 10.1.0.5/24 to ns1/a\n"
			"+ add route 10.9.0.0/16 via 10.1.0.1 to ns1/a\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT, held);
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT, held);
	must(sim_del_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0", "");
}

/* The gateway is in the subnet of the address that is missing, and a route leads to it
 * without it. */
static void a_way_round_a_missing_address(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.5/24");

	want_route(b, s, "10.0.0.1/32");
	want_route(b, s, "default via 10.0.0.1");
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add route 10.0.0.1/32 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	bench_converge(b);
}

/* The slave had it first: it keeps it. */
static void an_address_given_to_the_master_later(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.2/24"));
	must(sim_add_addr(b->dp, "", "eth0", "2001:db8::7/64"));
	bench_is_settled(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0",
			"10.0.0.2 is on eth0 too, and its packets may reach either: "
			"remove it from the master (`ip addr del 10.0.0.2/24 dev eth0`), "
			"or choose another\n");
	must(sim_del_addr(b->dp, "", "eth0", "10.0.0.2/24"));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
}

/* ipvl's own validator refuses such a row; a foreign server does not (O2). */
static void nameservers_without_a_file(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "", "a", "10.0.0.2/24");

	s->nameservers = "10.0.0.53";
	bench_converge(b);
	expect_verdict(b, "", "a", "eth0", PLAN_READY, "");
	expect_warnings(
		b, "", "a", "eth0",
		"its nameservers have no effect: they are written to "
		"/etc/netns/NAME/resolv.conf, and the namespace of this host has no "
		"name: leave them out, or put the slave into a namespace with a name\n");
	s = want_slave(b, &b->want.masters[0], "ns1", "b", "10.0.0.3/24");
	s->nameservers = "10.0.0.53";
	bench_converge(b);
	expect_warnings(b, "ns1", "b", "eth0", "");
}

static void one_place_one_slave(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "");
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "ns1", "a", "");
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth1", PLAN_CONFLICT,
		       "ns1/a is declared on eth0 too: remove one of the two");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
}

/* ns1 by its name, and by the path of a process in it. */
static void two_texts(struct bench *b)
{
	must(sim_add_netns(b->dp, "ns1"));
	must(sim_alias_netns(b->dp, "ns1", "/run/x"));
	want_netns(b, "ns1")->is_wanted = true;
	want_netns(b, "/run/x")->is_wanted = true;
}

/* K2: two texts of one namespace are one place. The name wins where nobody has it yet. */
static void one_place_by_two_texts(void **state)
{
	struct bench *b = *state;
	const char *taken = "/run/x is the same namespace as ns1, where a already is: "
			    "remove one of the "
			    "two rows, or give this one another name";

	two_texts(b);
	want_slave(b, eth0(b), "/run/x", "a", "10.0.0.9/24");
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.8/24");
	want_slave(b, &b->want.masters[0], "/run/x", "b", "10.0.0.7/24");
	bench_converge(b);
	expect_verdict(b, "/run/x", "a", "eth0", PLAN_CONFLICT, taken);
	assert_null(verdict(b, "/run/x", "a", "eth0")->have);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_verdict(b, "/run/x", "b", "eth0", PLAN_READY, "");
	assert_int_equal(seen(b, "eth0", "ns1", "a")->n_addresses, 1);
	/* On another master it is no other place. */
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "/run/x", "b", "");
	bench_converge(b);
	expect_verdict(b, "/run/x", "b", "eth1", PLAN_CONFLICT,
		       "/run/x/b is declared on eth0 too: remove one of the two");
}

/* Who has the place keeps it: by what the daemon remembers, and by the device's addresses
 * after a restart. */
static void an_incumbent_keeps_its_place(void **state)
{
	struct bench *b = *state;
	struct model_slave *path, *name;

	two_texts(b);
	path = want_slave(b, eth0(b), "/run/x", "a", "10.0.0.9/24");
	bench_converge(b);
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.8/24");
	bench_converge(b);
	expect_verdict(b, "/run/x", "a", "eth0", PLAN_READY, "");
	expect_verdict(
		b, "ns1", "a", "eth0", PLAN_CONFLICT,
		"ns1 is the same namespace as /run/x, where a already is: remove one "
		"of the two rows, or give this one another name");
	must(sim_del_addr(b->dp, "ns1", "a", "10.0.0.9/24"));
	path = &b->want.masters[0].slaves[0];
	name = &b->want.masters[0].slaves[1];
	assert_string_equal(path->netns, "/run/x");
	path->is_incumbent = true;
	bench_converge(b);
	expect_verdict(b, "/run/x", "a", "eth0", PLAN_READY, "");
	/* It goes, and the other one takes the device over. */
	path->intent = MODEL_GONE;
	expect_steps(
		b,
		"- delete address 10.0.0.9/24 from ns1/a: is not declared (disruptive)\n"
		"+ add address 10.0.0.8/24 to ns1/a\n");
	bench_converge(b);
	/* Both: the device goes once. */
	path->intent = name->intent = MODEL_GONE;
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 1);
	bench_converge(b);
}

static void one_master_by_two_texts(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	two_texts(b);
	must(sim_add_master(b->dp, "ns1", "m0", "dummy"));
	want_master(b, "m0", MODEL_MODE_L2)->netns = "ns1";
	m = want_master(b, "m0", MODEL_MODE_L3);
	m->netns = "/run/x";
	want_slave(b, m, "ns2", "b", "");
	want_slave(b, &b->want.masters[0], "ns2", "a", "");
	bench_converge(b);
	expect_verdict(
		b, "ns2", "b", "m0", PLAN_CONFLICT,
		"/run/x is the same namespace as ns1, whose m0 is a master already: "
		"put its slaves under that one");
	expect_verdict(b, "ns2", "a", "m0", PLAN_READY, "");
}

/* The daemon's own namespace by a name (`ip netns attach NAME 1`) is no other place. */
static void own_namespace_by_a_name(void **state)
{
	struct bench *b = *state;

	must(sim_alias_netns(b->dp, "", "host"));
	want_netns(b, "host")->is_wanted = true;
	want_slave(b, eth0(b), "", "a", "10.0.0.8/24");
	want_slave(b, &b->want.masters[0], "host", "a", "10.0.0.9/24");
	want_slave(b, &b->want.masters[0], "host", "b", "10.0.0.7/24");
	bench_converge(b);
	expect_verdict(
		b, "host", "a", "eth0", PLAN_CONFLICT,
		"host is the same namespace as this host, where a already is: remove "
		"one of the two rows, or give this one another name");
	expect_verdict(b, "host", "b", "eth0", PLAN_READY, "");
}

/* Its row can have no device there, so that the one that is there, on another master than
 * the row's, must not keep an address from a slave that can have it. */
static void what_is_in_error_keeps_no_address(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "", "a", "10.0.0.4/24");
	bench_converge(b);
	b->want.masters[0].n_slaves = 0;
	want_slave(b, &b->want.masters[0], "ns1", "c", "10.0.0.4/24");
	must(sim_alias_netns(b->dp, "", "/own"));
	want_netns(b, "/own")->is_wanted = true;
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "/own", "a", "10.0.0.9/24");
	bench_converge(b);
	expect_verdict(b, "/own", "a", "eth1", PLAN_ERROR,
		       "/own is this host's own network namespace: leave out `netns`");
	expect_verdict(b, "ns1", "c", "eth0", PLAN_READY, "");
}

/* O24: a process's namespace is what it was when it was first used, or nothing. */
static void binds_a_process(void **state)
{
	const char *net = "/proc/12/ns/net";
	struct bench *b = *state;
	struct model_netns *n = want_netns(b, net);

	n->is_wanted = true;
	want_slave(b, eth0(b), net, "a", "10.0.0.2/24");
	bench_converge(b);
	expect_verdict(b, net, "a", "eth0", PLAN_ERROR,
		       "/proc/12/ns/net does not exist, since there is no process 12: "
		       "give the namespace of a running process a name, `ip netns attach "
		       "NAME PID`, and use that");
	must(sim_add_netns(b->dp, net));
	bench_converge(b);
	expect_verdict(b, net, "a", "eth0", PLAN_READY, "");
	assert_int_equal(verdict(b, net, "a", "eth0")->n_warnings, 1);
	assert_string_equal(
		verdict(b, net, "a", "eth0")->warnings[0],
		"/proc/12/ns/net is valid as long as process 12 runs, and is not entered "
		"once another process has its PID, at the latest after a reboot: a name "
		"stays valid, `ip netns attach NAME 12`");
	n = want_netns(b, net);
	n->bound = model_find_netns(b->have, net)->seen.process;
	n->inode = model_find_netns(b->have, net)->seen.inode;
	bench_converge(b);
	expect_verdict(b, net, "a", "eth0", PLAN_READY, "");
	/* Another process has the PID. */
	must(sim_del_netns(b->dp, net));
	must(sim_add_netns(b->dp, net));
	bench_converge(b);
	expect_verdict(b, net, "a", "eth0", PLAN_ERROR,
		       "/proc/12/ns/net leads to another namespace than when ipvl first "
		       "used it (PIDs are used again), and is not entered: give the "
		       "namespace a name, `ip netns attach NAME 12`, and use that; or "
		       "remove the row, and add it again");
	assert_null(verdict(b, net, "a", "eth0")->have);
	/* … or the same one has gone elsewhere; or it led nowhere when it was bound. */
	n = want_netns(b, net);
	n->bound = model_find_netns(b->have, net)->seen.process;
	bench_plan(b);
	assert_int_equal(verdict(b, net, "a", "eth0")->kind, PLAN_ERROR);
	n->inode = 0;
	bench_plan(b);
	assert_int_equal(verdict(b, net, "a", "eth0")->kind, PLAN_ERROR);
}

/* A stranger's namespace with our name and our inode, which the kernel gives again. */
static void leaves_a_namespace_with_its_inode(void **state)
{
	struct bench *b = *state;
	struct model_netns *n;

	want_slave(b, eth0(b), "ns1", "a", "");
	want_namespaces(b, true);
	bench_converge(b);
	n = want_netns(b, "ns1");
	n->inode = model_find_netns(b->have, "ns1")->seen.inode;
	n->cookie = model_find_netns(b->have, "ns1")->seen.cookie;
	assert_true(n->inode && n->cookie);
	must(sim_del_netns(b->dp, "ns1"));
	must(sim_add_netns(b->dp, "ns1"));
	sim_set_netns_inode(b->dp, "ns1", n->inode);
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	want_netns(b, "ns1")->is_wanted = false;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	bench_converge(b);
}

/* A device in a namespace with a name may be that of a row whose path may not be opened.
 */
static void spares_what_may_be_wanted(void **state)
{
	struct bench *b = *state;

	two_texts(b);
	want_slave(b, eth0(b), "/run/x", "a", "");
	want_slave(b, &b->want.masters[0], "/run/x", "b", "");
	bench_converge(b);
	must(sim_del_netns(b->dp, "/run/x"));
	sim_set_netns_trouble(b->dp, "/run/x", MODEL_NETNS_DENIED, "No");
	b->want.masters[0].slaves[1].intent = MODEL_GONE;
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 0);
	sim_set_netns_trouble(b->dp, "/run/x", MODEL_NETNS_FINE, "");
	must(sim_alias_netns(b->dp, "ns1", "/run/x"));
	expect_steps(b, "- delete slave /run/x/b: no longer wanted (disruptive)\n");
}

/* O11, K5: what is there, but cannot be used, is not waited for. */
static void tells_what_is_no_namespace(void **state)
{
	struct bench *b = *state;
	const char *paths[] = {"/etc/passwd", "/proc/7/ns/net", "/run/x", "ns1", "/own"};

	for (size_t i = 0; i < 5; i++)
		want_netns(b, paths[i])->is_wanted = true;
	sim_set_netns_trouble(b->dp, "/etc/passwd", MODEL_NETNS_OTHER, "a file");
	sim_set_netns_trouble(b->dp, "ns1", MODEL_NETNS_OTHER, "a directory");
	sim_set_netns_trouble(b->dp, "/proc/7/ns/net", MODEL_NETNS_DENIED, "No");
	sim_set_netns_trouble(b->dp, "/run/x", MODEL_NETNS_DENIED, "No");
	must(sim_alias_netns(b->dp, "", "/own"));
	want_slave(b, eth0(b), "/etc/passwd", "a", "");
	want_slave(b, &b->want.masters[0], "ns1", "a", "");
	want_slave(b, &b->want.masters[0], "/proc/7/ns/net", "a", "");
	want_slave(b, &b->want.masters[0], "/run/x", "a", "");
	want_slave(b, &b->want.masters[0], "/own", "a", "");
	want_slave(b, &b->want.masters[0], "", "a", "");
	want_master(b, "m", MODEL_MODE_L2)->netns = "/etc/passwd";
	want_slave(b, &b->want.masters[1], "ns2", "b", "");
	bench_converge(b);
	expect_verdict(b, "/etc/passwd", "a", "eth0", PLAN_ERROR,
		       "/etc/passwd is a file, not a network namespace: give a path such "
		       "as /proc/PID/ns/net, or a name");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_ERROR,
		       "/run/netns/ns1 is a directory, not a network namespace: remove "
		       "it, or give another name");
	expect_verdict(
		b, "/proc/7/ns/net", "a", "eth0", PLAN_ERROR,
		"ipvld may not open /proc/7/ns/net (No): it needs CAP_SYS_PTRACE, as "
		"its systemd unit has it; or give the namespace a name, `ip netns "
		"attach NAME 7`");
	expect_verdict(b, "/run/x", "a", "eth0", PLAN_ERROR,
		       "ipvld may not open /run/x (No): allow it, or give the namespace "
		       "a name with `ip netns attach`");
	/* The host's own by a path takes nobody's place. */
	expect_verdict(b, "/own", "a", "eth0", PLAN_ERROR,
		       "/own is this host's own network namespace: leave out `netns`");
	expect_verdict(b, "", "a", "eth0", PLAN_READY, "");
	expect_verdict(b, NULL, NULL, "m", PLAN_ERROR,
		       "/etc/passwd is a file, not a network namespace: give a path such "
		       "as /proc/PID/ns/net, or a name");
	expect_verdict(b, "ns2", "b", "m", PLAN_ERROR,
		       "/etc/passwd is a file, not a network namespace: give a path such "
		       "as /proc/PID/ns/net, or a name");
	sim_set_netns_trouble(b->dp, "/etc/passwd", MODEL_NETNS_FINE, "");
	bench_converge(b);
	expect_verdict(b, "/etc/passwd", "a", "eth0", PLAN_WAITING,
		       "waiting for the namespace /etc/passwd to appear");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_a_slave),
		TEST(master_is_set_up_once),
		TEST(a_route_sets_the_master_up),
		TEST(a_master_down_by_hand),
		TEST(an_unused_master_down),
		TEST(a_card_below_a_vlan_is_set_up),
		TEST(an_address_of_the_master),
		TEST(an_address_given_to_the_master_later),
		TEST(a_way_round_a_missing_address),
		TEST(nameservers_without_a_file),
		TEST(mtu_above_the_masters),
		TEST(waits_for_master),
		TEST(waits_for_a_path),
		TEST(waits_for_namespace_of_master),
		TEST(leaves_foreign_devices),
		TEST(a_strangers_port_is_not_changed),
		TEST(a_later_stranger_is_drift),
		TEST(a_busy_master_is_left),
		TEST(moves_an_address),
		TEST(changes_a_prefix_length),
		TEST(adds_again_what_goes_along),
		TEST(removes_a_namespace_with_its_slaves),
		TEST(keeps_namespaces),
		TEST(revives_a_dead_file),
		TEST(recognises_a_renamed_slave),
		TEST(does_not_guess_names),
		TEST(does_not_guess_devices),
		TEST(leaves_what_nobody_asked_for),
		TEST(moves_to_another_master),
		TEST(disables_and_enables),
		TEST(follows_the_mtu),
		TEST(mends_a_link_that_was_down),
		TEST(leaves_external_addresses),
		TEST(leaves_foreign_routes),
		TEST(changes_routes),
		TEST(batches_routes),
		TEST(writes_resolv_conf),
		TEST(merges_nameservers_by_name),
		TEST(keeps_resolv_conf_of_what_waits),
		TEST(sets_sysctls_before_up),
		TEST(mends_addresses),
		TEST(mends_the_way_to_a_gateway),
		TEST(remakes_spoilt_addresses),
		TEST(a_detour_is_a_conflict),
		TEST(leaves_marked_addresses),
		TEST(tries_duplicates_again),
		TEST(losses_of_ports),
		TEST(losses_of_slaves),
		TEST(losses_of_mtus),
		TEST(losses_of_many_addresses),
		TEST(losses_of_sysctls),
		TEST(waits_for_an_mtu_that_ipv6_can_have),
		TEST(makes_a_vlan),
		TEST(leaves_foreign_vlans),
		TEST(stacks_vlans),
		TEST(one_place_one_slave),
		TEST(one_place_by_two_texts),
		TEST(an_incumbent_keeps_its_place),
		TEST(one_master_by_two_texts),
		TEST(own_namespace_by_a_name),
		TEST(what_is_in_error_keeps_no_address),
		TEST(binds_a_process),
		TEST(leaves_a_namespace_with_its_inode),
		TEST(spares_what_may_be_wanted),
		TEST(tells_what_is_no_namespace),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
