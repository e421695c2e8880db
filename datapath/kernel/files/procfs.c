/* The process that a text leads through, and which of the processes that have had its
 * PID: a PID is used again, a start time is not. */
#include "datapath/kernel/files/procfs.h"

#include "datapath/kernel/files/nsfs.h"
#include "lib/alloc.h"
#include "lib/process.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux MAXSYMLINKS */
#define MAX_LINKS 40

/* "/proc/PID" itself is never a link. The links inside it are of another kind. */
static uint32_t pid_behind(const char *path)
{
	char at[PATH_MAX], target[PATH_MAX];

	if (strlen(path) >= sizeof(at))
		return 0;
	strcpy(at, path);
	for (int i = 0; i < MAX_LINKS && !model_netns_pid(at); i++) {
		ssize_t n = readlink(at, target, sizeof(target) - 1);
		const char *dir_end = strrchr(at, '/');

		if (n < 0)
			return 0;
		target[n] = '\0';
		if (*target != '/') {
			size_t dir = (size_t)(dir_end - at) + 1;

			if (dir + (size_t)n >= sizeof(at))
				return 0;
			memcpy(at + dir, target, (size_t)n + 1);
		} else {
			strcpy(at, target);
		}
	}
	return model_netns_pid(at);
}

struct model_process procfs_process_of(const char *text)
{
	char *path CLEANUP(freep) =
		*text == '/' ? xstrdup(text) : xasprintf("%s/%s", NETNS_DIR, text);
	struct model_process p = {.pid = pid_behind(path)};

	if (p.pid)
		(void)process_start_ticks(p.pid, &p.start);
	return p;
}
