/* The operation `ipvl_require` of `transact`: the transaction is committed only if its
 * preview has no disruptive step, or no row that would not be well. docs/methods.md. */
#ifndef RECONCILER_REQUIREMENT_H
#define RECONCILER_REQUIREMENT_H 1

#include "lib/err.h"
#include "reconciler/preview.h"

#define REQUIREMENT_OP "ipvl_require"

struct json_object;

/* ERR_SYNTAX if 'operation' is not as documented; ERR_CONSTRAINT, with a line for each
 * step or row, if 'p' is not as it requires. */
struct err *requirement_check(const struct json_object *operation,
			      const struct preview *p) MUST_CHECK;

#endif
