/* Verdicts and results to status, drift and retries: values in, values out. */
#include "lib/alloc.h"
#include "reconciler/drift/drift.h"
#include "reconciler/drift/drift_text.h"
#include "reconciler/queue.h"
#include "reconciler/settle/settle.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static struct model_master master = {.netns = "", .name = "eth0", .vlan_link = ""};
static struct model_master master_found = {
	.netns = "",
	.name = "eth0",
	.vlan_link = "",
	.seen = {.presence = MODEL_FOREIGN,
		 .stranger = "",
		 .ifindex = 2,
		 .mtu = 1500,
		 .is_up = true,
		 .has_carrier = true},
};
static struct model_slave slave = {.netns = "ns1", .name = "ipvl0"};
static struct model_slave slave_found = {
	.netns = "ns1",
	.name = "ipvl0",
	.seen = {.presence = MODEL_OURS,
		 .is_on_master = true,
		 .ifindex = 7,
		 .mtu = 1400,
		 .is_up = true,
		 .has_carrier = true},
};
static const struct model have = {.masters = &master_found, .n_masters = 1};

static struct plan_verdict verdict_of(enum plan_verdict_kind kind)
{
	return (struct plan_verdict){
		.kind = kind,
		.master = &master,
		.slave = &slave,
		.have = &slave_found,
		.have_master = &master_found,
		.message = "",
	};
}

/* Of a row that was ready, after an event. */
static struct settle_case case_of(const struct plan_verdict *v,
				  const struct step_summary *steps)
{
	return (struct settle_case){
		.verdict = v,
		.steps = steps,
		.have = &have,
		.causes = KEY_EVENT,
		.n_repairs = 1,
		.actor = "",
		.state = STATE_READY,
		.message = "",
		.ifindex = 7,
	};
}

static struct step_summary repair(void)
{
	return (struct step_summary){.ops = 1U << PLAN_OP_ADDR_ADD,
				     .found = "address 10.0.0.2/24 removed",
				     .changed = ""};
}

static struct settlement settle_one(const struct settle_case *in)
{
	return *settle(in, 1, arena);
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void nothing_to_do_shows_what_was_found(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_READY);
	struct settle_case in = case_of(&v, NULL);
	struct settlement s = settle_one(&in);

	(void)state;
	assert_int_equal(s.status.state, STATE_READY);
	assert_int_equal(s.status.ifindex, 7);
	assert_int_equal(s.status.mtu, 1400);
	assert_string_equal(s.status.link_state, "up");
	assert_int_equal(s.next, SETTLE_SUCCEEDED);
	assert_int_equal(s.n_drifts, 0);
	/* A step on its master has changed that since. */
	in.master_mtu = 1500;
	assert_int_equal(settle_one(&in).status.mtu, 1500);
}

static void a_repair_is_drift_and_is_looked_at_once_more(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = repair();
	struct settle_case in = case_of(&v, &done);
	struct settlement s = settle_one(&in);

	(void)state;
	assert_int_equal(s.status.state, STATE_READY);
	assert_int_equal(s.n_drifts, 1);
	assert_string_equal(s.drifts[0].found, "address 10.0.0.2/24 removed");
	assert_string_equal(s.drifts[0].action, "back");
	assert_string_equal(s.drifts[0].event, "drift_repaired");
	assert_true(s.drifts[0].is_repair);
	assert_true(s.look_again);
	assert_int_equal(s.next, SETTLE_NOTHING);
}

static void who_waits_in_a_new_namespace_is_looked_at_once_more(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WAITING);
	struct settle_case in = case_of(&v, NULL);

	(void)state;
	in.has_new_netns = true;
	assert_true(settle_one(&in).look_again);
	in.causes = KEY_LOOK;
	assert_false(settle_one(&in).look_again);
	in.causes = KEY_EVENT;
	in.has_new_netns = false;
	assert_false(settle_one(&in).look_again);
}

