/* Random lives of a daemon: `history [--count N] [--seed FIRST] [--replay SEED:ACTS]`.
 *
 * Lives are lived in child processes, so that one that aborts is found too. A failing one
 * is shrunk to the acts that it needs, and printed as one line that replays it. */
#include "datapath/plugin.h"
#include "lib/log.h"
#include "lib/text.h"
#include "tests/twin/history.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_COUNT 2000
/* So many lives in one child. */
#define BATCH     500
#define MAX_SHOWN 4096

/* Of the child, shown to its parent. */
struct report {
	uint64_t seed;
	char failure[MAX_SHOWN];
};
static struct report *report;

static void note_failure(char *failure)
{
	snprintf(report->failure, sizeof(report->failure), "%s", failure);
	free(failure);
}

/* True if all of them hold. */
static bool live_in_child(uint64_t first, uint64_t n, uint64_t kept)
{
	pid_t child;
	int status;

	report->seed = first;
	report->failure[0] = '\0';
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(2);
	}
	if (!child) {
		char *failure = NULL;

		/* Lines of the log about injected failures. --replay shows them. */
		(void)!freopen("/dev/null", "w", stderr);
		for (uint64_t i = 0; i < n && !failure; i++) {
			const struct history h = {.seed = first + i, .kept = kept};

			report->seed = h.seed;
			failure = history_run(&h);
		}
		if (failure)
			note_failure(failure);
		_exit(failure ? 1 : 0);
	}
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	if (!report->failure[0])
		snprintf(report->failure, sizeof(report->failure),
			 "the process ended with %s %d",
			 WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}

/* Leaves out one act after another, as long as the rest still fails. */
static uint64_t shrink(uint64_t seed)
{
	uint64_t kept = HISTORY_ALL_ACTS, before;

	do {
		before = kept;
		for (unsigned int i = HISTORY_ACTS; i--;) {
			uint64_t without = kept & ~(UINT64_C(1) << i);

			if (without != kept && !live_in_child(seed, 1, without))
				kept = without;
		}
	} while (kept != before);
	live_in_child(seed, 1, kept);
	return kept;
}

static int replay(const char *text)
{
	struct history h = {.is_traced = true, .kept = HISTORY_ALL_ACTS};
	char *failure;

	if (sscanf(text, "%" SCNu64 ":%" SCNx64, &h.seed, &h.kept) < 1) {
		fprintf(stderr, "history: not SEED:ACTS: %s\n", text);
		return 2;
	}
	failure = history_run(&h);
	printf("%s\n", failure ? failure : "holds");
	free(failure);
	return failure ? 1 : 0;
}

static int explore(const char *program, uint64_t first, uint64_t count)
{
	uint64_t done = 0, kept;

	for (; done < count; done += BATCH) {
		uint64_t n = count - done < BATCH ? count - done : BATCH;

		if (live_in_child(first + done, n, HISTORY_ALL_ACTS))
			continue;
		kept = shrink(report->seed);
		printf("not ok 1 - %" PRIu64 " random histories\n# %s\n# replay: %s "
		       "--replay %" PRIu64 ":%" PRIx64 "\n",
		       count, report->failure, program, report->seed, kept);
		return 1;
	}
	printf("ok 1 - %" PRIu64 " random histories from %" PRIu64 "\n", count, first);
	return 0;
}

int main(int argc, char **argv)
{
	size_t n_plugins;
	static const struct option options[] = {{"count", required_argument, NULL, 'n'},
						{"seed", required_argument, NULL, 's'},
						{"replay", required_argument, NULL, 'r'},
						{0}};
	uint64_t first = 1, count = DEFAULT_COUNT;
	int option;

	plugin_use(plugin_folder(IPVL_PLUGIN_DIR));
	(void)plugin_list(&n_plugins);
	log_set_level(getenv("IPVL_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERR);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			return replay(optarg);
		else if (option == 'n')
			count = strtoull(optarg, NULL, 10);
		else if (option == 's')
			first = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	printf("1..1\n");
	return explore(argv[0], first, count);
}
