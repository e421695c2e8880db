/* The process behind the text of a namespace, "/proc/PID/ns/net" or a symlink to that. */
#ifndef DATAPATH_KERNEL_FILES_PROCESS_H
#define DATAPATH_KERNEL_FILES_PROCESS_H 1

#include "datapath/model.h"

/* pid 0 where the text leads through none; start 0 where the process is not there or may
 * not be looked at. */
struct model_process process_of(const char *text);

#endif
