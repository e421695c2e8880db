/* Which faults a test injects; sim_fault.c makes them happen. */
#include "datapath/sim/sim.h"

#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_host.h"

void sim_fail_step(struct datapath *dp, int64_t n, int sys_errno)
{
	struct sim_faults *f = &dp->faults;

	f->steps_to_failure = n;
	f->step_errno = sys_errno;
}

void sim_fail_request(struct datapath *dp, int64_t n, int sys_errno)
{
	struct sim_faults *f = &dp->faults;

	f->requests_to_failure = n;
	f->request_errno = sys_errno;
}

void sim_fail_observe(struct datapath *dp, unsigned int n, int sys_errno)
{
	struct sim_faults *f = &dp->faults;

	f->failing_observations = n;
	f->observe_errno = sys_errno;
}

void sim_crash_at(struct datapath *dp, int64_t n)
{
	dp->faults.requests_to_crash = n;
}

uint64_t sim_n_requests(const struct datapath *dp)
{
	return dp->faults.n_requests;
}

bool sim_has_crashed(struct datapath *dp)
{
	return dp->faults.has_crashed;
}

void sim_revive(struct datapath *dp)
{
	struct sim_faults *f = &dp->faults;
	struct sim_event *e;

	f->has_crashed = false;
	/* A new process has a new socket: what was queued on the old one is gone. */
	while ((e = sim_event_take(sim_world(dp))))
		sim_event_free(e);
}

void sim_set_cost(struct datapath *dp, int64_t ms)
{
	dp->faults.cost_ms = ms;
}

void sim_lose_events(struct datapath *dp)
{
	dp->faults.are_lost = true;
	sim_wake(dp);
}

void sim_delay_events(struct datapath *dp, unsigned int n_drains)
{
	dp->faults.drains_to_wait = n_drains;
	sim_wake(dp);
}

void sim_double_events(struct datapath *dp, bool are_doubled)
{
	dp->faults.are_doubled = are_doubled;
}

void sim_shuffle_events(struct datapath *dp, uint64_t seed)
{
	dp->faults.shuffle_seed = seed;
}
