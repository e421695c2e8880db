/* The resolv.conf of a namespace: ROOT/NAME/resolv.conf, where ROOT is /etc/netns. */
#ifndef DATAPATH_KERNEL_FILES_RESOLV_H
#define DATAPATH_KERNEL_FILES_RESOLV_H 1

#include "lib/arena.h"
#include "lib/err.h"
#include <stdbool.h>

/* The text if ipvl wrote it, else "". 'ret_foreign': something else is there, which may
 * be a file without our mark, a symlink, or anything in place of the folder. */
const char *resolv_read(const char *root, struct arena *a, const char *netns,
			bool *ret_foreign);
/* "" removes it. ERR_EXISTS if ipvl did not write what is there. */
struct err *resolv_write(const char *root, const char *netns,
			 const char *text) MUST_CHECK;
/* At start: removes what a crash has left behind. */
void resolv_clean(const char *root);

#endif
