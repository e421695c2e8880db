/* Steps inside a namespace: addresses, routes, sysctls. */
#ifndef DATAPATH_SIM_APPLY_INET_H
#define DATAPATH_SIM_APPLY_INET_H 1

#include "datapath/sim/sim_step.h"

struct err *sim_apply_addr_add(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_addr_del(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_route_add(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_route_del(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_route_adopt(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_route_release(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_sysctl(struct sim_step *d) MUST_CHECK;
/* Members of VRFs. */
struct err *sim_apply_vrf(struct sim_step *d) MUST_CHECK;

#endif
