/* The resolv.conf of a namespace: ROOT/NAME/resolv.conf, where ROOT is /etc/netns.
 *
 * The first line of ours says that ipvl wrote it, the second one which: several daemons, each
 * in a network namespace of its own, may share one /etc. */
#ifndef DATAPATH_KERNEL_FILES_RESOLV_H
#define DATAPATH_KERNEL_FILES_RESOLV_H 1

#include "lib/arena.h"
#include "lib/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct resolv_files {
	const char *root; /* "/etc/netns" */
	uint32_t mark;    /* the link group of our devices */
};

/* The text if it is ours, without the line of the mark; else "". 'ret_foreign': something else
 * is there, which may be a file without our mark, a symlink, or anything in place of the folder.
 * A file of an older ipvl has no line of the mark, and counts as ours. */
const char *resolv_read(const struct resolv_files *files, struct arena *a,
			const char *netns, bool *ret_foreign);
/* The same for what is to write ours: 'ret_in_the_way', something foreign is there that cannot be
 * kept beside it. */
const char *resolv_read_for_ours(const struct resolv_files *files, struct arena *a,
				 const char *netns, bool *ret_in_the_way);
/* A text without MODEL_RESOLV_CONF_MARK is written as it is; "" removes the file, and puts back
 * what was kept. ERR_EXISTS if what is there is not ours and is in the way. */
struct err *resolv_write(const struct resolv_files *files, const char *netns,
			 const char *text) MUST_CHECK;
/* The same, but "" without the line of our mark: whose it is is certain. */
const char *resolv_read_marked(const struct resolv_files *files, struct arena *a,
			       const char *netns);
/* What may have such a file: the names in ROOT, in no order. */
const char **resolv_folders(const struct resolv_files *files, struct arena *a,
			    size_t *ret_n);
/* At start: removes what a crash has left behind, or puts it back. */
void resolv_clean(const struct resolv_files *files);

#endif
