/* A random life of a daemon on the simulated kernel: acts that follow from a seed, and
 * what must hold after them. */
#ifndef TESTS_TWIN_HISTORY_H
#define TESTS_TWIN_HISTORY_H 1

#include <stdbool.h>
#include <stdint.h>

#define HISTORY_ACTS 40

struct history {
	uint64_t seed;
	/* The acts that are done: bit i for act i. An act does the same whichever others
	 * are left out, as far as what it is about exists. */
	uint64_t kept;
	bool is_traced; /* acts and findings to standard error */
};
#define HISTORY_ALL_ACTS ((UINT64_C(1) << HISTORY_ACTS) - 1)

/* What does not hold, as text; NULL if everything does. The caller frees it. */
char *history_run(const struct history *h);

#endif
