/* From a survey to a draft: what has no key becomes a remark. write_rules.c does the same for
 * what breaks a rule. */
#include "config/yaml/write_draft.h"

#include "config/canon.h"
#include "datapath/link_type.h"
#include "lib/hash_table.h"
#include "lib/text.h"

#include <string.h>
#include <sys/socket.h>

#define NO_TEXT "its name, or that of its namespace, cannot be written in a file"

/* A comment ends where a line ends, and names are of other programs: YAML 1.1 also has the
 * line ends NEL, LS and PS. */
static const char *one_line(struct arena *a, const char *text)
{
	static const char *const ends[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};
	char *line = arena_strdup(a, text);

	text_make_plain(line, strlen(line));
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		for (char *at = line; (at = strstr(at, ends[i]));)
			memset(at, '?', strlen(ends[i]));
	}
	return line;
}

static void draft_remark(struct draft *d, struct remarks *r, const char *text)
{
	r->texts = arena_grow(d->a, r->texts, r->n, &r->cap, sizeof(const char *));
	r->texts[r->n++] = one_line(d->a, text);
}

void write_draft_leave_out(struct draft *d, struct remarks *r, const char *text)
{
	draft_remark(d, r, text);
	d->n_left_out++;
}

/* --- addresses --- */

static const char *prefix_text(struct draft *d, const struct ip_prefix *p)
{
	char buf[IP_TEXT_BYTES];

	return arena_strdup(d->a, ip_prefix_format(p, buf));
}

static bool expires(const struct model_slave *s, const struct ip_prefix *p)
{
	const struct model_address_seen *seen = model_find_noted(s, p);

	return seen && seen->notes & MODEL_ADDRESS_LIFETIME && !seen->is_deprecated;
}

static bool is_declarable(struct draft *d, const struct ip_prefix *p)
{
	struct ip_prefix again;
	struct err *e = canon_address_parse(prefix_text(d, p), &again);

	if (!e)
		return true;
	err_free(e);
	return false;
}

/* Why the slave's addresses cannot be ipvl's; NULL: they can. A list without one that is
 * there would have ipvl remove it. */
static const char *why_external(struct draft *d, const struct model_slave *s)
{
	size_t n_expiring = 0;

	for (size_t i = 0; i < s->n_addresses; i++) {
		const struct ip_prefix *p = &s->addresses[i];
		bool is_last = i + 1 == s->n_addresses;

		if (!is_declarable(d, p))
			return arena_printf(d->a, "%s is no address that ipvl adds",
					    prefix_text(d, p));
		n_expiring += expires(s, p);
		if (expires(s, p) && (p->addr.family == AF_INET ||
				      (is_last && n_expiring == s->n_addresses)))
			return arena_printf(
				d->a, "%s expires, as those of %s do", prefix_text(d, p),
				p->addr.family == AF_INET
					? "DHCP"
					: "DHCP and of router advertisements");
	}
	return NULL;
}

/* An address that differs from one that ipvl adds. */
static void remark_address(struct draft *d, struct remarks *r,
			   const struct model_address_seen *seen)
{
	const char *p = prefix_text(d, &seen->address);

	if (seen->notes & MODEL_ADDRESS_METRIC)
		write_draft_leave_out(
			d, r,
			arena_printf(d->a,
				     "the route to the subnet of %s has a metric of its "
				     "own here, and no key for it",
				     p));
	if (seen->scope == MODEL_SCOPE_OTHER)
		write_draft_leave_out(
			d, r,
			arena_printf(d->a,
				     "%s has another scope than global here, and "
				     "no key for it",
				     p));
}

/* What a file can declare of it. A label that is no word stays out: ipvl adds the address
 * without it. */
static void draft_options(struct draft *d, struct model_slave *s, struct remarks *r,
			  const struct model_address_seen *seen)
{
	struct model_address_options o = {.address = seen->address, .peer = seen->peer};
	struct err *e = NULL;

	if (seen->scope != MODEL_SCOPE_OTHER)
		o.scope = seen->scope;
	if (seen->is_deprecated)
		o.lifetime = MODEL_LIFETIME_DEPRECATED;
	if (*seen->label)
		e = canon_address_label(&o.address, seen->label, o.label);
	if (e)
		write_draft_leave_out(
			d, r,
			arena_printf(d->a, "the label of %s is left out: %s",
				     prefix_text(d, &o.address), e->message));
	err_free(e);
	if (model_address_options_are_set(&o))
		s->address_options[s->n_address_options++] = o;
}

