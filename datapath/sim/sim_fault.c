/* Injected faults: of requests, of observations, of events. Which ones is decided in
 * sim_control.c. */
#include "datapath/sim/sim_fault.h"

#include "datapath/sim/sim_decode.h"
#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_request.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#include <errno.h>
#include <sys/eventfd.h>

void sim_fault_init(struct sim_faults *f)
{
	*f = (struct sim_faults){.steps_to_failure = -1,
				 .requests_to_failure = -1,
				 .requests_to_crash = -1};
}

/* Counts down; true once, when 'left' was 0. */
static bool is_due(int64_t *left)
{
	return *left >= 0 && (*left)-- == 0;
}

static struct err *crash_err(void)
{
	struct err *e = err_new(ERR_SYSTEM, "the process has ended (a simulated crash)");

	e->sys_errno = SIM_CRASH_ERRNO;
	return e;
}

static void spend(const struct sim_faults *f)
{
	if (f->cost_ms && clock_is_stopped())
		clock_advance(f->cost_ms);
}

struct err *sim_fault_step(struct sim_faults *f)
{
	if (f->has_crashed)
		return crash_err();
	return is_due(&f->steps_to_failure) ? twin_kernel_err(f->step_errno, NULL) : NULL;
}

struct err *sim_fault_request(struct sim_faults *f)
{
	f->has_crashed |= is_due(&f->requests_to_crash);
	if (f->has_crashed)
		return crash_err();
	f->n_requests++;
	spend(f);
	return is_due(&f->requests_to_failure) ? twin_kernel_err(f->request_errno, NULL)
					       : NULL;
}

struct err *sim_fault_observe(struct sim_faults *f)
{
	struct err *e;

	if (f->has_crashed)
		return crash_err();
	spend(f);
	if (!f->failing_observations)
		return NULL;
	f->failing_observations--;
	e = err_sys(f->observe_errno, "cannot read the devices");
	if (f->observe_errno == EINTR)
		e->code = ERR_INTERRUPTED;
	return e;
}

static bool is_picked(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 20 & 1;
}

/* The messages of rtnetlink come through one socket, in order, and are read first. The
 * kernel guarantees no order between them and the changes in /run/netns. */
static struct twin_message *take(struct sim_faults *f, struct twin_world *w)
{
	bool is_netns = f->shuffle_seed && is_picked(&f->shuffle_seed);
	struct twin_message *m = twin_event_take(w, is_netns);

	return m ? m : twin_event_take(w, !is_netns);
}

void sim_fault_drain(struct datapath *dp, datapath_event_fn *fn, void *aux)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct sim_faults *f = &dp->faults;
	struct sim_sink s = {.w = &dp->world,
			     .a = a,
			     .fn = fn,
			     .aux = aux,
			     .are_doubled = f->are_doubled};
	struct twin_message *m;

	if (f->has_crashed)
		return;
	if (f->drains_to_wait) {
		f->drains_to_wait--;
		return;
	}
	if (f->are_lost) {
		f->are_lost = false;
		twin_event_drop_all(&dp->world);
		sim_decode_loss(&s);
	}
	while ((m = take(f, &dp->world))) {
		sim_decode(&s, m);
		twin_event_free(m);
	}
	sim_decode_end(&s);
}

void sim_fault_wake(struct datapath *dp)
{
	if (dp->faults.has_crashed)
		return;
	if (dp->world.messages || dp->world.zombies || dp->faults.are_lost)
		(void)!eventfd_write(dp->base.event_fd, 1);
}
