/* Random configurations, as YAML that the validator mostly accepts. */
#ifndef TESTS_TWIN_HISTORY_WISH_H
#define TESTS_TWIN_HISTORY_WISH_H 1

#include "lib/arena.h"
#include "tests/twin/dice.h"

/* The names of this small world; the configuration and the strangers share them. */
static const char *const wish_netnses[] = {"", "ns1", "ns2", "ns3"};
static const char *const wish_names[] = {"a", "b", "c"};
static const char *const wish_masters[] = {"eth0", "eth1", "eth2", "eth0.5"};

/* "10.0.1.7/24", "2001:db8:1::7/64": subnet 0 or 1, host 2..99. */
const char *wish_address(struct arena *a, bool is_ipv6, unsigned int subnet,
			 unsigned int host);
/* A whole file. */
const char *wish_file(struct arena *a, struct dice *d);

#endif