static void draft_addresses(struct draft *d, struct model_slave *s, struct remarks *r)
{
	const char *why = why_external(d, s);
	struct ip_prefix *kept;
	size_t n = 0;

	if (why)
		write_draft_leave_out(
			d, r, arena_printf(d->a, "`addresses` is left out: %s", why));
	kept = arena_array(d->a, s->n_addresses, sizeof(*kept));
	s->address_options =
		arena_array(d->a, s->n_addresses, sizeof(*s->address_options));
	for (size_t i = 0; !why && i < s->n_addresses; i++) {
		const struct model_address_seen *seen =
			model_find_noted(s, &s->addresses[i]);

		if (expires(s, &s->addresses[i])) {
			write_draft_leave_out(
				d, r,
				arena_printf(d->a, "address %s is left out: it expires",
					     prefix_text(d, &s->addresses[i])));
			continue;
		}
		if (seen) {
			remark_address(d, r, seen);
			draft_options(d, s, r, seen);
		}
		kept[n++] = s->addresses[i];
	}
	s->addresses = kept;
	s->n_addresses = n;
	s->addresses_managed = n > 0;
}

/* --- routes --- */

void write_draft_leave_out_route(struct draft *d, struct remarks *r, const char *route,
				 const char *why)
{
	write_draft_leave_out(d, r,
			      arena_printf(d->a, "route %s is left out: %s", route, why));
}

static void draft_routes(struct draft *d, struct model_route **routes, size_t *n_routes,
			 struct remarks *r)
{
	struct model_route *kept = arena_array(d->a, *n_routes, sizeof(*kept));
	size_t n = 0;

	for (size_t i = 0; i < *n_routes; i++) {
		const char *text = model_route_text(d->a, &(*routes)[i]);
		struct model_route again;
		struct err *e = canon_route_parse(text, &again);

		if (e) {
			write_draft_leave_out_route(d, r, text, e->message);
			err_free(e);
			continue;
		}
		kept[n] = (*routes)[i];
		kept[n++].seen_foreign = false;
	}
	*routes = kept;
	*n_routes = n;
}

/* --- rules --- */

static void draft_rules(struct draft *d, struct model_slave *s, struct remarks *r)
{
	struct model_rule *kept = arena_array(d->a, s->n_rules, sizeof(*kept)), again;
	size_t n = 0;

	for (size_t i = 0; i < s->n_rules; i++) {
		const char *text = model_rule_text(d->a, &s->rules[i]);
		struct err *e = canon_rule_parse(text, &again);

		if (e)
			write_draft_leave_out(d, r,
					      arena_printf(d->a,
							   "rule %s is left out: %s",
							   text, e->message));
		else if (!n || model_rule_cmp(&kept[n - 1], &s->rules[i]))
			kept[n++] = s->rules[i];
		err_free(e);
	}
	s->rules = kept;
	s->n_rules = n;
}

/* --- slaves and masters --- */

#define DOWN "it is down, and ipvl sets it up"

/* All but its master and its place, which its alias has, is another program's. */
static void draft_handed_over(struct model_slave *s, const char *netns, const char *name)
{
	struct model_slave bare = model_slave_named(netns, name);

	bare.is_handed_over = true;
	bare.seen = s->seen;
	*s = bare;
}

/* What belongs to its namespace is listed with it, and must not get lost. */
static bool is_handed_over(struct draft *d, const struct model_slave *s,
			   const char **ret_netns, const char **ret_name)
{
	if (s->seen.presence != MODEL_OURS || s->n_rules)
		return false;
	for (size_t i = 0; i < s->n_routes; i++) {
		if (model_route_is_reject(&s->routes[i]))
			return false;
	}
	return model_parse_handed_over(d->a, s->alias, ret_netns, ret_name);
}

static void draft_slave(struct draft *d, struct model_slave *s, uint32_t master_mtu,
			struct remarks *r)
{
	const char *netns, *name;

