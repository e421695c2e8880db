/* RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK. */
#ifndef DATAPATH_SIM_LINK_REQUEST_H
#define DATAPATH_SIM_LINK_REQUEST_H 1

#include "datapath/sim/sim_call.h"

struct err *sim_link_request_new(struct sim_call *c) MUST_CHECK;
struct err *sim_link_request_set(struct sim_call *c) MUST_CHECK;
struct err *sim_link_request_del(struct sim_call *c) MUST_CHECK;
/* What the kernel refuses before it looks at any device (its attribute policy, and the
 * validation of a kind's data). */
struct err *sim_link_request_check(const struct sim_request *r) MUST_CHECK;

#endif
