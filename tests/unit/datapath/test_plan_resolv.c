/* The rules of a plan for nameservers: the resolv.conf of a namespace. */
#include "build.h"

#include <stdlib.h>
#include <string.h>

static void writes_resolv_conf(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "");
	char *dump;

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
	/* One is kept, and put back at the end. */
	sim_set_resolv_conf(b->dp, "ns1", "theirs");
	expect_steps(b, "+ add /etc/netns/ns1/resolv.conf\n");
	bench_converge(b);
	sim_set_resolv_conf(b->dp, "ns1", "another");
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
	dump = sim_dump(b->dp);
	assert_non_null(strstr(dump, "  resolv.conf foreign\n"));
	free(dump);
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

/* Rows with two texts of one namespace have a file each, in whatever order they are. */
static void merges_nameservers_by_text(void **state)
{
	struct bench *b = *state;
	struct model_master *m = eth0(b);

	must(sim_add_netns(b->dp, "ns1"));
	must(sim_alias_netns(b->dp, "ns1", "other"));
	want_netns(b, "ns1")->is_wanted = true;
	want_netns(b, "other")->is_wanted = true;
	want_slave(b, m, "ns1", "a", "")->nameservers = "10.3.3.1";
	want_slave(b, m, "other", "b", "")->nameservers = "10.3.3.2";
	want_slave(b, m, "ns1", "c", "")->nameservers = "10.3.3.3";
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_RESOLV_SET), 2);
	bench_converge(b);
	assert_string_equal(seen(b, "eth0", "ns1", "a")->seen.resolv_conf,
			    "# written by ipvl\nnameserver 10.3.3.1\nnameserver "
			    "10.3.3.3\n");
}

/* A row that is in conflict already, though its device is there, keeps its message. */
static void a_foreign_resolv_conf_comes_second(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "ns1"));
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	sim_set_resolv_conf(b->dp, "ns1", "theirs");
	want_slave(b, eth0(b), "ns1", "b", "")->nameservers = "10.3.3.3";
	bench_converge(b);
	sim_set_resolv_conf(b->dp, "ns1", "another");
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.5/24")->nameservers =
		"10.3.3.3";
	bench_plan(b);
	expect_verdict(b, "ns1", "b", "eth0", PLAN_CONFLICT,
		       "/etc/netns/ns1/resolv.conf was not written by ipvl: remove it, "
		       "or leave out `nameservers`");
	expect_verdict(
		b, "ns1", "a", "eth0", PLAN_CONFLICT,
		"eth0 already has 10.0.0.5, and packets for an address on both "
		"may reach either: remove it from the master (`ip addr del "
		"10.0.0.5/16 dev eth0`), and the slave gets it; or choose another");
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
	/* Others of the namespace, which set none, change nothing. */
	b->want.masters[0].slaves[0].search = "a.net";
	expect_steps(b, "");
	b->want.masters[0].slaves[0].search = "";
	b->want.masters[0].slaves[0].nameservers = "";
	expect_steps(b, "- delete /etc/netns/ns1/resolv.conf\n");
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nameservers_without_a_file),
		TEST(writes_resolv_conf),
		TEST(merges_nameservers_by_name),
		TEST(merges_nameservers_by_text),
		TEST(a_foreign_resolv_conf_comes_second),
		TEST(keeps_resolv_conf_of_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
