/* Sockets for echo requests (datapath.h). */
#ifndef DATAPATH_KERNEL_PING_H
#define DATAPATH_KERNEL_PING_H 1

#include "datapath/datapath.h"

datapath_ping_fn ping_open;

#endif