	if (s->seen.presence == MODEL_OURS)
		draft_remark(d, r, "ipvl made it");
	if (is_handed_over(d, s, &netns, &name)) {
		draft_handed_over(s, netns, name);
		return;
	}
	if (!s->seen.is_up)
		draft_remark(d, r, DOWN);
	s->mtu = s->seen.mtu != master_mtu ? s->seen.mtu : 0;
	draft_addresses(d, s, r);
	draft_routes(d, &s->routes, &s->n_routes, r);
	draft_rules(d, s, r);
	for (size_t i = 0; i < s->seen.n_odd_routes; i++)
		write_draft_leave_out_route(d, r, s->seen.odd_routes[i].text,
					    s->seen.odd_routes[i].why);
}

static bool is_taken(const struct model_slave *s, bool foreign_only)
{
	return !(foreign_only && s->seen.presence == MODEL_OURS);
}

/* Names are of other programs, who may use bytes that no file can have. */
static bool is_plain(struct draft *d, const char *name)
{
	return !strcmp(one_line(d->a, name), name);
}

static void draft_slaves(struct draft *d, struct model_master *m,
			 struct draft_master *out, const struct model_master *have,
			 bool foreign_only)
{
	m->slaves = arena_array(d->a, have->n_slaves, sizeof(*m->slaves));
	out->slaves = arena_array(d->a, have->n_slaves, sizeof(*out->slaves));
	m->n_slaves = 0;
	for (size_t i = 0; i < have->n_slaves; i++) {
		const struct model_slave *s = &have->slaves[i];

		if (!is_taken(s, foreign_only))
			continue;
		if (!is_plain(d, s->name) || !is_plain(d, s->netns)) {
			write_draft_leave_out(d, &out->left_out,
					      arena_printf(d->a, "%s is left out: %s",
							   model_slave_label(d->a, s),
							   NO_TEXT));
			continue;
		}
		m->slaves[m->n_slaves] = *s;
		draft_slave(d, &m->slaves[m->n_slaves], have->seen.mtu,
			    &out->slaves[m->n_slaves]);
		m->n_slaves++;
	}
}

static void remark_master(struct draft *d, struct model_master *m, struct remarks *r)
{
	bool is_vlan = !strcmp(m->seen.kind, "vlan");

	if (m->seen.presence == MODEL_OURS) {
		draft_remark(d, r, "ipvl made it");
		if (!m->seen.is_up)
			draft_remark(d, r, DOWN);
	} else if (*m->vlan_link) {
		draft_remark(d, r,
			     "another program's VLAN: `apply --adopt` takes it over; "
			     "without the key `vlan`, ipvl uses it as it is");
	}
	if (is_vlan && !*m->vlan_link)
		write_draft_leave_out(
			d, r,
			"`vlan` is left out: its tags are not those of 802.1Q, or "
			"its link is in another namespace");
}

/* NULL: a file has words for it. */
static const char *why_no_master(struct draft *d, const struct model_master *have)
{
	struct link_mode mode = {have->seen.mode, have->seen.flag};
	bool is_named = have->seen.mode <= MODEL_MODE_L3S ||
			have->seen.mode == MODEL_MODE_PASSTHRU;

	if (!is_named || have->seen.flag > MODEL_FLAG_VEPA ||
	    (have->n_slaves && link_type_of(have)->refuse(mode)))
		return "its mode or flag is of a newer kernel";
	return is_plain(d, have->name) && is_plain(d, have->netns) &&
			       is_plain(d, have->vlan_link)
		       ? NULL
		       : NO_TEXT;
}

static void draft_master(struct draft *d, const struct model_master *have,
			 bool foreign_only)
{
	struct draft_master *out = &d->masters[d->model.n_masters];
	struct model_master *m = &d->model.masters[d->model.n_masters];
	const char *why = why_no_master(d, have);

	if (why) {
		write_draft_leave_out(d, &d->left_out,
				      arena_printf(d->a, "%s is left out: %s",
						   model_master_label(d->a, have), why));
		return;
	}
	*m = *have;
	*out = (struct draft_master){0};
	remark_master(d, m, &out->remarks);
	if (foreign_only)
		m->n_routes = 0;
	draft_routes(d, &m->routes, &m->n_routes, &out->remarks);
	draft_slaves(d, m, out, have, foreign_only);
	if (m->n_slaves || (m->seen.presence == MODEL_OURS && !foreign_only)) {
		d->model.n_masters++;
		return;
	}
	for (size_t i = 0; i < out->left_out.n; i++)
		draft_remark(d, &d->left_out, out->left_out.texts[i]);
}