/* What is left as it is must have been as declared before: the record of that. */
static void what_becomes_of_the_record(void **state)
{
	struct err *failure = err_new(ERR_INVALID, "no");
	struct step_summary done = repair(), failed = repair();
	struct model_netns gone = {.name = "ns1"};
	const struct model without_netns = {.masters = &master_found,
					    .n_masters = 1,
					    .namespaces = &gone,
					    .n_namespaces = 1};
	const struct {
		enum model_drift drift;
		enum plan_verdict_kind kind;
		const struct step_summary *steps;
		const struct model *have;
		enum settle_record record;
		bool look_again;
	} cases[] = {
		{MODEL_DRIFT_REPAIR, PLAN_READY, NULL, &have, SETTLE_RECORD_FORGET,
		 false},
		{MODEL_DRIFT_REPORT, PLAN_READY, NULL, &have, SETTLE_RECORD_NOTE, false},
		{MODEL_DRIFT_IGNORE, PLAN_READY, NULL, &have, SETTLE_RECORD_NOTE, false},
		{MODEL_DRIFT_REPORT, PLAN_WORK, &done, &have, SETTLE_RECORD_KEEP, true},
		{MODEL_DRIFT_REPORT, PLAN_WORK, &failed, &have, SETTLE_RECORD_KEEP,
		 false},
		{MODEL_DRIFT_REPORT, PLAN_WORK, NULL, &have, SETTLE_RECORD_KEEP, false},
		{MODEL_DRIFT_REPORT, PLAN_WAITING, NULL, &have, SETTLE_RECORD_KEEP,
		 false},
		{MODEL_DRIFT_REPORT, PLAN_DRIFTED, NULL, &have, SETTLE_RECORD_KEEP,
		 false},
		{MODEL_DRIFT_REPORT, PLAN_WAITING, NULL, &without_netns,
		 SETTLE_RECORD_LOST_NETNS, false},
	};

	(void)state;
	failed.error = failure;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct plan_verdict v = verdict_of(cases[i].kind);
		struct settle_case in = case_of(&v, cases[i].steps);
		struct settlement s;

		slave.drift = cases[i].drift;
		in.have = cases[i].have;
		in.held = cases[i].kind == PLAN_DRIFTED ? &done : NULL;
		s = settle_one(&in);
		if (s.record != cases[i].record || s.look_again != cases[i].look_again)
			fail_msg("case %zu: record %d, look again %d", i, s.record,
				 s.look_again);
	}
	slave.drift = MODEL_DRIFT_REPAIR;
	err_free(failure);
}

static void a_spent_row_goes_at_the_second_look(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WAITING);
	struct settle_case in = case_of(&v, NULL);
	struct settlement s;

	(void)state;
	v.have = NULL;
	v.message = "gone";
	v.is_spent = true;
	s = settle_one(&in);
	assert_false(s.removes_row);
	assert_true(s.look_in_ms > 0);
	assert_int_equal(s.status.state, STATE_WAITING);
	in.state = STATE_WAITING;
	in.message = "another";
	assert_false(settle_one(&in).removes_row);
	in.message = "gone";
	assert_true(settle_one(&in).removes_row);
	v.is_spent = false;
	assert_false(settle_one(&in).removes_row);
}

static void a_transient_row_is_recorded_as_it_becomes_ready(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_READY);
	struct settle_case in = case_of(&v, NULL);

	(void)state;
	slave.is_transient = true;
	assert_int_equal(settle_one(&in).record, SETTLE_RECORD_NOTE);
	slave.was_made = true;
	assert_int_equal(settle_one(&in).record, SETTLE_RECORD_KEEP);
	v.kind = PLAN_DISABLED;
	assert_int_equal(settle_one(&in).record, SETTLE_RECORD_FORGET);
	slave.is_transient = slave.was_made = false;
}

static void what_was_down_before_was_not_set_down(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = {.ops = 1U << PLAN_OP_MASTER_SET,
				    .found = DRIFT_TEXT_SET_DOWN,
				    .changed = ""};
	struct settle_case in = case_of(&v, &done);

	(void)state;
	v.slave = NULL;
	v.have = NULL;
	assert_int_equal(settle_one(&in).n_drifts, 1);
	in.was_down = true;
	assert_int_equal(settle_one(&in).n_drifts, 0);
	done.found = "mtu 1500 -> 1400";
	assert_int_equal(settle_one(&in).n_drifts, 1);
}

