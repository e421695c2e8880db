/* From rows to the model. A text that is not canonical is an error here, whatever
 * client wrote it: the validator (valid/valid_txn.c) refuses it with this message, and
 * a row of a foreign server shows it. */
#include "config/rows.h"

#include "config/canon.h"
#include "config/routing_source.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const struct txn *txn; /* NULL: as committed */
	const struct row *r;
	struct arena *a;
	const char *table;
	/* The first error; nothing is read after it. */
	struct err *e;
};

static const struct datum *get(const struct reader *in, const struct column_schema *c)
{
	return rows_get(in->txn, in->r, c);
}

static const char *get_text(const struct reader *in, const struct column_schema *c)
{
	const char *s = datum_string(get(in, c));

	return s ? arena_strdup(in->a, s) : "";
}

/* Takes 'e'. */
static void fail(struct reader *in, const struct column_schema *c, struct err *e)
{
	if (in->e)
		err_free(e);
	else
		in->e = err_at(e, "%s.%s", in->table, c->name);
}

static struct err *not_canonical(const char *what, const char *text, const char *right)
{
	return err_hint(err_new(ERR_INVALID, "%s \"%s\" is not in its canonical form",
				what, text),
			"write \"%s\"", right);
}

static int address_cmp(const void *a, const void *b)
{
	return ip_prefix_cmp(a, b);
}

static int route_cmp(const void *a, const void *b)
{
	return model_route_key_cmp(a, b);
}

static void read_addresses(struct reader *in, const struct column_schema *c,
			   struct model_slave *s)
{
	const struct datum *d = get(in, c);

	s->addresses = arena_array(in->a, d->n, sizeof(*s->addresses));
	s->n_addresses = d->n;
	for (uint32_t i = 0; i < d->n && !in->e; i++) {
		const char *text = datum_keys(d)[i].string;
		char right[IP_TEXT_BYTES];
		struct err *e = canon_address_parse(text, &s->addresses[i]);

		if (!e && strcmp(ip_prefix_format(&s->addresses[i], right), text))
			e = not_canonical("address", text, right);
		if (e)
			fail(in, c, e);
	}
	if (d->n > 1)
		qsort(s->addresses, d->n, sizeof(*s->addresses), address_cmp);
}

static int options_cmp(const void *a, const void *b)
{
	const struct model_address_options *x = a, *y = b;

	return ip_prefix_cmp(&x->address, &y->address);
}

/* That each key is one of the addresses is a rule (valid/rule_address.c). */
static void read_address_options(struct reader *in, const struct column_schema *c,
				 struct model_slave *s)
{
	const struct datum *d = get(in, c);

	s->address_options = arena_array(in->a, d->n, sizeof(*s->address_options));
	s->n_address_options = d->n;
	for (uint32_t i = 0; i < d->n && !in->e; i++) {
		struct model_address_options *o = &s->address_options[i];
		const char *key = datum_keys(d)[i].string, *right;
		const char *text = datum_values(d)[i].string;
		char buf[IP_TEXT_BYTES];
		struct err *e = canon_address_parse(key, &o->address);

		if (!e && strcmp(ip_prefix_format(&o->address, buf), key) != 0)
			e = not_canonical("address", key, buf);
		if (!e) {
			e = canon_address_options_parse(text, o);
			e = e ? err_wrap(e, "\"%s\" of %s", text, key) : NULL;
		}
		right = e ? text : model_address_options_text(in->a, o);
		if (!e && !*right)
			e = err_hint(err_new(ERR_INVALID, "\"%s\" of %s is the default",
					     text, key),
				     "leave it out");
		else if (!e && strcmp(text, right) != 0)
			e = not_canonical("text", text, right);
		if (e)
			fail(in, c, e);
	}
	if (d->n > 1)
		qsort(s->address_options, d->n, sizeof(*s->address_options), options_cmp);
}

static void read_routes(struct reader *in, const struct column_schema *c,
			struct model_route **ret_routes, size_t *ret_n)
{
	const struct datum *d = get(in, c);
	struct model_route *routes = arena_array(in->a, d->n, sizeof(*routes));

	for (uint32_t i = 0; i < d->n && !in->e; i++) {
		const char *text = datum_keys(d)[i].string, *right;
		struct err *e = canon_route_parse(text, &routes[i]);

		if (e) {
			e = err_wrap(e, "route \"%s\"", text);
		} else {
			right = model_route_text(in->a, &routes[i]);
			if (strcmp(right, text))
				e = not_canonical("route", text, right);
		}
		if (e)
			fail(in, c, e);
	}
	if (d->n > 1)
		qsort(routes, d->n, sizeof(*routes), route_cmp);
	*ret_routes = routes;
	*ret_n = d->n;
}

static int rule_cmp(const void *a, const void *b)
{
	return model_rule_cmp(a, b);
}

static void read_policy(struct reader *in, const struct column_schema *c,
			struct model_slave *s)
{
	const struct datum *d = get(in, c);

