/* The process that the text of a namespace leads through: "/proc/PID/ns/net", or a
 * symlink to that. */
#ifndef DATAPATH_KERNEL_FILES_PROCFS_H
#define DATAPATH_KERNEL_FILES_PROCFS_H 1

#include "datapath/model.h"

/* pid 0 if the text leads through none. start 0 if the process does not exist or may not
 * be read. */
struct model_process procfs_process_of(const char *text);

#endif
