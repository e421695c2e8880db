/* See history_check.h. What a row declares is compared with an observation field by
 * field, without the plan. */
#include "tests/twin/history_check.h"

#include "config/state.h"
#include "datapath/link_type.h"
#include "datapath/plan/plan_text.h"
#include "datapath/sim/sim.h"
#include "lib/mac.h"

#include <inttypes.h>
#include <string.h>

struct look {
	struct stage *s;
	struct arena *a;
	const struct ipvl_columns *c;
	struct stage_view view;
};

static const char *look(struct look *k)
{
	struct err *e = stage_look(k->s, k->a, &k->view);
	const char *text = e ? arena_strdup(k->a, e->message) : NULL;

	err_free(e);
	return text;
}

/* --- ready rows --- */

static bool has_address(const struct model_slave *s, const struct ip_prefix *p)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!ip_prefix_cmp(&s->addresses[i], p))
			return true;
	}
	return false;
}

static bool has_route(const struct model_route *routes, size_t n,
		      const struct model_route *r)
{
	for (size_t i = 0; i < n; i++) {
		if (model_route_equals(&routes[i], r) && !routes[i].seen_foreign)
			return true;
	}
	return false;
}

static const char *differing_address(const struct model_slave *want,
				     const struct model_slave *have, struct arena *a)
{
	char buf[IP_TEXT_BYTES];

	for (size_t i = 0; i < want->n_addresses; i++) {
		if (!has_address(have, &want->addresses[i]))
			return arena_printf(a, "address %s is missing",
					    ip_prefix_format(&want->addresses[i], buf));
	}
	for (size_t i = 0; i < have->n_addresses && want->addresses_managed; i++) {
		const struct ip_prefix *p = &have->addresses[i];

		if (!has_address(want, p) && !ip_addr_is_link_local(&p->addr) &&
		    !model_find_noted(have, p))
			return arena_printf(a, "address %s is not declared",
					    ip_prefix_format(p, buf));
	}
	return NULL;
}

static bool has_rule(const struct model_slave *have, const struct model_rule *rule)
{
	for (size_t i = 0; i < have->n_rules; i++) {
		if (!model_rule_cmp(&have->rules[i], rule))
			return true;
	}
	return false;
}

/* Wherever another program has taken it; in the place of another row it is that one's. */
static const struct model_slave *find_handed_over(const struct look *k,
						  const struct model_slave *want,
						  const struct model_master *have)
{
	for (size_t i = 0; have && i < have->n_slaves; i++) {
		const struct model_slave *s = &have->slaves[i];
		bool is_in_place =
			!strcmp(s->netns, want->netns) && !strcmp(s->name, want->name);

		if (s->seen.presence == MODEL_OURS && s->seen.is_on_master &&
		    !strcmp(s->alias, want->alias) &&
		    (is_in_place || !rows_find_slave(k->c, NULL, s->netns, s->name)))
			return s;
	}
	return NULL;
}

static const char *differing_handed_over(const struct model_master *m,
					 const struct model_slave *seen)
{
	if (!seen)
		return "the device is nowhere";
	return seen->seen.mode != m->mode || seen->seen.flag != m->flag
		       ? "the port has another mode or flag"
		       : NULL;
}

static const char *differing_slave(const struct model_master *m,
				   const struct model_slave *want,
				   const struct model_slave *have, struct arena *a)
{
	const struct model_route *routes;
	const char *text = NULL;

	if (!have || have->seen.presence != MODEL_OURS || !have->seen.is_on_master)
		return "the device is not there";
	if (!have->seen.is_up)
		return "the device is down";
	if (have->seen.is_noarp !=
	    (link_type_has(link_type_of(m), LINK_HAS_PORT) && m->mode != MODEL_MODE_L2))
		return "its flag NOARP is not that of its mode";
	if (have->seen.mode != m->mode || have->seen.flag != m->flag)
		return "the port has another mode or flag";
	if (want->mtu && have->seen.mtu != want->mtu)
		return arena_printf(a, "the mtu is %u", have->seen.mtu);
	if (strcmp(want->vrf, have->vrf) != 0)
		return arena_printf(a, "its VRF is \"%s\"", have->vrf);
	text = differing_address(want, have, a);
	routes = model_routes_in_table(a, want->routes, want->n_routes,
				       have->seen.vrf_table);
	for (size_t i = 0; !text && i < want->n_routes; i++) {
		if (!has_route(have->routes, have->n_routes, &routes[i]))
			text = arena_printf(a, "route %s is missing",
					    model_route_text(a, &routes[i]));
	}
	for (size_t i = 0; !text && i < want->n_rules; i++) {
		if (!has_rule(have, &want->rules[i]))
			text = arena_printf(a, "rule %s is missing",
					    model_rule_text(a, &want->rules[i]));
	}
	for (size_t i = 0; !text && i < want->n_sysctls; i++) {
		if (i >= have->n_sysctls ||
		    strcmp(want->sysctls[i].value, have->sysctls[i].value) != 0)
			text = arena_printf(a, "sysctl %s differs", want->sysctls[i].key);
	}
	return text;
}

