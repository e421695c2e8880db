/* RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK. */
#ifndef DATAPATH_SIM_TWIN_LINK_REQUEST_H
#define DATAPATH_SIM_TWIN_LINK_REQUEST_H 1

#include "datapath/sim/twin/twin_call.h"

struct err *twin_link_request_new(struct twin_call *c) MUST_CHECK;
struct err *twin_link_request_set(struct twin_call *c) MUST_CHECK;
struct err *twin_link_request_del(struct twin_call *c) MUST_CHECK;
/* What the kernel refuses before it looks at any device (its attribute policy, and the
 * validation of a kind's data). */
struct err *twin_link_request_check(const struct twin_request *r) MUST_CHECK;

#endif
