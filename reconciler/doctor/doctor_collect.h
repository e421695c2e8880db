/* Finds the facts out: files of this host and of this process. */
#ifndef RECONCILER_DOCTOR_COLLECT_H
#define RECONCILER_DOCTOR_COLLECT_H 1

#include "lib/arena.h"
#include "reconciler/doctor/doctor_facts.h"

struct doctor_place {
	const char *root; /* before every path: "", or a folder of a test */
	const char *db;   /* the database's file; "" if it has none */
	bool is_kernel;   /* the datapath is the kernel: else only the database counts */
};

/* Fills in all facts but 'have'. 'want' is borrowed, the rest from the arena. Reads only;
 * what cannot be read is unknown. It goes through /proc once. */
void doctor_collect(const struct doctor_place *place, const struct model *want,
		    struct arena *a, struct doctor_facts *ret_facts);

#endif