static const char *differing_master(const struct model_master *want,
				    const struct model_master *have, struct arena *a)
{
	if (!have || have->seen.presence == MODEL_ABSENT)
		return "the device is not there";
	if (want->mtu && have->seen.mtu != want->mtu)
		return arena_printf(a, "the mtu is %u", have->seen.mtu);
	if (have->seen.has_ours && have->seen.has_port &&
	    (have->seen.mode != want->mode || have->seen.flag != want->flag))
		return "the port has another mode or flag";
	for (size_t i = 0; i < want->n_routes; i++) {
		if (!has_route(have->routes, have->n_routes, &want->routes[i]))
			return arena_printf(a, "route %s is missing",
					    model_route_text(a, &want->routes[i]));
	}
	return NULL;
}

/* What a device is like, as columns and as the kernel has it. */
struct device_columns {
	const struct column_schema *ifindex, *mtu, *mac;
};

struct device_seen {
	uint32_t ifindex, mtu;
	const uint8_t *mac; /* NULL: it is not shown */
};

static const char *stale_column(const struct row *r, const struct device_columns *c,
				const struct device_seen *seen, struct arena *a)
{
	int64_t ifindex = datum_integer(row_get(r, c->ifindex), 0);
	int64_t mtu = datum_integer(row_get(r, c->mtu), 0);
	const char *mac = datum_text(row_get(r, c->mac));
	char buf[MAC_TEXT_BYTES];

	if (ifindex != seen->ifindex)
		return arena_printf(a, "its row has ifindex %" PRId64 " instead of %u",
				    ifindex, seen->ifindex);
	if (mtu != seen->mtu)
		return arena_printf(a, "its row has mtu %" PRId64 " instead of %u", mtu,
				    seen->mtu);
	buf[0] = '\0';
	if (seen->mac)
		mac_format(seen->mac, buf);
	if (strcmp(mac, buf) != 0)
		return arena_printf(a, "its row has mac \"%s\" instead of \"%s\"", mac,
				    buf);
	return NULL;
}

/* Of one that was handed over, and is in another namespace, the row has the ifindex alone. */
static const char *stale_slave(const struct look *k, const struct row *r,
			       const struct model_slave *want,
			       const struct model_slave *s)
{
	bool is_away = want->is_handed_over && strcmp(s->netns, want->netns) != 0;

	return stale_column(
		r,
		&(struct device_columns){k->c->slave.ifindex, k->c->slave.link_mtu,
					 k->c->slave.mac},
		&(struct device_seen){s->seen.ifindex, is_away ? 0 : s->seen.mtu,
				      is_away ? NULL : s->seen.mac},
		k->a);
}

static const char *stale_master(const struct look *k, const struct row *r,
				const struct model_master *m)
{
	return stale_column(
		r,
		&(struct device_columns){k->c->master.ifindex, k->c->master.link_mtu,
					 k->c->master.mac},
		&(struct device_seen){m->seen.ifindex, m->seen.mtu, m->seen.mac}, k->a);
}

static const char *check_state(struct look *k, const char *object, enum row_state state,
			       const char *message, const char *difference)
{
	if (state == STATE_UNKNOWN || state == STATE_PENDING)
		return arena_printf(k->a, "%s is \"%s\" for ever", object,
				    state_name(state));
	if (state == STATE_READY && difference)
		return arena_printf(k->a, "%s is ready, but %s", object, difference);
	if (!state_is_well(state) && !*message)
		return arena_printf(k->a, "%s is %s without a reason", object,
				    state_name(state));
	return NULL;
}

