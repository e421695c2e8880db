/* A plan as text: what each step does to which object, one line each.
 *
 * `ipvl-ctl diff` and `--dry-run` print these lines, the method `ipvl_plan` carries them,
 * and tests compare them. They depend on the plan alone. */
#ifndef DATAPATH_PLAN_TEXT_H
#define DATAPATH_PLAN_TEXT_H 1

#include "datapath/plan/plan_step.h"
#include "lib/arena.h"

/* "link_add": stable, for logs and tests. */
const char *plan_op_name(enum plan_op op);

/* The object of a step: "ns1/ipvl1", "eth0", or the name of a namespace. The port is its
 * master's, though it is set through one of the slaves. From the arena. */
const char *plan_text_object(struct arena *a, const struct plan_step *s);

/* "+ add slave ns1/ipvl1 on eth0 (l2 bridge)", "- delete address 10.0.0.2/24 from
 * ns1/ipvl1: is not declared": '+' adds, '-' deletes, '~' changes; the reason where the
 * act alone does not show it. From the arena. */
const char *plan_text_step(struct arena *a, const struct plan_step *s);

/* All steps in the order of execution, a line each; " (disruptive)" ends the line of such
 * a step. "" for an empty plan. From the arena. */
const char *plan_text(struct arena *a, const struct plan *plan);

#endif
