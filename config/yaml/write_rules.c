/* A draft against the rules: what breaks one becomes a remark, round by round, until nothing
 * does. */
#include "config/yaml/write_rules.h"

#include "config/valid/valid.h"

#include <string.h>

/* What a complaint is about is marked, and removed at the end of the round: a route or a
 * rule by table 0, an object by an empty name. */
struct round {
	struct draft *d;
	bool is_changed;
};

static void leave_out_slave(struct draft *d, size_t i, struct model_slave *s,
			    const struct err *e)
{
	write_draft_leave_out(d, &d->masters[i].left_out,
			      arena_printf(d->a, "%s is left out: %s",
					   model_slave_label(d->a, s), e->message));
	s->name = "";
}

static void leave_out_master(struct draft *d, struct model_master *m, const struct err *e)
{
	write_draft_leave_out(d, &d->left_out,
			      arena_printf(d->a, "%s is left out: %s",
					   model_master_label(d->a, m), e->message));
	m->name = "";
}

static void leave_out_route(struct draft *d, struct model_route *route, struct remarks *r,
			    const struct err *e)
{
	if (route->table)
		write_draft_leave_out_route(d, r, model_route_text(d->a, route),
					    e->message);
	route->table = 0;
}

static void leave_out_rule(struct draft *d, struct remarks *r, struct model_rule *rule,
			   const char *text)
{
	if (rule->table)
		write_draft_leave_out(d, r,
				      arena_printf(d->a, "a rule is left out: %s", text));
	rule->table = 0;
}

static void leave_out_names(struct draft *d, struct remarks *r, struct model_slave *s,
			    const struct valid_complaint *c)
{
	const char **text = c->at.field == VALID_ALIAS ? &s->alias
			    : c->at.field == VALID_VRF ? &s->vrf
						       : NULL;

	if (text ? **text != '\0' : s->n_altnames > 0)
		write_draft_leave_out(d, r,
				      arena_printf(d->a, "`%s` is left out: %s",
						   !text             ? "altnames"
						   : text == &s->vrf ? "vrf"
								     : "alias",
						   c->error->message));
	if (text)
		*text = "";
	else
		s->n_altnames = 0;
}

static void leave_out_addresses(struct draft *d, struct remarks *r, struct model_slave *s,
				const char *text)
{
	if (s->addresses_managed)
		write_draft_leave_out(
			d, r, arena_printf(d->a, "`addresses` is left out: %s", text));
	s->addresses_managed = false;
	s->n_addresses = s->n_address_options = 0;
}

/* It stays as it is, and ipvl would add it anew. */
static void leave_out_options(struct draft *d, struct remarks *r, struct model_slave *s,
			      size_t index, const char *text)
{
	struct model_address_options *o = &s->address_options[index];

	if (model_address_options_are_set(o))
		write_draft_leave_out(d, r,
				      arena_printf(d->a, "`%s` is left out: %s",
						   model_address_options_text(d->a, o),
						   text));
	*o = (struct model_address_options){.address = o->address};
}

static void leave_out_mtu(struct draft *d, struct remarks *r, struct model_slave *s,
			  const char *text)
{
	write_draft_leave_out(d, r, arena_printf(d->a, "`mtu` is left out: %s", text));
	s->mtu = 0;
}

