/* What the kernel counts about this process. */
#ifndef RECONCILER_WEB_WEB_PROCESS_H
#define RECONCILER_WEB_WEB_PROCESS_H 1

#include <stdint.h>

struct web_process {
	double cpu_seconds;
	uint64_t resident_bytes, n_fds, max_fds, wakeups;
};

struct web_process web_process_read(void);

#endif