static const char *why_astray(struct draft *d, const struct model_slave *s)
{
	if (!link_type_find_kind(s->seen.kind))
		return arena_printf(d->a, "it is an %s", s->seen.kind);
	if (model_netns_is_nameless(s->netns))
		return "its namespace has no name below /run/netns";
	if (strcmp(s->seen.kind, "ipvlan") != 0)
		return "a master has one datapath, and others on it have another";
	return *s->netns ? "the namespace of its master has no name below /run/netns"
			 : "it is in the host's namespace, and its master is not";
}

/* Devices that no row can declare (datapath_survey_fn). */
static void draft_astray(struct draft *d, const struct model_master *have,
			 bool foreign_only)
{
	for (size_t i = 0; i < have->n_slaves; i++) {
		const struct model_slave *s = &have->slaves[i];

		if (is_taken(s, foreign_only))
			write_draft_leave_out(d, &d->left_out,
					      arena_printf(d->a, "%s is left out: %s",
							   model_slave_label(d->a, s),
							   why_astray(d, s)));
	}
}

/* --- nameservers --- */

/* Namespaces whose resolv.conf was taken. */
struct taken {
	const char *netns;
	UT_hash_handle hh;
};

static bool take(struct draft *d, struct taken **all, const char *netns)
{
	struct taken *t;

	HASH_FIND_STR(*all, netns, t);
	if (t)
		return false;
	t = arena_alloc(d->a, sizeof(*t));
	t->netns = netns;
	HASH_ADD_KEYPTR(hh, *all, t->netns, strlen(t->netns), t);
	return true;
}

static void parse_nameservers(struct draft *d, struct model_slave *s, struct remarks *r)
{
	const char *nameservers, *search;
	struct err *e;

	model_parse_resolv_conf(d->a, s->seen.resolv_conf, &nameservers, &search);
	e = canon_nameservers(nameservers, d->a, &nameservers);
	if (!e)
		e = canon_search(search, d->a, &search);
	if (e) {
		write_draft_leave_out(
			d, r,
			arena_printf(d->a, "`nameservers` is left out: %s", e->message));
		err_free(e);
		return;
	}
	s->nameservers = nameservers;
	s->search = search;
}

static void draft_nameservers_of(struct draft *d, struct taken **all, const char *netns,
				 struct model_slave *s, struct remarks *r)
{
	if (s->seen.presence == MODEL_OURS && *s->seen.resolv_conf && take(d, all, netns))
		parse_nameservers(d, s, r);
	if (s->seen.resolv_conf_foreign && take(d, all, netns))
		write_draft_leave_out(
			d, r,
			arena_printf(d->a,
				     "`nameservers` is left out: ipvl did not "
				     "write /etc/netns/%s/resolv.conf",
				     netns));
}

/* A file belongs to its namespace: one slave there gets it. */
static void draft_nameservers(struct draft *d)
{
	struct taken *all = NULL;

	for (size_t i = 0; i < d->model.n_masters; i++) {
		struct model_master *m = &d->model.masters[i];

		for (size_t k = 0; k < m->n_slaves; k++)
			draft_nameservers_of(d, &all,
					     *m->slaves[k].netns ? m->slaves[k].netns
								 : m->netns,
					     &m->slaves[k], &d->masters[i].slaves[k]);
	}
	HASH_CLEAR(hh, all);
}

struct draft *write_draft_build(struct arena *a, const struct model *have,
				bool foreign_only)
{
	struct draft *d = arena_alloc(a, sizeof(*d));

	d->a = a;
	d->model.masters = arena_array(a, have->n_masters, sizeof(*d->model.masters));
	d->masters = arena_array(a, have->n_masters, sizeof(*d->masters));
	for (size_t i = 0; i < have->n_masters; i++) {
		if (*have->masters[i].name)
			draft_master(d, &have->masters[i], foreign_only);
		else
			draft_astray(d, &have->masters[i], foreign_only);
	}
	draft_nameservers(d);
	return d;
}
