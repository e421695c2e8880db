/* The rules of a plan for namespaces, and for rows that name one place twice. */
#include "build.h"

#include <errno.h>
#include <string.h>

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

/* kernel.md 7: a namespace frees its devices' addresses in the background. */
static void removes_a_namespace_with_its_slaves(void **state)
{
	struct bench *b = *state;
	const struct plan_step *step;

	want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "ns1", "b", "10.0.0.3/24");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	b->want.masters[0].slaves[1].intent = MODEL_GONE;
	want_netns(b, "ns1")->is_ours = true;
	expect_steps(b, "- delete namespace ns1 with its slaves: no longer needed "
			"(disruptive)\n");
	assert_non_null(plan_step_of(b, 0)->loss);
	/* Another process may keep it: they are deleted then (kernel.md 16). */
	assert_int_equal(plan_step_of(b, 0)->u.n_going, 2);
	/* An address that is needed at once does not wait for that. */
	want_slave(b, &b->want.masters[0], "ns2", "c", "10.0.0.3/24");
	bench_plan(b);
	assert_non_null(find_step(b, PLAN_OP_LINK_DEL, "ns1", "b"));
	assert_null(find_step(b, PLAN_OP_LINK_DEL, "ns1", "a"));
	step = find_step(b, PLAN_OP_NETNS_DEL, NULL, NULL);
	assert_int_equal(step->u.n_going, 1);
	assert_string_equal(step->u.going[0]->name, "a");
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
	assert_null(plan_step_of(b, 0)->loss);
	bench_converge(b);
}

static void revives_a_dead_file(void **state)
{
	struct bench *b = *state;

	settled(b);
	want_netns(b, "ns1")->is_wanted = true;
	sim_kill_netns(b->dp, "ns1");
	bench_plan(b);
	assert_string_equal(plan_step_of(b, 0)->why,
			    "its file has no namespace behind it");
	bench_converge(b);
	must(sim_del_netns(b->dp, "ns1"));
	bench_plan(b);
	assert_string_equal(plan_step_of(b, 0)->why, "is missing");
	bench_converge(b);
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
		TEST(waits_for_a_path),
		TEST(waits_for_namespace_of_master),
		TEST(removes_a_namespace_with_its_slaves),
		TEST(keeps_namespaces),
		TEST(revives_a_dead_file),
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

	return cmocka_run_group_tests(tests, NULL, NULL);
}