	s->rules = arena_array(in->a, d->n, sizeof(*s->rules));
	s->n_rules = d->n;
	for (uint32_t i = 0; i < d->n && !in->e; i++) {
		const char *text = datum_keys(d)[i].string, *right;
		struct err *e = canon_rule_parse(text, &s->rules[i]);

		if (e) {
			e = err_wrap(e, "rule \"%s\"", text);
		} else {
			right = model_rule_text(in->a, &s->rules[i]);
			if (strcmp(right, text))
				e = not_canonical("rule", text, right);
		}
		if (e)
			fail(in, c, e);
	}
	if (d->n > 1)
		qsort(s->rules, d->n, sizeof(*s->rules), rule_cmp);
}

static void read_source_routing(struct reader *in, const struct column_schema *c,
				struct model_slave *s)
{
	const char *text = get_text(in, c), *right;
	struct err *e = *text ? routing_source_parse(text, s) : NULL;

	right = e ? text : routing_source_text(in->a, s);
	if (!e && strcmp(text, right) != 0)
		e = *right ? not_canonical("source routing", text, right)
			   : err_hint(err_new(ERR_INVALID,
					      "source routing that is off has no text"),
				      "clear the column");
	if (e)
		fail(in, c, e);
}

typedef struct err *words_fn(const char *text, struct arena *a, const char **ret_text);

static const char *read_words(struct reader *in, const struct column_schema *c,
			      words_fn *fn)
{
	const char *text = get_text(in, c), *right = "";
	struct err *e;

	if (!*text)
		return text;
	e = fn(text, in->a, &right);
	if (!e && strcmp(text, right))
		e = not_canonical(c->name, text, right);
	if (e)
		fail(in, c, e);
	return text;
}

/* A text that cannot be a namespace at all is refused by valid/rule.c. */
static const char *read_netns(struct reader *in, const struct column_schema *c)
{
	const char *text = get_text(in, c), *right;
	struct err *e = canon_netns(text, in->a, &right);

	if (!e && strcmp(text, right))
		fail(in, c, not_canonical("namespace", text, right));
	err_free(e);
	return text;
}

static void read_sysctls(struct reader *in, const struct column_schema *c,
			 struct model_sysctl **ret_sysctls, size_t *ret_n)
{
	const struct datum *d = get(in, c);
	struct model_sysctl *sysctls = arena_array(in->a, d->n, sizeof(*sysctls));

	/* Sorted by bytes in both forms. */
	for (uint32_t i = 0; i < d->n; i++) {
		sysctls[i].key = arena_strdup(in->a, datum_keys(d)[i].string);
		sysctls[i].value = arena_strdup(in->a, datum_values(d)[i].string);
	}
	*ret_sysctls = sysctls;
	*ret_n = d->n;
}

/* Sorted by bytes in both forms. */
static void read_altnames(struct reader *in, const struct column_schema *c,
			  struct model_slave *s)
{
	const struct datum *d = get(in, c);

	s->altnames = arena_array(in->a, d->n, sizeof(*s->altnames));
	s->n_altnames = d->n;
	for (uint32_t i = 0; i < d->n; i++)
		s->altnames[i] = arena_strdup(in->a, datum_keys(d)[i].string);
}

static void read_addressing(struct reader *in, const struct ipvl_columns *c,
			    struct model_slave *s)
{
	const char *addressing = get_text(in, c->slave.addressing);

	s->addresses_managed = !strcmp(addressing, "static");
	if (!s->addresses_managed && strcmp(addressing, "external"))
		fail(in, c->slave.addressing,
		     err_hint(err_new(ERR_INVALID, "addressing is %s",
				      *addressing ? "neither static nor external"
						  : "not set"),
			      "choose static (ipvl sets the addresses) or external (a "
			      "DHCP "
			      "client or another program does)"));
	else if (!s->addresses_managed && s->n_addresses)
		fail(in, c->slave.addressing,
		     err_hint(err_new(ERR_INVALID,
				      "addressing is external, yet there are addresses"),
			      "set addressing=static, or clear the addresses"));
}

/* The schema allows no other word. */
static enum model_drift read_drift(const struct reader *in, const struct column_schema *c)
{
	const char *text = datum_string(get(in, c));
	enum model_drift drift = MODEL_DRIFT_REPAIR;

	if (text)
		(void)model_drift_from_name(text, &drift);
	return drift;
}