static const char *check_slave(struct look *k, const struct model_master *m,
			       const struct model_slave *s)
{
	const struct row *r = rows_find_slave(k->c, NULL, s->netns, s->name);
	const struct model_master *have =
		model_find_master(k->view.have, m->netns, m->name);
	const struct model_slave *seen =
		s->is_handed_over ? find_handed_over(k, s, have)
		: have            ? model_find_slave(have, s->netns, s->name)
				  : NULL;
	const char *label = model_slave_label(k->a, s), *text;

	if (!r)
		return arena_printf(k->a, "%s has no row", label);
	text = s->is_handed_over ? differing_handed_over(m, seen)
				 : differing_slave(m, s, seen, k->a);
	if (!text)
		text = stale_slave(k, r, s, seen);
	return check_state(k, label, state_of_row(k->c, r),
			   datum_text(row_get(r, k->c->slave.message)), text);
}

static const char *check_master(struct look *k, const struct model_master *m,
				const struct row *r)
{
	const struct model_master *seen =
		model_find_master(k->view.have, m->netns, m->name);
	const char *text = differing_master(m, seen, k->a);

	if (!text)
		text = stale_master(k, r, seen);
	return check_state(k, m->name, state_of_row(k->c, r),
			   datum_text(row_get(r, k->c->master.message)), text);
}

static const char *check_models(struct look *k)
{
	const char *text = NULL;

	for (size_t i = 0; !text && i < k->view.want->n_masters; i++) {
		const struct model_master *m = &k->view.want->masters[i];
		const struct row *r = rows_find_master(k->c, NULL, m->netns, m->name);

		if (m->intent != MODEL_PRESENT || !r)
			continue;
		text = check_master(k, m, r);
		for (size_t n = 0; !text && n < m->n_slaves; n++) {
			if (m->slaves[n].intent == MODEL_PRESENT)
				text = check_slave(k, m, &m->slaves[n]);
		}
	}
	return text;
}

/* --- the rest --- */

/* A step is left only for a row that shows an error, or is given up for a while. */
static const char *check_plan(struct look *k)
{
	for (size_t i = 0; i < k->view.plan->n_steps; i++) {
		const struct plan_step *s = &k->view.plan->steps[i];
		const struct model_slave *of = s->want ? s->want : s->have;
		const struct row *r =
			of ? rows_find_slave(k->c, NULL, of->netns, of->name) : NULL;
		const struct row *m =
			s->master ? rows_find_master(k->c, NULL, s->master->netns,
						     s->master->name)
				  : NULL;

		if (!(r && !state_is_well(state_of_row(k->c, r))) &&
		    !(m && !state_is_well(state_of_row(k->c, m))))
			return arena_printf(k->a, "the next plan is not empty: %s",
					    plan_text_step(k->a, s));
	}
	return NULL;
}

static const char *check_host(struct look *k)
{
	const struct row *host = rows_find_host(k->c, NULL, NULL);
	int64_t next = datum_integer(row_get(host, k->c->host.next_cfg), 0);
	int64_t cur = datum_integer(row_get(host, k->c->host.cur_cfg), 0);

	if (sim_violation(stage_sim(k->s)))
		return sim_violation(stage_sim(k->s));
	if (cur != next)
		return arena_printf(k->a, "cur_cfg is %" PRId64 ", next_cfg %" PRId64,
				    cur, next);
	return NULL;
}

/* In such a namespace a slave waits, is disabled or in conflict: none is made for it. */
static bool is_held_up_in(const struct look *k, const char *netns)
{
	TABLE_FOR_EACH (r, k->c->slave.table) {
		if (!strcmp(datum_text(row_get(r, k->c->slave.netns)), netns) &&
		    state_of_row(k->c, r) != STATE_READY)
			return true;
	}
	return false;
}

/* What is registered is there. */
static const char *check_namespaces(const struct look *k)
{
	TABLE_FOR_EACH (r, k->c->netns.table) {
		const char *name = datum_text(row_get(r, k->c->netns.name));
		const struct model_netns *have = model_find_netns(k->view.have, name);

		if (!(have && have->seen.exists) && !is_held_up_in(k, name))
			return arena_printf(k->a,
					    "the namespace %s is registered, and not "
					    "there",
					    name);
	}
	return NULL;
}

static const char *check_import(const struct look *k)
{
	const char *text;
	bool is_whole;
	struct err *e = stage_import(k->s, k->a, &text, &is_whole);

	if (!e)
		return is_whole && *text ? text : NULL;
	text = arena_strdup(k->a, e->message);
	err_free(e);
	return text;
}

