/* The log's lines about states and warnings: each change is one line, the same again is
 * none, and many rows alike share one. */
#include "world.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
	FILE *file;
	int stderr_fd;
	char text[65536];
} captured;

static void capture(void)
{
	captured.file = tmpfile();
	captured.stderr_fd = dup(STDERR_FILENO);
	assert_non_null(captured.file);
	fflush(stderr);
	assert_true(dup2(fileno(captured.file), STDERR_FILENO) >= 0);
}

/* What was written since capture(). */
static const char *release(void)
{
	size_t n;

	fflush(stderr);
	dup2(captured.stderr_fd, STDERR_FILENO);
	close(captured.stderr_fd);
	rewind(captured.file);
	n = fread(captured.text, 1, sizeof(captured.text) - 1, captured.file);
	captured.text[n] = '\0';
	fclose(captured.file);
	return captured.text;
}

static void expect_log(const char *right)
{
	const char *is = release();

	if (strcmp(is, right))
		fail_msg("the log is:\n%sand not:\n%s", is, right);
	capture();
}

static int setup(void **state)
{
	*state = world_new();
	unsetenv("JOURNAL_STREAM");
	capture();
	return 0;
}

static int teardown(void **state)
{
	release();
	world_free(*state);
	return 0;
}

/* 'rest' of the one slave's line. */
static void apply_one(struct world *w, const char *rest)
{
	char *yaml = xasprintf(
		"version: 1\n"
		"masters:\n"
		"  - name: eth0\n"
		"    mode: l2\n"
		"    slaves: [{name: a, netns: ns0, addresses: [10.0.0.2/24]%s}]\n",
		rest);

	world_apply(w, yaml);
	free(yaml);
	world_settle(w);
}

static void a_state_and_back(void **state)
{
	struct world *w = *state;

	world_check(sim_add_netns(w->sim, "ns0"));
	world_check(sim_add_link(w->sim, "ns0", "a", "veth", "", -1, 0));
	world_start(w);
	apply_one(w, "");
	expect_log("event=state_changed object=ns0/a from=none to=conflict "
		   "reason=\"ns0 already has a veth called a that ipvl did not make: "
		   "rename or remove it, and ours takes its place\"\n"
		   "event=state_changed object=eth0 from=none to=ready reason=\"\"\n");
	/* Looked at again: no news. */
	apply_one(w, ", mtu: 1400");
	expect_log("");
	world_check(sim_del_link(w->sim, "ns0", "a"));
	world_wait_state(w, "ns0", "a", "ready");
	world_settle(w);
	expect_log("event=state_changed object=ns0/a from=conflict to=ready "
		   "reason=\"\"\n");
}

static void a_warning_and_its_end(void **state)
{
	struct world *w = *state;

	world_start(w);
	apply_one(w, "");
	release();
	capture();
	apply_one(w, ", mtu: 9000");
	expect_log("event=warning_raised object=ns0/a warning=\"mtu 9000 is above the "
		   "1500 of eth0, and longer packets are lost: set the mtu of eth0, or "
		   "leave out that of the slave\"\n");
	apply_one(w, ", mtu: 1400");
	expect_log("event=warning_cleared object=ns0/a warning=\"mtu 9000 is above the "
		   "1500 of eth0, and longer packets are lost: set the mtu of eth0, or "
		   "leave out that of the slave\"\n");
}

static void many_alike_are_one_line(void **state)
{
	struct world *w = *state;
	char *yaml = xstrdup("version: 1\n"
			     "masters:\n"
			     "  - name: eth0\n"
			     "    slaves:\n");

	for (int i = 10; i < 40; i++) {
		char *more = xasprintf("%s      - {name: s%d, addresses: []}\n", yaml, i);

		free(yaml);
		yaml = more;
	}
	world_apply(w, yaml);
	free(yaml);
	world_start(w);
	world_settle(w);
	expect_log("event=state_changed object=eth0 objects=31 from=none to=ready "
		   "reason=\"\"\n");
	world_check(sim_del_link(w->sim, "", "eth0"));
	world_settle(w);
	expect_log("event=drift_found object=eth0 found=\"deleted\" by=\"\" "
		   "done=\"left as it is\"\n"
		   "event=state_changed object=eth0 objects=31 from=ready to=waiting "
		   "reason=\"waiting for eth0 to appear\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_state_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_warning_and_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(many_alike_are_one_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
