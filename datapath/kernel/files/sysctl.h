/* Sysctls of an interface. */
#ifndef DATAPATH_KERNEL_FILES_SYSCTL_H
#define DATAPATH_KERNEL_FILES_SYSCTL_H 1

#include "datapath/model.h"
#include "lib/err.h"

/* The value of a sysctl in the namespace of the calling thread; "" if there is none. From
 * the arena. */
const char *sysctl_read(struct arena *a, const char *ifname, const char *key);
struct err *sysctl_write(const char *ifname,
			 const struct model_sysctl *sysctl) MUST_CHECK;

#endif
