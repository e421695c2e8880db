/* Steps on names, alternative names and the alias. */
#ifndef DATAPATH_SIM_SIM_APPLY_NAME_H
#define DATAPATH_SIM_SIM_APPLY_NAME_H 1

#include "datapath/sim/sim_step.h"

struct err *sim_apply_rename(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_altname_del(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_altname_add(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_alias(struct sim_step *d) MUST_CHECK;

#endif