static void complain_slave(struct draft *d, const struct valid_complaint *c, size_t i)
{
	size_t k = (size_t)(c->at.slave - d->model.masters[i].slaves);
	struct model_slave *s = &d->model.masters[i].slaves[k];
	struct remarks *r = &d->masters[i].slaves[k];
	const char *text = c->error->message;

	if (!*s->name)
		return;
	switch (c->at.field) {
	case VALID_ROUTES:
	case VALID_ROUTE_VIA:
	case VALID_ROUTE_FROM:
	case VALID_ROUTE_MTU:
		leave_out_route(d, &s->routes[c->at.index], r, c->error);
		return;
	case VALID_POLICY:
		leave_out_rule(d, r, &s->rules[c->at.index], text);
		return;
	case VALID_ADDRESSES:
		leave_out_addresses(d, r, s, text);
		return;
	case VALID_ADDRESS_OPTIONS:
		leave_out_options(d, r, s, c->at.index, text);
		return;
	case VALID_NAMESERVERS:
	case VALID_SEARCH:
		write_draft_leave_out(
			d, r, arena_printf(d->a, "`nameservers` is left out: %s", text));
		s->nameservers = s->search = "";
		return;
	case VALID_ALIAS:
	case VALID_ALTNAMES:
	case VALID_VRF:
		leave_out_names(d, r, s, c);
		return;
	case VALID_MTU:
		if (!s->mtu)
			break;
		leave_out_mtu(d, r, s, text);
		return;
	case VALID_OBJECT:
	case VALID_NAME:
	case VALID_NETNS:
	case VALID_MATCH:
	case VALID_MODE:
	case VALID_FLAG:
	case VALID_VLAN:
	case VALID_KIND:
	case VALID_DATAPATH:
	case VALID_SOURCE_ROUTING:
	case VALID_HOST_ACCESS:
	case VALID_HANDED_OVER:
	case VALID_TRANSIENT:
	case VALID_POOL:
	case VALID_SYSCTL:
	case VALID_N_FIELDS:
		break;
	}
	leave_out_slave(d, i, s, c->error);
}

static void complain(void *aux, const struct valid_complaint *c)
{
	struct round *round = aux;
	struct draft *d = round->d;
	size_t i = (size_t)(c->at.master - d->model.masters);
	struct model_master *m = &d->model.masters[i];

	round->is_changed = true;
	if (c->at.slave) {
		complain_slave(d, c, i);
	} else if (c->at.field == VALID_ROUTES || c->at.field == VALID_ROUTE_MTU) {
		leave_out_route(d, &m->routes[c->at.index], &d->masters[i].remarks,
				c->error);
	} else if (c->at.field == VALID_VLAN && m->vlan_id) {
		write_draft_leave_out(
			d, &d->masters[i].remarks,
			arena_printf(d->a, "`vlan` is left out: %s", c->error->message));
		m->vlan_link = "";
		m->vlan_id = 0;
	} else if (*m->name) {
		leave_out_master(d, m, c->error);
	}
}

static void sweep_routes(struct model_route *routes, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		if (routes[i].table)
			routes[kept++] = routes[i];
	}
	*n = kept;
}

static void sweep_rules(struct model_slave *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_rules; i++) {
		if (s->rules[i].table)
			s->rules[kept++] = s->rules[i];
	}
	s->n_rules = kept;
}

static void sweep_options(struct model_slave *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_address_options; i++) {
		if (model_address_options_are_set(&s->address_options[i]))
			s->address_options[kept++] = s->address_options[i];
	}
	s->n_address_options = kept;
}

static void sweep_slaves(struct model_master *m, struct draft_master *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n_slaves; i++) {
		sweep_routes(m->slaves[i].routes, &m->slaves[i].n_routes);
		sweep_rules(&m->slaves[i]);
		sweep_options(&m->slaves[i]);
		if (!*m->slaves[i].name)
			continue;
		m->slaves[kept] = m->slaves[i];
		out->slaves[kept++] = out->slaves[i];
	}
	m->n_slaves = kept;
}

static void sweep(struct draft *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->model.n_masters; i++) {
		struct model_master *m = &d->model.masters[i];

		sweep_routes(m->routes, &m->n_routes);
		sweep_slaves(m, &d->masters[i]);
		if (!*m->name)
			continue;
		d->model.masters[kept] = *m;
		d->masters[kept++] = d->masters[i];
	}
	d->model.n_masters = kept;
}

void write_rules_obey(struct draft *d)
{
	struct round round = {.d = d, .is_changed = true};

	while (round.is_changed) {
		round.is_changed = false;
		valid_check_model(&d->model, complain, &round);
		if (round.is_changed)
			sweep(d);
	}
}
