/* Which process wrote to rtnetlink: its name and user, read while it still runs. */
#ifndef DATAPATH_KERNEL_FILES_AUTHORS_H
#define DATAPATH_KERNEL_FILES_AUTHORS_H 1

#include "lib/arena.h"
#include "lib/err.h"

#include <stdint.h>

struct authors;

/* Starts a thread. 'own_port' and the ports up to 'own_mask' above it are our own. */
struct err *authors_open(uint32_t own_port, uint32_t own_mask,
			 struct authors **ret_a) MUST_CHECK;
void authors_close(struct authors *a); /* accepts NULL */

/* The process whose netlink port is 'pid', as "`ip` (pid 4711, uid 0)"; "perhaps `x` (…)"
 * for a process that has no such port, since the number may be that of another pid
 * namespace; "pid 4711, which is gone". From 'arena'. */
const char *authors_text(struct authors *a, uint32_t pid, struct arena *arena);

#endif
