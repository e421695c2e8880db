/* The provider "kernel" on a real kernel: every step and every observation, without a
 * daemon.
 *
 * Each case runs in network and mount namespaces of its own with a private /run, so that
 * cases cannot meet. What `ip` shows is the witness, not the provider itself. Needs root
 * and a kernel with ipvlan; prints TAP. `datapath_test NAME…` runs some. */
#include "tests/kernel/datapath/bench.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct test {
	const char *name;
	void (*run)(void);
} tests[] = {
	{"thin_way", test_thin_way},
	{"events", test_events},
	{"strangers", test_strangers},
	{"busy", test_busy},
	{"refusals", test_refusals},
	{"routes", test_routes},
	{"addresses", test_addresses},
	{"slave_changes", test_slave_changes},
	{"everything", test_everything},
	{"ports", test_ports},
	{"group_deletion", test_group_deletion},
	{"namespaces", test_namespaces},
	{"vlan", test_vlan},
	{"resolv", test_resolv},
	{"far_master", test_far_master},
	{"churn", test_churn},
	{"scale", test_scale},
	{"between", test_between},
	{"answers", test_answers},
	{"look", test_look},
	{"words", test_words},
};

static void prepare(void)
{
	CHECK(!unshare(CLONE_NEWNET | CLONE_NEWNS));
	CHECK(!mount("", "/", "none", MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("tmpfs", "/run", "tmpfs", 0, "mode=755"));
	RUN("mkdir -p /run/test-etc-netns; mount --bind /run/test-etc-netns /etc/netns");
	RUN("ip link set lo up && ip link add m0 type dummy");
	arena = arena_new();
	open_datapath();
}

static bool run_case(const struct test *t)
{
	struct timespec a, b;
	int status;
	pid_t pid;

	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &a);
	pid = fork();
	if (!pid) {
		prepare();
		t->run();
		kernel_provider.close(dp);
		arena_free(arena);
		exit(end_said(t->name));
	}
	waitpid(pid, &status, 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("# %s: %.2f s\n", t->name,
	       (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_asked_for(const struct test *t, char **names)
{
	for (; *names; names++) {
		if (!strcmp(*names, t->name))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	size_t n = sizeof(tests) / sizeof(tests[0]);
	int failed = 0, number = 0;

	for (size_t i = 0; i < n; i++) {
		bool ok;

		if (argc > 1 && !is_asked_for(&tests[i], argv + 1))
			continue;
		ok = run_case(&tests[i]);
		failed += !ok;
		printf("%s %d %s\n", ok ? "ok" : "not ok", ++number, tests[i].name);
	}
	printf("1..%d\n", number);
	return failed ? 1 : 0;
}