static void an_edit_is_no_drift(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = repair();
	struct settle_case in = case_of(&v, &done);

	(void)state;
	in.causes = KEY_EVENT | KEY_CONFIG;
	assert_int_equal(settle_one(&in).n_drifts, 0);
	/* Nor is what a second look finds. */
	in.causes = KEY_LOOK;
	assert_int_equal(settle_one(&in).n_drifts, 0);
	assert_int_equal(settle_one(&in).next, SETTLE_FAILED);
}

static void many_repairs_are_a_contest(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = repair();
	struct settle_case in = case_of(&v, &done);
	struct err *e = err_sys(ENETUNREACH, "cannot add the route");
	struct settlement s;

	(void)state;
	setenv("TZ", "UTC", 1);
	in.n_repairs = DRIFT_CONTEST_TIMES - 1;
	assert_int_equal(settle_one(&in).hold, 0);
	in.n_repairs = DRIFT_CONTEST_TIMES;
	in.contest = (struct drift_contest){.times = 5, .opponent = ""};
	in.wall_ms = 2000;
	in.actor = "`ip` (pid 12, uid 0)";
	s = settle_one(&in);
	assert_int_equal(s.status.state, STATE_CONTESTED);
	assert_int_equal(s.hold, 3);
	assert_string_equal(s.status.message,
			    "undone 5 times since 00:00:00 by `ip` (pid 12, uid 0): "
			    "address 10.0.0.2/24 removed; next repair at 00:00:03");
	/* It goes on, less and less often, also when the window is empty. */
	in.state = STATE_CONTESTED;
	in.n_repairs = 1;
	in.actor = "";
	in.contest = (struct drift_contest){.is_on = true, .rounds = 3, .opponent = ""};
	s = settle_one(&in);
	assert_int_equal(s.hold, 6);
	assert_non_null(strstr(s.status.message, "by an unknown process"));
	in.contest.rounds = 1000;
	assert_int_equal(settle_one(&in).hold, 7);
	/* A repair that is undone while it is made fails. */
	done.error = e;
	s = settle_one(&in);
	assert_int_equal(s.status.state, STATE_CONTESTED);
	assert_int_equal(s.hold, 7);
	assert_non_null(
		strstr(s.status.message, "; the last one failed: cannot add the route"));
	in.contest.is_on = false;
	assert_int_equal(settle_one(&in).status.state, STATE_ERROR);
	err_free(e);
}

/* The kernel names nobody for a change of a port; another program's ipvlan there may be behind
 * it. */
static void a_contest_about_a_port_names_the_stranger_on_it(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = {
		.ops = 1U << PLAN_OP_PORT_SET, .found = "mode l2 -> l3", .changed = ""};
	struct settle_case in = case_of(&v, &done);
	struct settlement s;

	(void)state;
	v.slave = NULL;
	v.have = NULL;
	in.n_repairs = DRIFT_CONTEST_TIMES;
	in.contest = (struct drift_contest){.times = 5, .opponent = ""};
	master_found.seen.stranger = "old/w0";
	s = settle_one(&in);
	assert_string_equal(s.status.message,
			    "undone 5 times since 00:00:00 by an unknown process (the "
			    "ipvlan old/w0, which is not ours, is on the same master): "
			    "mode l2 -> l3; next repair at 00:00:01");
	/* Whoever was named once is more likely. */
	in.contest.opponent = "`ip` (pid 12, uid 0)";
	s = settle_one(&in);
	assert_null(strstr(s.status.message, "old/w0"));
	/* It has nothing to do with the master's routes. */
	in.contest.opponent = "";
	done.ops = 1U << PLAN_OP_ROUTE_ADD;
	s = settle_one(&in);
	assert_null(strstr(s.status.message, "old/w0"));
	master_found.seen.stranger = "";
	done.ops = 1U << PLAN_OP_PORT_SET;
	s = settle_one(&in);
	assert_non_null(strstr(s.status.message, "by an unknown process: mode"));
}

