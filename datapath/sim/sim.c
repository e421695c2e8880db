/* The provider `sim`: a datapath in memory, for tests, for a daemon without a kernel, and
 * for previews of a plan. */
#include "datapath/sim/sim.h"

#include "datapath/sim/sim_announce.h"
#include "datapath/sim/sim_apply.h"
#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_fault.h"
#include "datapath/sim/sim_host.h"
#include "datapath/sim/sim_lookup.h"
#include "datapath/sim/sim_observe.h"
#include "datapath/sim/sim_survey.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Two masters in the daemon's own namespace, so that slaves can be made at once. */
static void add_default_masters(struct twin_world *w)
{
	static const char *const names[] = {"eth0", "eth1"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		twin_link_new(w, twin_netns_find(w, ""), names[i], "dummy")->is_up = true;
}

void sim_new_world(struct datapath *dp, const struct datapath_config *config)
{
	twin_world_init(&dp->world, config);
	dp->world.cache = &dp->cache;
	sim_cache_reset(&dp->world);
}

static struct err *open_sim(const struct datapath_config *config,
			    struct datapath **ret_dp)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct datapath *dp;

	if (fd < 0)
		return err_sys(errno, "cannot make an event descriptor");
	dp = xcalloc(1, sizeof(*dp));
	dp->base.event_fd = fd;
	sim_fault_init(&dp->faults);
	sim_new_world(dp, config);
	add_default_masters(&dp->world);
	*ret_dp = dp;
	return NULL;
}

static void close_sim(struct datapath *dp)
{
	if (!dp)
		return;
	twin_world_clear(&dp->world);
	sim_cache_clear(&dp->cache);
	close(dp->base.event_fd);
	free(dp->violation);
	free(dp->announced);
	free(dp);
}

static struct err *observe(struct datapath *dp, const struct model *scope,
			   enum datapath_depth depth, struct arena *a,
			   struct model **ret_have)
{
	struct err *e = sim_fault_observe(&dp->faults);

	return e ? e : sim_observe(&dp->world, scope, depth, a, ret_have);
}

static struct err *survey(struct datapath *dp, const struct model *scope,
			  enum datapath_survey_use use, struct arena *a,
			  struct model **ret_have)
{
	struct err *e = sim_fault_observe(&dp->faults);

	if (!e)
		sim_survey(&dp->world, scope, use, a, ret_have);
	return e;
}

static void apply_sim(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		      struct plan_result *results)
{
	dp->world.is_own = true;
	for (size_t i = 0; i < n; i++) {
		struct err *e;

		results[i] = (struct plan_result){.kind = PLAN_DONE};
		e = sim_apply_step(dp, steps[i], &results[i]);
		if (e)
			results[i] =
				(struct plan_result){.kind = PLAN_FAILED, .error = e};
	}
	dp->world.is_own = false;
	sim_fault_wake(dp);
}

static void drain_sim(struct datapath *dp, datapath_event_fn *fn, void *aux)
{
	eventfd_t count;

	(void)!eventfd_read(dp->base.event_fd, &count);
	twin_world_reap(&dp->world);
	sim_fault_drain(dp, fn, aux);
	sim_fault_wake(dp);
}

uint64_t sim_writes(const struct datapath *dp)
{
	return dp->n_writes;
}

const char *sim_violation(const struct datapath *dp)
{
	return dp->violation;
}

char *sim_take_announced(struct datapath *dp)
{
	return dp->announced ? STEAL(dp->announced) : xstrdup("");
}

void sim_hold_announcements(struct datapath *dp, bool is_held)
{
	dp->is_announcing = is_held;
}

const struct datapath_provider sim_provider = {
	.id = {.name = "sim",
	       .abi = DATAPATH_ABI,
	       .size = sizeof(struct datapath_provider)},
	.open = open_sim,
	.close = close_sim,
	.observe = observe,
	.apply = apply_sim,
	.drain = drain_sim,
	.announce = sim_announce,
	.survey = survey,
	.lookup = sim_lookup,
	.count = sim_count,
};
