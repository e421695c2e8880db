/* The known faults of a version of Linux with ipvlan. */
#ifndef RECONCILER_DOCTOR_KERNEL_H
#define RECONCILER_DOCTOR_KERNEL_H 1

#include "reconciler/doctor/doctor_facts.h"
#include "reconciler/doctor/doctor_report.h"

#include <stdbool.h>

struct doctor_version {
	unsigned int major, minor, patch;
};

/* The upstream version behind uname(2): that of Debian's 'version', else the release, if
 * it is upstream's. False for a distribution that numbers its fixes itself: the numbers do
 * not tell what is fixed. */
bool doctor_kernel_version(const char *release, const char *version,
			   struct doctor_version *ret_version);

void doctor_kernel_examine(const struct doctor_facts *f, struct doctor_report *r);

#endif