/* As wanted for now, but for how long? */
static void a_contest_is_over_when_it_stays_quiet(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_READY);
	struct settle_case in = case_of(&v, NULL);
	struct settlement s;

	(void)state;
	in.state = STATE_CONTESTED;
	in.message = "undone 7 times";
	in.contest = (struct drift_contest){
		.is_on = true, .rounds = 2, .opponent = "", .wait_ms = 700};
	s = settle_one(&in);
	assert_int_equal(s.status.state, STATE_CONTESTED);
	assert_string_equal(s.status.message, "undone 7 times");
	assert_int_equal(s.look_in_ms, 700);
	assert_false(s.ends_contest);
	in.contest.wait_ms = 0;
	s = settle_one(&in);
	assert_int_equal(s.status.state, STATE_READY);
	assert_string_equal(s.status.message, "");
	assert_true(s.ends_contest);
}

static void a_failure_says_when_it_is_tried_again(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = repair();
	struct settle_case in = case_of(&v, &done);
	struct err *e = err_sys(EADDRINUSE, "cannot add 10.0.0.2/24");
	struct settlement s;

	(void)state;
	done.error = e;
	s = settle_one(&in);
	assert_int_equal(s.status.state, STATE_ERROR);
	assert_non_null(strstr(s.status.message, "; next try in 250 ms"));
	assert_int_equal(s.next, SETTLE_FAILED);
	assert_true(s.is_new_failure);
	assert_string_equal(s.drifts[0].action, "not yet put right");
	assert_false(s.look_everywhere);
	/* By now it is no namespace that is still dying. */
	in.failures = 2;
	s = settle_one(&in);
	assert_true(s.look_everywhere);
	in.failures = 3;
	assert_false(settle_one(&in).look_everywhere);
	/* The row shows it already. */
	in.failures = 2;
	in.state = STATE_ERROR;
	in.message = s.status.message;
	assert_false(settle_one(&in).is_new_failure);
	err_free(e);
}

static void what_no_retry_helps_is_given_up(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = repair();
	struct settle_case in = case_of(&v, &done);
	struct err *e = err_sys(EINVAL, "cannot set sysctl");
	struct settlement s;

	(void)state;
	done.error = e;
	s = settle_one(&in);
	assert_int_equal(s.next, SETTLE_GAVE_UP);
	assert_null(strstr(s.status.message, "next try"));
	err_free(e);
}

static void what_kept_an_address_out_is_no_evidence(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_CONFLICT);
	struct step_summary done = repair();
	struct settle_case in = case_of(&v, &done);
	struct settlement s;

	(void)state;
	v.message = "a foreign route is in the way";
	in.state = STATE_CONFLICT;
	s = settle_one(&in);
	assert_int_equal(s.status.state, STATE_CONFLICT);
	assert_string_equal(s.status.message, v.message);
	assert_int_equal(s.n_drifts, 0);
	/* What was changed on the very device is. */
	done.changed = "set down";
	assert_int_equal(settle_one(&in).n_drifts, 1);
	in.ifindex = 8;
	assert_int_equal(settle_one(&in).n_drifts, 0);
}

/* The slave's nameservers may be written, and its device not made. */
static void steps_alone_show_no_device(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_CONFLICT);
	struct step_summary done = {
		.ops = 1U << PLAN_OP_RESOLV_SET, .found = "", .changed = ""};
	struct settle_case in = case_of(&v, &done);
	struct settlement s;

	(void)state;
	slave.mtu = 1300;
	v.message = "a veth is in its place";
	v.have = NULL;
	s = settle_one(&in);
	slave.mtu = 0;
	assert_int_equal(s.status.mtu, 0);
	assert_int_equal(s.status.ifindex, 0);
	assert_string_equal(s.status.link_state, "");
}

/* A macvlan's is not its master's. */
static void a_made_device_shows_its_own_mac(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = {.ops = 1U << PLAN_OP_LINK_ADD,
				    .was_made = true,
				    .ifindex = 9,
				    .mac = {2, 0, 0, 0, 0, 7},
				    .found = "deleted",
				    .changed = ""};
	struct settle_case in = case_of(&v, &done);
	struct settlement s = settle_one(&in);

	(void)state;
	assert_int_equal(s.status.ifindex, 9);
	assert_memory_equal(s.status.mac, done.mac, sizeof(done.mac));
}

