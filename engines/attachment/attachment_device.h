/* The device of the default route, for a network that names no master. */
#ifndef ENGINES_ATTACHMENT_DEVICE_H
#define ENGINES_ATTACHMENT_DEVICE_H 1

#include "lib/arena.h"

/* The one with the lowest metric in the main table, of IPv4, or of IPv6 if IPv4 has none; "" if
 * there is none. */
const char *attachment_device_of_default_route(struct arena *a);

#endif
