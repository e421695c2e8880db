/* Rules about what else is on the host: other managers of devices, sysctls. */
#ifndef RECONCILER_DOCTOR_HOST_H
#define RECONCILER_DOCTOR_HOST_H 1

#include "reconciler/doctor/doctor_facts.h"
#include "reconciler/doctor/doctor_report.h"

void doctor_host_examine_managers(const struct doctor_facts *f, struct doctor_report *r);
void doctor_host_examine_sysctls(const struct doctor_facts *f, struct doctor_report *r);

#endif
