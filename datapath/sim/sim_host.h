/* The provider's own state: the world, the faults that a test has injected, and the event
 * descriptor. */
#ifndef DATAPATH_SIM_HOST_H
#define DATAPATH_SIM_HOST_H 1

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_state.h"

struct sim_faults {
	/* How many more steps and requests succeed; -1: all. */
	int64_t steps_to_failure, requests_to_failure, requests_to_crash;
	uint64_t n_requests;
	int step_errno, request_errno, observe_errno;
	unsigned int failing_observations;
	bool has_crashed;
	int64_t cost_ms; /* of each request and each observation */
	/* Of events. */
	unsigned int drains_to_wait; /* for all that are queued */
	bool are_doubled, are_lost;
	uint64_t shuffle_seed; /* 0: in order */
};

struct datapath {
	struct datapath_base base; /* the first member, as the contract requires */
	struct twin_world world;
	struct sim_cache cache;
	struct sim_faults faults;
	uint64_t n_writes;
	char *violation;    /* the first sentence about something foreign; NULL: none */
	char *announced;    /* lines; NULL: none */
	bool is_announcing; /* as sim_hold_announcements() set it */
};

static inline struct twin_world *sim_world(struct datapath *dp)
{
	return &dp->world;
}

/* One in which only "lo" is, and of which nothing is remembered but its own namespace. */
void sim_new_world(struct datapath *dp, const struct datapath_config *config);

#endif
