/* Containers in a random life: their engine makes namespaces, and rows as `ipvl-cni` does. */
#ifndef TESTS_TWIN_HISTORY_CONTAINER_H
#define TESTS_TWIN_HISTORY_CONTAINER_H 1

#include "tests/twin/dice.h"
#include "tests/twin/stage.h"

/* Their namespaces; the device in each is eth0. */
static const char *const container_netnses[] = {"c1", "c2", "c3"};

/* One begins or ends. What was done, as text from 'a'; whether it was refused makes no
 * difference. */
const char *history_container(struct stage *s, struct arena *a, struct dice *d);
/* All have ended: their rows go, and those of calls that died. */
struct err *history_containers_end(struct stage *s, struct arena *a) MUST_CHECK;

#endif