static void a_step_shows_the_mtu_that_it_set(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WORK);
	struct step_summary done = {.ops = 1U << PLAN_OP_LINK_SET,
				    .mtu = 1500,
				    .found = "mtu 1500 -> 1400",
				    .changed = ""};
	struct settle_case in = case_of(&v, &done);

	(void)state;
	assert_int_equal(settle_one(&in).status.mtu, 1500);
}

static void a_lost_master_is_drift_that_is_left(void **state)
{
	static struct plan_verdict v = {
		.kind = PLAN_WAITING, .master = &master, .message = "eth0 is missing"};
	static const struct model nothing = {0};
	struct settle_case in = case_of(&v, NULL);
	struct settlement s;

	(void)state;
	in.have = &nothing;
	s = settle_one(&in);
	assert_int_equal(s.status.state, STATE_WAITING);
	assert_int_equal(s.n_drifts, 1);
	assert_string_equal(s.drifts[0].found, "deleted");
	assert_string_equal(s.drifts[0].action, DRIFT_LEFT);
	assert_false(s.drifts[0].is_repair);
	/* It has not stood before. */
	in.state = STATE_WAITING;
	assert_int_equal(settle_one(&in).n_drifts, 0);
}

static void a_new_warning_is_drift_where_its_master_has_none(void **state)
{
	static const char *const warnings[] = {"promiscuous mode is on: switch it off"};
	struct plan_verdict v = verdict_of(PLAN_READY), m = {.master = &master};
	struct settle_case in = case_of(&v, NULL);
	struct settlement s;

	(void)state;
	v.warnings = warnings;
	v.n_warnings = 1;
	in.master = &m;
	s = settle_one(&in);
	assert_int_equal(s.status.n_warnings, 1);
	assert_int_equal(s.n_drifts, 1);
	assert_string_equal(s.drifts[0].found, "promiscuous mode is on");
	assert_null(s.drifts[0].event);
	m.warnings = warnings;
	m.n_warnings = 1;
	assert_int_equal(settle_one(&in).n_drifts, 0);
	m.n_warnings = 0;
	in.warnings = warnings;
	in.n_warnings = 1;
	assert_int_equal(settle_one(&in).n_drifts, 0);
}

static void a_warning_that_comes_with_slaves_is_no_drift(void **state)
{
	static const char *const warnings[] = {"eth0 is down: set it up"};
	struct plan_verdict v = verdict_of(PLAN_READY);
	struct model_master found = master_found;
	struct settle_case in = case_of(&v, NULL);

	(void)state;
	found.seen.has_ours = true;
	v.slave = NULL;
	v.have_master = &found;
	v.warnings = warnings;
	v.n_warnings = 1;
	in.causes = KEY_EVENT;
	assert_int_equal(settle_one(&in).n_drifts, 1);
	in.causes |= KEY_MEMBERS;
	assert_int_equal(settle_one(&in).n_drifts, 0);
}

static void a_warning_of_a_master_that_got_its_first_slave_is_no_drift(void **state)
{
	static const char *const warnings[] = {"eth0 is down: set it up"};
	struct plan_verdict v = verdict_of(PLAN_READY);
	struct model_master found = master_found;
	struct settle_case in = case_of(&v, NULL);

	(void)state;
	v.slave = NULL;
	v.have = NULL;
	v.have_master = &found;
	v.warnings = warnings;
	v.n_warnings = 1;
	assert_int_equal(settle_one(&in).status.n_warnings, 1);
	assert_int_equal(settle_one(&in).n_drifts, 0);
	found.seen.has_ours = true;
	assert_int_equal(settle_one(&in).n_drifts, 1);
}

/* Nothing looks at it again when that master changes. */
static void the_link_of_a_device_on_another_master_is_not_shown(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_WAITING);
	struct model_slave elsewhere = slave_found;
	struct settle_case in = case_of(&v, NULL);
	struct settlement s;

	(void)state;
	elsewhere.seen.is_on_master = false;
	v.have = &elsewhere;
	s = settle_one(&in);
	assert_int_equal(s.status.ifindex, 7);
	assert_int_equal(s.status.mtu, 0);
	assert_string_equal(s.status.link_state, "");
}

