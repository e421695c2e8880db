/* The timer of the schedule, and what a plan means for it. */
#include "reconciler/announce/announcer.h"

#include "config/rows.h"
#include "config/settings.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "reconciler/announce/announce_cause.h"
#include "reconciler/announce/announce_schedule.h"

#include <stdlib.h>

struct announcer {
	struct announcer_config config;
	struct announce_schedule *schedule;
	struct announce_cause *cause;
	struct loop_timer *timer;
};

static void set_timer(struct announcer *an)
{
	int64_t wait = announce_schedule_wait_ms(an->schedule, clock_now_ms());

	if (wait < 0)
		loop_timer_clear(an->timer);
	else
		loop_timer_set(an->timer, wait);
}

static void log_result(const struct datapath_announcement *a)
{
	static const char *const results[] = {
		[DATAPATH_ANNOUNCED] = "sent",
		[DATAPATH_ANNOUNCE_LATER] = "later",
		[DATAPATH_ANNOUNCE_NEVER] = "not there",
	};
	char address[IP_TEXT_BYTES];

	log_event(LOG_LEVEL_DEBUG, "announced",
		  "netns=%s name=%s address=%s result=\"%s\"", a->netns, a->name,
		  ip_addr_format(&a->address, address), results[a->result]);
}

static void on_timer(void *aux)
{
	struct announcer *an = aux;
	struct announce_item items[ANNOUNCE_SLICE_MAX];
	struct datapath_announcement list[ANNOUNCE_SLICE_MAX];
	enum datapath_announced results[ANNOUNCE_SLICE_MAX];
	size_t n = announce_schedule_due(an->schedule, clock_now_ms(), items);
	bool is_done;

	for (size_t i = 0; i < n; i++)
		list[i] = (struct datapath_announcement){.netns = items[i].netns,
							 .name = items[i].name,
							 .master_netns =
								 items[i].master_netns,
							 .master = items[i].master,
							 .address = items[i].address};
	is_done = n && datapath_announce(an->config.datapath, list, n);
	for (size_t i = 0; is_done && i < n; i++) {
		results[i] = list[i].result;
		log_result(&list[i]);
	}
	if (n)
		announce_schedule_settle(an->schedule, items, is_done ? results : NULL, n,
					 clock_now_ms());
	set_timer(an);
}

struct announcer *announcer_new(const struct announcer_config *config)
{
	struct announcer *an = xcalloc(1, sizeof(*an));

	an->config = *config;
	an->schedule = announce_schedule_new();
	an->cause = announce_cause_new();
	an->timer = loop_timer_new(config->loop, on_timer, an);
	return an;
}

void announcer_free(struct announcer *an)
{
	if (!an)
		return;
	loop_timer_free(an->timer);
	announce_schedule_free(an->schedule);
	announce_cause_free(an->cause);
	free(an);
}

bool announcer_is_able(const struct announcer *an)
{
	return datapath_can_announce(an->config.datapath);
}

/* With `match` its name is not that of its device. */
static const char *device_of(const struct announcer *an, const struct model_master *m)
{
	const struct ipvl_columns *c = an->config.columns;
	const struct row *row = rows_find_master(c, NULL, m->netns, m->name);
	const char *device = row ? datum_text(row_get(row, c->master.device)) : "";

	return *device ? device : m->name;
}

static uint32_t slaves_on(const struct announcer *an, const struct model_master *m)
{
	const struct ipvl_columns *c = an->config.columns;
	const struct row *row = rows_find_master(c, NULL, m->netns, m->name);

	return row ? row_get(row, c->master.slaves)->n : 1;
}

static void add(struct announcer *an, const struct model_master *master,
		const char *device, const struct model_slave *slave,
		const struct ip_addr *address)
{
	const struct announce_item item = {
		.netns = *slave->netns ? slave->netns : master->netns,
		.name = slave->name,
		.master_netns = master->netns,
		.master = device,
		.address = *address,
		.n_copies = slaves_on(an, master),
	};

	announce_schedule_add(an->schedule, &item, clock_now_ms());
}

void announcer_add(struct announcer *an, const struct model_master *master,
		   const struct model_slave *slave, const struct ip_addr *address)
{
	add(an, master, device_of(an, master), slave, address);
	set_timer(an);
}

