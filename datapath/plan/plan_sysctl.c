/* Steps for settings of devices. Those of a slave go with it. A master's device is another
 * program's: what ipvl writes there is recorded before, and put back once no row has it. */
#include "datapath/plan/plan_sysctl.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_holder.h"
#include "datapath/plan/plan_ipv6.h"
#include "datapath/plan/plan_loss.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

static struct plan_draft *draft(struct plan_context *ctx, enum plan_op phase,
				struct master_plan *m, struct slave_plan *s,
				const struct model_sysctl *want,
				const struct model_sysctl *have)
{
	const char *why =
		have ? arena_printf(ctx->arena, "%s -> %s", have->value, want->value)
		     : "is declared";
	struct plan_draft *d =
		plan_draft_later(ctx, phase, PLAN_OP_SYSCTL_SET, m, s, why);

	d->step.is_precaution = !have;
	d->step.u.sysctl = *want;
	d->step.u.sysctl_was = have ? have->value : NULL;
	return d;
}

/* --- of slaves --- */

/* NULL: none is needed. */
static struct plan_draft *draft_of_slave(struct plan_context *ctx, struct slave_plan *s,
					 const struct model_sysctl *want,
					 const struct model_sysctl *have,
					 enum plan_op phase)
{
	bool is_new = plan_slave_is_made(s);
	struct plan_draft *d;

	/* A value that was not observed stays as it is, except on a device under another
	 * name. */
	if (have ? !strcmp(have->value, want->value) : s->fate == FATE_KEEP)
		return NULL;
	if (plan_mtu_forbids_sysctl(s, want))
		return NULL;
	d = draft(ctx, phase, s->master, s, want, have);
	if (is_new)
		d->step.have = NULL;
	else
		d->step.loss = plan_loss_sysctl(s, want, d->step.u.sysctl_was);
	return d;
}

static const struct model_sysctl *find_have(const struct slave_plan *s, const char *key)
{
	return model_sysctl_find(s->have->sysctls, s->have->n_sysctls, key);
}

/* On a new device sysctls are set one after another and before it is up: if one fails,
 * the device stays down. */
struct plan_draft *plan_draft_slave_sysctls(struct plan_context *ctx,
					    struct slave_plan *s)
{
	bool is_new = plan_slave_is_made(s);
	struct plan_draft *last = NULL;

	for (size_t i = 0; i < s->want->n_sysctls; i++) {
		const struct model_sysctl *want = &s->want->sysctls[i];
		const struct model_sysctl *have = is_new ? NULL : find_have(s, want->key);
		struct plan_draft *d =
			plan_sysctl_waits_for_ipv6(s, want, have)
				? NULL
				: draft_of_slave(ctx, s, want, have, PLAN_OP_SYSCTL_SET);

		if (!d)
			continue;
		plan_draft_after(d, is_new ? last : NULL, s->link, NULL, NULL);
		last = d;
	}
	return last;
}

/* The first step that brings IPv6 back to the device; NULL if there is none. A change of its
 * own MTU does, and an address (kernel.md 22). */
static struct plan_draft *find_return_of_ipv6(const struct plan_context *ctx,
					      const struct slave_plan *s)
{
	const struct plan_drafts *adds = &ctx->ops[PLAN_OP_ADDR_ADD];

	if (s->up && (s->up->step.u.link.mtu || s->up->step.u.link.set_up))
		return s->up;
	for (size_t i = 0; i < s->addr_adds.n; i++) {
		struct plan_draft *d = adds->drafts[s->addr_adds.first + i];

		if (d->step.u.address.addr.family == AF_INET6)
			return d;
	}
	return NULL;
}

