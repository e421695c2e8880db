/* A step of a plan while it is executed: the request for it, and the device that it
 * names. */
#ifndef DATAPATH_SIM_STEP_H
#define DATAPATH_SIM_STEP_H 1

#include "datapath/sim/sim_host.h"
#include "datapath/sim/twin/twin_request.h"

/* The step, and where its results go. */
struct sim_step {
	struct datapath *dp;
	struct twin_world *w;
	const struct plan_step *step;
	struct plan_result *result;
};

/* A request on the device. */
struct twin_request sim_step_request(enum twin_request_kind kind,
				     const struct twin_link *l);
/* Executes a request, unless a fault comes first. 'ret_made' may be NULL. */
struct err *sim_step_send(struct sim_step *d, const struct twin_request *r,
			  struct twin_link **ret_made) MUST_CHECK;
/* Records the first step that was planned on what is not ours. */
void sim_step_accuse(struct sim_step *d, const char *what, const char *name);

/* That of the step, or of a slave; of the master if 's' is NULL. */
const char *sim_step_netns_name(const struct plan_step *step,
				const struct model_slave *s);
/* The same namespace; NULL if there is none. */
struct twin_netns *sim_step_netns(const struct sim_step *d, const struct model_slave *s);
/* ENODEV if it is absent, EEXIST if it is not ours. */
struct err *sim_step_find_slave(struct sim_step *d, const struct model_slave *s,
				struct twin_link **ret_link) MUST_CHECK;
struct err *sim_step_find_master(struct sim_step *d,
				 struct twin_link **ret_link) MUST_CHECK;
/* The device of a step: a slave, or the master itself. */
struct err *sim_step_find_device(struct sim_step *d,
				 struct twin_link **ret_link) MUST_CHECK;
/* The device of a removal; NULL without an error if it is absent, or another one is in
 * its place. */
struct err *sim_step_find_doomed(struct sim_step *d,
				 struct twin_link **ret_link) MUST_CHECK;
/* Drops an error that means that the state asked for holds already. */
struct err *sim_step_ignore(struct err *e, int sys_errno) MUST_CHECK;

#endif
