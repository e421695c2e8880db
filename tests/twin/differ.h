/* The same requests through the simulated kernel and through the real one. */
#ifndef TESTS_TWIN_DIFFER_H
#define TESTS_TWIN_DIFFER_H 1

#include "lib/arena.h"
#include "tests/twin/walk.h"

#include <stdbool.h>
#include <stddef.h>

struct differ_options {
	bool is_loud; /* prints each request and the kernel's answer */
	/* Of "answer state events observation": what is not compared; NULL: all is. */
	const char *ignored;
};

struct difference {
	bool is_found;
	size_t at; /* the number of the step */
	const char *
		text; /* what both sides answered, or how the run ended; from the arena */
};

/* Runs 'n' steps on a new host, in a process of its own, up to the first that differs. */
struct difference differ_run(struct arena *a, const struct walk_step *steps, size_t n,
			     const struct differ_options *o);

#endif