/* Nor when another program sets it up or down where it has taken it, nor by a step of ours. */
static void the_link_of_a_device_that_was_taken_elsewhere_is_not_shown(void **state)
{
	struct model_slave handed_over = {
		.netns = "", .name = "web0", .is_handed_over = true};
	struct model_slave taken = slave_found;
	struct step_summary done = {
		.ops = 1U << PLAN_OP_ALIAS_SET, .found = "", .changed = ""};
	struct plan_verdict v = verdict_of(PLAN_READY);
	struct settle_case in = case_of(&v, NULL);

	(void)state;
	v.slave = &handed_over;
	v.have = &taken;
	for (int round = 0; round < 2; round++) {
		struct settlement s = settle_one(&in);

		assert_int_equal(s.status.state, STATE_READY);
		assert_int_equal(s.status.ifindex, 7);
		assert_int_equal(s.status.mtu, 0);
		assert_string_equal(s.status.link_state, "");
		v.kind = PLAN_WORK;
		in.steps = &done;
	}
	/* Under another name in the first place it is seen. */
	taken.netns = "";
	assert_string_equal(settle_one(&in).status.link_state, "up");
	assert_int_equal(settle_one(&in).status.mtu, 1400);
	taken.seen.is_up = false;
	assert_string_equal(settle_one(&in).status.link_state, "down");
}

static void a_removed_device_is_not_shown(void **state)
{
	struct plan_verdict v = verdict_of(PLAN_DISABLED);
	struct step_summary done = {
		.ops = 1U << PLAN_OP_LINK_DEL, .found = "", .changed = ""};
	struct settle_case in = case_of(&v, &done);
	struct settlement s = settle_one(&in);

	(void)state;
	assert_int_equal(s.status.state, STATE_DISABLED);
	assert_int_equal(s.status.ifindex, 0);
	assert_string_equal(s.status.link_state, "");
}

static void drift_repaired_in_slices_leaves_a_row_ready(void **state)
{
	(void)state;
	assert_false(settle_is_pending(STATE_READY, KEY_EVENT));
	assert_false(settle_is_pending(STATE_CONTESTED, KEY_CONFIG));
	assert_false(settle_is_pending(STATE_ERROR, KEY_LOOK));
	assert_true(settle_is_pending(STATE_ERROR, KEY_CONFIG));
	assert_true(settle_is_pending(STATE_UNKNOWN, KEY_CONFIG));
	assert_true(settle_is_pending(STATE_WAITING, KEY_EVENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_to_do_shows_what_was_found, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_repair_is_drift_and_is_looked_at_once_more, setup, teardown),
		cmocka_unit_test_setup_teardown(a_spent_row_goes_at_the_second_look,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_transient_row_is_recorded_as_it_becomes_ready, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_down_before_was_not_set_down,
						setup, teardown),
		cmocka_unit_test_setup_teardown(an_edit_is_no_drift, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_warning_that_comes_with_slaves_is_no_drift, setup, teardown),
		cmocka_unit_test_setup_teardown(a_contest_is_over_when_it_stays_quiet,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_becomes_of_the_record, setup,
						teardown),
		cmocka_unit_test_setup_teardown(many_repairs_are_a_contest, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_contest_about_a_port_names_the_stranger_on_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failure_says_when_it_is_tried_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_no_retry_helps_is_given_up, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_kept_an_address_out_is_no_evidence,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_made_device_shows_its_own_mac, setup,
						teardown),
		cmocka_unit_test_setup_teardown(steps_alone_show_no_device, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_step_shows_the_mtu_that_it_set, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_lost_master_is_drift_that_is_left,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_new_warning_is_drift_where_its_master_has_none, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_warning_of_a_master_that_got_its_first_slave_is_no_drift, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			the_link_of_a_device_on_another_master_is_not_shown, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			the_link_of_a_device_that_was_taken_elsewhere_is_not_shown, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			who_waits_in_a_new_namespace_is_looked_at_once_more, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_removed_device_is_not_shown, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			drift_repaired_in_slices_leaves_a_row_ready, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