void plan_draft_returning_sysctls(struct plan_context *ctx, struct slave_plan *s)
{
	struct plan_draft *back = find_return_of_ipv6(ctx, s);

	if (!plan_slave_is_kept(s))
		return;
	for (size_t i = 0; i < s->want->n_sysctls; i++) {
		const struct model_sysctl *want = &s->want->sysctls[i];
		const struct model_sysctl *have = find_have(s, want->key);
		struct plan_draft *first = back, *d;

		if (!plan_sysctl_waits_for_ipv6(s, want, have))
			continue;
		/* With IPv6 still there, an address needs its sysctls. */
		if (have && *have->value && first != s->up)
			first = NULL;
		d = draft_of_slave(ctx, s, want, have,
				   first ? first->phase : PLAN_OP_SYSCTL_SET);
		if (d)
			plan_draft_after(d, first, s->link, NULL, NULL);
	}
}

/* --- of masters --- */

/* The device that a record is about: its number is 0 if ipvl makes it. */
static uint32_t number_of(const struct master_plan *m)
{
	bool is_ours = m->makes_device || m->have->seen.presence == MODEL_OURS;

	return is_ours ? 0 : m->have->seen.ifindex;
}

static uint64_t inode_of(const struct plan_context *ctx, const struct master_plan *m)
{
	const struct model_netns *netns = model_find_netns(ctx->have, m->want->netns);

	return netns ? netns->seen.inode : 0;
}

/* The same device as when it was recorded: not one that has its name by now. */
static bool is_of(const struct plan_context *ctx, const struct master_plan *m,
		  const struct model_saved *saved)
{
	return saved->ifindex == number_of(m) && saved->netns_inode == inode_of(ctx, m);
}

static const struct model_saved *find_saved(const struct plan_context *ctx,
					    const struct master_plan *m, const char *key)
{
	for (size_t i = 0; i < m->want->n_saved; i++) {
		if (!strcmp(m->want->saved[i].key, key) &&
		    is_of(ctx, m, &m->want->saved[i]))
			return &m->want->saved[i];
	}
	return NULL;
}

static void add_record(struct plan_context *ctx, const struct master_plan *m,
		       const struct model_saved *saved, const struct plan_draft *by,
		       bool is_release)
{
	ctx->records = arena_grow(ctx->arena, ctx->records, ctx->n_records,
				  &ctx->records_cap, sizeof(*ctx->records));
	ctx->records[ctx->n_records++] = (struct plan_recording){
		.record = {.master = m->want, .saved = *saved, .step = PLAN_NO_STEP},
		.by = by,
		.is_release = is_release,
	};
}

/* A value that drifts was recorded the first time. */
static void save(struct plan_context *ctx, const struct master_plan *m,
		 const struct plan_draft *d)
{
	const struct model_saved *known = find_saved(ctx, m, d->step.u.sysctl.key);
	const struct model_saved saved = {
		.key = d->step.u.sysctl.key,
		.value = d->step.u.sysctl.value,
		.before = known                  ? known->before
			  : d->step.u.sysctl_was ? d->step.u.sysctl_was
						 : "",
		.ifindex = number_of(m),
		.netns_inode = inode_of(ctx, m),
	};

	if (!known || strcmp(known->value, saved.value) != 0)
		add_record(ctx, m, &saved, d, false);
}

static const struct model_sysctl *find_own(const struct master_plan *m, const char *key)
{
	return model_sysctl_find(m->have->sysctls, m->have->n_sysctls, key);
}

static void draft_declared(struct plan_context *ctx, struct master_plan *m)
{
	for (size_t i = 0; i < m->want->n_sysctls; i++) {
		const struct model_sysctl *want = &m->want->sysctls[i];
		/* What is removed first says nothing about what is made. */
		bool is_unknown = !m->have || m->removes_device;
		const struct model_sysctl *have =
			is_unknown ? NULL : find_own(m, want->key);
		struct plan_draft *d;

		if (have ? !strcmp(have->value, want->value) : !m->makes_device)
			continue;
		d = draft(ctx, PLAN_OP_SYSCTL_SET, m, NULL, want, have);
		if (!m->makes_device)
			d->step.loss = plan_loss_own_sysctl(m->have, want, have->value);
		plan_draft_after(d, m->add, NULL, NULL, NULL);
		save(ctx, m, d);
	}
}

static bool is_present(const struct master_plan *m)
{
	return m->have->seen.presence != MODEL_ABSENT;
}

