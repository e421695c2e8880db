/* Parts of a dump of the kernel's state (datapath/sim/sim_dump.c), by name. */
#ifndef TESTS_TWIN_DUMP_VIEW_H
#define TESTS_TWIN_DUMP_VIEW_H 1

#include "lib/arena.h"

/* The dump with a line for each device that begins with its label, "ns1/a" or "eth0", and
 * addresses and routes indented below it. A namespace is a line "ns1:", with what belongs
 * to no device below it; the host is ".:", and shown only if there is something. */
const char *dump_view_flat(struct arena *a, const char *dump);

/* Of a flat dump, what the unindented lines of 'names' begin with, in their order:
 * "NAME absent" for what is not there. All of it if 'names' is "". */
const char *dump_view_of(struct arena *a, const char *flat, const char *names);

/* Of a flat dump, what is not ours: names and kinds of devices, and their addresses and
 * routes, without what follows the devices below them; and routes and rules of namespaces. */
const char *dump_view_foreign(struct arena *a, const char *flat);
/* The rules, and the routes without a device, that have our protocol number: "ns1: route blackhole
 * 10.9.0.0/16 proto 76". */
const char *dump_view_our_shared(struct arena *a, const char *flat);

#endif
