/* What lies inside namespaces: addresses, routes, sysctls. */
#ifndef DATAPATH_KERNEL_OBSERVE_DETAIL_H
#define DATAPATH_KERNEL_OBSERVE_DETAIL_H 1

#include "datapath/kernel/observe_addr.h"

/* 'details' are sorted by namespace. */
struct err *observe_detail_read(struct observation *o, struct observed_detail *details,
				size_t n) MUST_CHECK;

#endif