/* A device that a `match` has left, or that has another name by now. */
static const struct model_master *find_left(const struct plan_context *ctx,
					    const struct master_plan *m,
					    const struct model_saved *saved)
{
	for (size_t i = 0; i < m->have->seen.n_left; i++) {
		if (m->have->seen.left[i].seen.ifindex == saved->ifindex &&
		    saved->netns_inode == inode_of(ctx, m))
			return &m->have->seen.left[i];
	}
	return NULL;
}

/* The device that the record is about; NULL if it is not there any more. */
static const struct model_master *device_of(const struct plan_context *ctx,
					    const struct master_plan *m,
					    const struct model_saved *saved)
{
	return is_present(m) && is_of(ctx, m, saved) ? m->have : find_left(ctx, m, saved);
}

/* As ipvl wrote it. A row that gives up leaves it: what was set up keeps working, and only its
 * record goes. */
static bool must_restore(const struct master_plan *m, const struct model_master *device,
			 const struct model_saved *saved)
{
	const struct model_sysctl *have;

	if (!device || (device == m->have && m->removes_device) ||
	    m->want->intent == MODEL_RELEASED)
		return false;
	have = model_sysctl_find(device->sysctls, device->n_sysctls, saved->key);
	return have && *saved->before && !strcmp(have->value, saved->value) &&
	       strcmp(have->value, saved->before) != 0;
}

/* Of a device that the row has. While it has none, one that it had may be the one again. */
static bool is_in_use(const struct plan_context *ctx, const struct master_plan *m,
		      const struct model_saved *saved)
{
	return m->is_wanted &&
	       model_sysctl_find(m->want->sysctls, m->want->n_sysctls, saved->key) &&
	       (!is_present(m) || is_of(ctx, m, saved));
}

static struct plan_draft *draft_restored(struct plan_context *ctx, struct master_plan *m,
					 const struct model_master *device,
					 const struct model_saved *saved)
{
	const struct model_sysctl back = {saved->key, saved->before};
	const struct model_sysctl *have =
		model_sysctl_find(device->sysctls, device->n_sysctls, saved->key);
	struct plan_draft *d = draft(ctx, PLAN_OP_SYSCTL_SET, m, NULL, &back, have);

	d->is_exempt = true;
	/* The row changed, perhaps while no daemon ran. */
	d->step.is_precaution = true;
	d->step.loss = plan_loss_own_sysctl(device, &back, have->value);
	if (device != m->have)
		d->step.matched = device;
	return d;
}

static void draft_released(struct plan_context *ctx, struct master_plan *m)
{
	for (size_t i = 0; i < m->want->n_saved; i++) {
		const struct model_saved *saved = &m->want->saved[i];
		const struct model_master *device = device_of(ctx, m, saved);

		if (is_in_use(ctx, m, saved))
			continue;
		add_record(ctx, m, saved,
			   must_restore(m, device, saved)
				   ? draft_restored(ctx, m, device, saved)
				   : NULL,
			   true);
	}
}

void plan_draft_master_sysctls(struct plan_context *ctx, struct master_plan *m)
{
	/* Nothing is known about what may not be read, or is another row's. */
	if (m->have && !m->trouble)
		draft_released(ctx, m);
	if (m->is_wanted && m->kind == PLAN_READY)
		draft_declared(ctx, m);
}

void plan_sysctl_record(struct plan_context *ctx, struct plan *p)
{
	p->saves = arena_array(ctx->arena, ctx->n_records, sizeof(*p->saves));
	p->releases = arena_array(ctx->arena, ctx->n_records, sizeof(*p->releases));
	for (size_t i = 0; i < ctx->n_records; i++) {
		struct plan_recording *r = &ctx->records[i];

		if (r->by && r->by->is_held)
			continue;
		if (r->by)
			r->record.step = r->by->step.id;
		if (r->is_release)
			p->releases[p->n_releases++] = r->record;
		else
			p->saves[p->n_saves++] = r->record;
	}
}
