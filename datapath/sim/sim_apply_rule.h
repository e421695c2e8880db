/* Steps on rules of policy routing. */
#ifndef DATAPATH_SIM_APPLY_RULE_H
#define DATAPATH_SIM_APPLY_RULE_H 1

#include "datapath/sim/sim_step.h"

struct err *sim_apply_rule_add(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_rule_del(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_rule_adopt(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_rule_release(struct sim_step *d) MUST_CHECK;

#endif
