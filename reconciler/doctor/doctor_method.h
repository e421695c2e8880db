/* The JSON-RPC method `ipvl_doctor` (docs/methods.md). */
#ifndef RECONCILER_DOCTOR_DOCTOR_METHOD_H
#define RECONCILER_DOCTOR_DOCTOR_METHOD_H 1

#include "reconciler/query/query.h"

/* Adds the method. Borrows both. */
void doctor_method_add(struct server *s, struct query *q);

#endif
