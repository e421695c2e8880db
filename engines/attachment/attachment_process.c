/* PID/START/NAMESPACE: a PID alone is used again, and means another process in another pid
 * namespace. START is that of process_start_ticks(). */
#include "engines/attachment/attachment_process.h"

#include "lib/alloc.h"
#include "lib/process.h"
#include "lib/text.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Longer than any call: a process of another pid namespace is known by its age alone. */
#define CALL_MAX_S 120

static uint64_t own_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) ? 0 : st.st_ino;
}

char *attachment_process_text(void)
{
	uint32_t pid = (uint32_t)getpid();
	uint64_t start;

	(void)process_start_ticks(pid, &start);
	return xasprintf("%" PRIu32 "/%" PRIu64 "/%" PRIu64, pid, start, own_namespace());
}

static bool is_young(uint64_t start)
{
	struct timespec now;
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec < start / ticks + CALL_MAX_S;
}

bool attachment_process_lives(const char *text)
{
	uint32_t pid;
	uint64_t start, now, namespace;

	if (sscanf(text, "%" SCNu32 "/%" SCNu64 "/%" SCNu64, &pid, &start, &namespace) !=
	    3)
		return false;
	if (namespace != own_namespace())
		return is_young(start);
	(void)process_start_ticks(pid, &now);
	return now == start;
}
