/* The rules of `doctor`: facts to findings. */
#ifndef RECONCILER_DOCTOR_RULES_H
#define RECONCILER_DOCTOR_RULES_H 1

#include "reconciler/doctor/doctor_facts.h"
#include "reconciler/doctor/doctor_report.h"

/* Judges each topic; one that has no finding gets DOCTOR_OK. Pure: the facts alone
 * count. From the arena. */
const struct doctor_report *doctor_examine(const struct doctor_facts *f, struct arena *a);

#endif
