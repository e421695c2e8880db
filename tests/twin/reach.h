/* Who reaches whom, derived from the state of a kernel as text (datapath/sim/sim_dump.c):
 * mode and flag, addresses, routes, what is at the other end of a cable.
 *
 * The rules are those of docs/kernel.md 10 to 12 and 31, and of forwarding. Filters and
 * routing rules are none of them. */
#ifndef TESTS_TWIN_REACH_H
#define TESTS_TWIN_REACH_H 1

#include "lib/arena.h"
#include "lib/ip.h"

#include <stdbool.h>

/* True if a ping from namespace 'netns' ("." is the own one) to 'to' is answered. */
bool reach_derive(struct arena *a, const char *dump, const char *netns,
		  const struct ip_addr *to);

#endif
