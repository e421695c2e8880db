/* The process that a text leads through, and which of the processes that have had its
 * PID: a PID is used again, a start time is not. */
#include "datapath/kernel/files/procfs.h"

#include "datapath/kernel/files/nsfs.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <fcntl.h>
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

/* proc(5): field 22 of stat. It is counted from the end of the name, which is in brackets
 * and may contain anything. */
static uint64_t start_in(char *stat)
{
	char *at = strrchr(stat, ')');
	uint64_t start;

	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return 0;
	at++;
	at[strcspn(at, " ")] = '\0';
	return text_to_uint(at, 0, UINT64_MAX, &start) ? start : 0;
}

static uint64_t start_of(uint32_t pid)
{
	char path[32], stat[1024];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	stat[n] = '\0';
	return start_in(stat);
}

struct model_process procfs_process_of(const char *text)
{
	char *path CLEANUP(freep) =
		*text == '/' ? xstrdup(text) : xasprintf("%s/%s", NETNS_DIR, text);
	struct model_process p = {.pid = pid_behind(path)};

	if (p.pid)
		p.start = start_of(p.pid);
	return p;
}
