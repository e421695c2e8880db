/* Settings of devices, read from the files of their namespace. */
#ifndef DATAPATH_OBSERVE_SYSCTL_H
#define DATAPATH_OBSERVE_SYSCTL_H 1

#include "datapath/kernel/observe/observe_addr.h"

/* Those that are asked for of the 'n' devices, all in one namespace, which is entered if there are
 * any. */
struct err *observe_sysctl_read(struct observation *o,
				const struct observed_detail *details,
				size_t n) MUST_CHECK;
/* Those that are recorded of devices which masters of the model have left. */
struct err *observe_sysctl_read_left(struct observation *o,
				     struct model *have) MUST_CHECK;

#endif