/* In l3 and l3s there is no ARP: neighbours send to a router. */
static bool has_neighbours(enum model_mode mode)
{
	return mode == MODEL_MODE_L2 || mode == MODEL_MODE_PASSTHRU;
}

static bool is_for_neighbours(const struct plan_step *s)
{
	return s->master && s->want && has_neighbours(s->master->mode);
}

static void note_step(struct announcer *an, const struct plan_step *s)
{
	const char *device =
		s->matched ? model_master_device(s->matched) : s->master->name;

	if (s->op == PLAN_OP_ADDR_ADD)
		add(an, s->master, device, s->want, &s->u.address.addr);
	/* While it was down, or had no ARP, another host may have taken over its addresses. */
	if (s->op == PLAN_OP_LINK_SET && (s->u.link.set_up || s->u.link.flips_arp)) {
		for (size_t i = 0; i < s->want->n_addresses; i++)
			add(an, s->master, device, s->want, &s->want->addresses[i].addr);
	}
}

/* Each address that its row declares on it. */
static void add_all(struct announcer *an, const struct model_master *master,
		    const char *device, const struct row *row)
{
	const struct ipvl_columns *c = an->config.columns;
	const struct datum *slaves = row_get(row, c->master.slaves);
	CLEANUP(arena_freep) struct arena *a = arena_new();

	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *r =
			table_find(c->slave.table, &datum_keys(slaves)[i].uuid);
		struct model_slave slave;
		struct err *e = r ? rows_read_slave(c, NULL, r, a, &slave) : NULL;

		if (!r || e || slave.intent != MODEL_PRESENT) {
			err_free(e);
			continue;
		}
		for (size_t k = 0; k < slave.n_addresses; k++)
			add(an, master, device, &slave, &slave.addresses[k].addr);
	}
}

/* In l3 they had no ARP. */
static bool has_become_l2(const struct plan *plan, const struct plan_result *results,
			  const struct model_master *m)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];

		if (s->op == PLAN_OP_PORT_SET && s->master == m &&
		    s->u.port.mode != MODEL_MODE_L2 && results[i].kind == PLAN_DONE)
			return true;
	}
	return false;
}

static void note_master(struct announcer *an, const struct plan *plan,
			const struct plan_result *results, const struct plan_verdict *v)
{
	const struct ipvl_columns *c = an->config.columns;
	const struct model_master *m = v->master, *have = v->have_master;
	const struct row *row = have && !v->slave && m->mode == MODEL_MODE_L2
					? rows_find_master(c, NULL, m->netns, m->name)
					: NULL;

	if (!row || have->seen.presence == MODEL_ABSENT)
		return;
	if (announce_cause_note(an->cause, c, row, have, clock_now_ms()) ||
	    has_become_l2(plan, results, m))
		add_all(an, m, model_master_device(have), row);
}

static bool is_off(const struct announcer *an)
{
	const struct ipvl_columns *c = an->config.columns;
	const struct row *host = rows_find_host(c, NULL, NULL);

	return host && !settings_announce(row_get(host, c->host.other_config));
}

void announcer_note(struct announcer *an, const struct plan *plan,
		    const struct plan_result *results)
{
	if (!announcer_is_able(an) || is_off(an))
		return;
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (results[i].kind == PLAN_DONE && is_for_neighbours(&plan->steps[i]))
			note_step(an, &plan->steps[i]);
	}
	for (size_t i = 0; i < plan->n_verdicts; i++)
		note_master(an, plan, results, &plan->verdicts[i]);
	set_timer(an);
}

static void announce_master(struct announcer *an, const char *netns, const char *name)
{
	const struct ipvl_columns *c = an->config.columns;
	const struct row *row = rows_find_master(c, NULL, netns, name);
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct model_master m;
	struct err *e;

	if (!row)
		return;
	e = rows_read_master(c, NULL, row, a, &m);
	if (!e && m.intent == MODEL_PRESENT && has_neighbours(m.mode))
		add_all(an, &m, device_of(an, &m), row);
	err_free(e);
	set_timer(an);
}

void announcer_note_event(struct announcer *an, const struct datapath_event *e)
{
	if (e->has_failed_over && announcer_is_able(an) && !is_off(an))
		announce_master(an, e->netns, e->name);
}