const char *history_check_rows(struct stage *s, struct arena *a)
{
	struct look k = {.s = s, .a = a, .c = stage_columns(s)};
	const char *text = look(&k);

	if (!text)
		text = check_host(&k);
	if (!text)
		text = check_models(&k);
	if (!text)
		text = check_plan(&k);
	if (!text)
		text = check_namespaces(&k);
	return text ? text : check_import(&k);
}

/* Another program's device is on it, perhaps with a VLAN of ours between, or is its
 * port. */
static bool is_kept(const struct look *k, const struct model_master *m)
{
	if (*m->seen.stranger || *m->seen.busy || *m->seen.kept_by)
		return true;
	for (size_t i = 0; i < k->view.have->n_masters; i++) {
		const struct model_master *upper = &k->view.have->masters[i];

		if (upper->seen.presence == MODEL_OURS && upper != m &&
		    !strcmp(upper->netns, m->netns) &&
		    !strcmp(upper->vlan_link, m->name) && is_kept(k, upper))
			return true;
	}
	return false;
}

const char *history_check_nothing_left(struct stage *s, struct arena *a)
{
	struct look k = {.s = s, .a = a, .c = stage_columns(s)};
	const char *text = look(&k);

	for (size_t i = 0; !text && i < k.view.have->n_masters; i++) {
		const struct model_master *m = &k.view.have->masters[i];

		if (m->seen.presence == MODEL_OURS && !is_kept(&k, m))
			text = arena_printf(a, "the master %s is left", m->name);
		for (size_t n = 0; !text && n < m->n_slaves; n++) {
			if (m->slaves[n].seen.presence == MODEL_OURS)
				text = arena_printf(a, "the slave %s is left",
						    model_slave_label(a, &m->slaves[n]));
		}
	}
	TABLE_FOR_EACH (r, k.c->netns.table) {
		const char *name = datum_text(row_get(r, k.c->netns.name));
		const struct model_netns *have = model_find_netns(k.view.have, name);

		/* One with a device of another program in it stays, and stays ours. */
		if (!text && !(have && have->seen.is_occupied))
			text = arena_printf(a, "the namespace %s is still registered",
					    name);
	}
	if (!text && table_count(k.c->lease.table))
		text = "a lease is left";
	return text ? text : check_host(&k);
}

static const char *row_text(struct arena *a, const char *netns, const struct row *r,
			    const struct column_schema *name,
			    const struct column_schema *state,
			    const struct column_schema *message)
{
	return arena_printf(a, "%s/%s: %s %s", netns, datum_text(row_get(r, name)),
			    datum_text(row_get(r, state)),
			    datum_text(row_get(r, message)));
}

/* The device behind it, as the row shows it; up without carrier is up: the simulator makes
 * no event when a device that was just set up turns out to have none (kernel.md 19). */
static const char *device_text(struct arena *a, const struct row *r,
			       const struct column_schema *ifindex,
			       const struct column_schema *mtu,
			       const struct column_schema *link_state)
{
	const char *link = datum_text(row_get(r, link_state));

	return arena_printf(a, "ifindex %" PRId64 " mtu %" PRId64 " %s",
			    datum_integer(row_get(r, ifindex), 0),
			    datum_integer(row_get(r, mtu), 0),
			    strcmp(link, "no-carrier") != 0 ? link : "up");
}

const char *history_states(const struct stage *s, struct arena *a)
{
	const struct ipvl_columns *c = stage_columns(s);
	const char *text = "";

	TABLE_FOR_EACH (r, c->master.table)
		text = arena_printf(
			a, "%s%s %s\n", text,
			row_text(a, datum_text(row_get(r, c->master.netns)), r,
				 c->master.name, c->master.state, c->master.message),
			device_text(a, r, c->master.ifindex, c->master.link_mtu,
				    c->master.link_state));
	TABLE_FOR_EACH (r, c->slave.table)
		text = arena_printf(a, "%s%s %s\n", text,
				    row_text(a, datum_text(row_get(r, c->slave.netns)), r,
					     c->slave.name, c->slave.state,
					     c->slave.message),
				    device_text(a, r, c->slave.ifindex, c->slave.link_mtu,
						c->slave.link_state));
	return text;
}
