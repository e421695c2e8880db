/* The provider of Linux's own network: rtnetlink and namespaces. */
#ifndef DATAPATH_KERNEL_KERNEL_H
#define DATAPATH_KERNEL_KERNEL_H 1

#include "datapath/datapath.h"

extern const struct datapath_provider kernel_provider;

#endif
