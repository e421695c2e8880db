/* Random acts of other processes on the simulated kernel. */
#ifndef TESTS_TWIN_HISTORY_STRANGER_H
#define TESTS_TWIN_HISTORY_STRANGER_H 1

#include "datapath/sim/sim.h"
#include "tests/twin/dice.h"

/* What was done, as text from 'a'; whether the kernel refused it makes no difference. */
const char *history_stranger(struct datapath *sim, struct arena *a, struct dice *d);

#endif
