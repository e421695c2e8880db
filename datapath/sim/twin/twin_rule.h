/* Rules of policy routing in the simulated kernel, and RTM_NEWRULE and RTM_DELRULE. */
#ifndef DATAPATH_SIM_TWIN_RULE_H
#define DATAPATH_SIM_TWIN_RULE_H 1

#include "datapath/sim/twin/twin_request.h"
#include "datapath/sim/twin/twin_state.h"

/* Behind those of its priority, unless it is there. No event. */
void twin_rule_put(struct twin_netns *s, const struct twin_rule *r);
/* 'flags': enum twin_request_flag. */
struct err *twin_rule_add(struct twin_world *w, struct twin_netns *s,
			  const struct twin_rule_request *r,
			  unsigned int flags) MUST_CHECK;
struct err *twin_rule_del(struct twin_world *w, struct twin_netns *s,
			  const struct twin_rule_request *r) MUST_CHECK;

#endif
