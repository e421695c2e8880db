/* What lies inside namespaces: addresses, routes, sysctls. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_DETAIL_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_DETAIL_H 1

#include "datapath/kernel/observe/observe_addr.h"

/* The routes of so many devices of a namespace are asked for one device after the other: a host
 * may have a long table. */
#define OBSERVE_FEW_DEVICES 16

/* 'details' are sorted by namespace. */
struct err *observe_detail_read(struct observation *o, struct observed_detail *details,
				size_t n) MUST_CHECK;

#endif