struct err *rows_read_slave(const struct ipvl_columns *c, const struct txn *txn,
			    const struct row *r, struct arena *a,
			    struct model_slave *ret_slave)
{
	struct reader in = {.txn = txn, .r = r, .a = a, .table = "Slave"};
	struct model_slave s = {
		.netns = read_netns(&in, c->slave.netns),
		.name = get_text(&in, c->slave.name),
		.alias = get_text(&in, c->slave.alias),
		.vrf = get_text(&in, c->slave.vrf),
		.pool = get_text(&in, c->slave.pool),
		.mtu = (uint32_t)datum_integer(get(&in, c->slave.mtu), 0),
		.intent = datum_boolean(get(&in, c->slave.enabled), true)
				  ? MODEL_PRESENT
				  : MODEL_DISABLED,
		.adopts = !strcmp(rows_transfer(c, txn, r), ROWS_ADOPT),
		.host_access = datum_boolean(get(&in, c->slave.host_access), false),
		.is_optional = datum_boolean(get(&in, c->slave.optional), false),
		.is_handed_over = datum_boolean(get(&in, c->slave.handed_over), false),
		.is_transient = datum_boolean(get(&in, c->slave.transient), false),
		.drift = read_drift(&in, c->slave.drift),
	};

	if (!strcmp(rows_transfer(c, txn, r), ROWS_RELEASE))
		s.intent = MODEL_RELEASED;
	read_addresses(&in, c->slave.addresses, &s);
	read_address_options(&in, c->slave.address_options, &s);
	read_addressing(&in, c, &s);
	read_routes(&in, c->slave.routes, &s.routes, &s.n_routes);
	read_policy(&in, c->slave.routing_policy, &s);
	read_source_routing(&in, c->slave.source_routing, &s);
	read_sysctls(&in, c->slave.sysctl, &s.sysctls, &s.n_sysctls);
	read_altnames(&in, c->slave.altnames, &s);
	s.nameservers = read_words(&in, c->slave.nameservers, canon_nameservers);
	s.search = read_words(&in, c->slave.search, canon_search);
	if (!in.e)
		*ret_slave = s;
	return in.e;
}

/* The schema has the words. */
static enum model_kind read_kind(const struct reader *in, const struct column_schema *c)
{
	enum model_kind kind = MODEL_KIND_NONE;

	(void)model_kind_from_name(datum_text(get(in, c)), &kind);
	return kind;
}

static void read_match(struct reader *in, const struct column_schema *c,
		       struct model_match *match)
{
	const struct datum *d = get(in, c);

	for (uint32_t i = 0; i < d->n && !in->e; i++) {
		const char *key = datum_keys(d)[i].string;
		const char *text = datum_values(d)[i].string, *right = "";
		struct err *e = canon_match(key, text, in->a, &right);

		if (!e && strcmp(text, right) != 0)
			e = not_canonical(key, text, right);
		if (e)
			fail(in, c, e);
		else
			(void)model_match_set(match, key, arena_strdup(in->a, text));
	}
}

static const struct link_type *read_type(struct reader *in, const struct column_schema *c)
{
	const char *name = datum_text(get(in, c));
	const struct link_type *t = NULL;
	struct err *e = *name ? canon_link_type(name, &t) : NULL;

	if (e)
		fail(in, c, e);
	return t;
}

struct err *rows_read_master(const struct ipvl_columns *c, const struct txn *txn,
			     const struct row *r, struct arena *a,
			     struct model_master *ret_master)
{
	struct reader in = {.txn = txn, .r = r, .a = a, .table = "Master"};
	const char *mode = get_text(&in, c->master.mode);
	const char *flag = get_text(&in, c->master.flag);
	struct model_master m = {
		.netns = read_netns(&in, c->master.netns),
		.name = get_text(&in, c->master.name),
		.match = model_match_none(),
		.intent = !strcmp(rows_transfer(c, txn, r), ROWS_RELEASE) ? MODEL_RELEASED
									  : MODEL_PRESENT,
		.adopts = !strcmp(rows_transfer(c, txn, r), ROWS_ADOPT),
		.vlan_link = get_text(&in, c->master.vlan_link),
		.vlan_id = (uint16_t)datum_integer(get(&in, c->master.vlan_id), 0),
		.kind = read_kind(&in, c->master.kind),
		.type = read_type(&in, c->master.datapath),
		.mtu = (uint32_t)datum_integer(get(&in, c->master.mtu), 0),
		.is_optional = datum_boolean(get(&in, c->master.optional), false),
		.drift = read_drift(&in, c->master.drift),
	};

	read_match(&in, c->master.match, &m.match);
	if (!model_mode_from_name(mode, &m.mode))
		fail(&in, c->master.mode,
		     err_hint(err_new(ERR_INVALID,
				      *mode ? "unknown mode \"%s\"" : "mode is not set%s",
				      mode),
			      "choose l2, l3 or l3s"));
	if (!model_flag_from_name(flag, &m.flag))
		fail(&in, c->master.flag,
		     err_hint(err_new(ERR_INVALID,
				      *flag ? "unknown flag \"%s\"" : "flag is not set%s",
				      flag),
			      "choose bridge, private or vepa"));
	read_routes(&in, c->master.routes, &m.routes, &m.n_routes);
	read_sysctls(&in, c->master.sysctl, &m.sysctls, &m.n_sysctls);
	if (!in.e)
		*ret_master = m;
	return in.e;
}
