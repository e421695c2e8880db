/* The rules of policy routing: what no namespace can have. */
#include "config/valid/rule_policy.h"

#include "config/routing_source.h"

static const char *label(struct valid_check *v, const struct valid_place *at)
{
	return at->slave ? model_slave_label(v->arena, at->slave)
			 : model_master_label(v->arena, at->master);
}

static bool has_address(const struct model_slave *s)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!ip_addr_is_link_local(&s->addresses[i].addr))
			return true;
	}
	return false;
}

void rule_source_routing(struct valid_check *v, const struct model_master *m,
			 const struct model_slave *s)
{
	const struct valid_place at = {
		.master = m, .slave = s, .field = VALID_SOURCE_ROUTING};

	/* A pool gives it one. */
	if (!s->source_routing || has_address(s) || *s->pool)
		return;
	valid_complaint_add(
		v, &at, NULL,
		err_hint(err_new(ERR_INVALID,
				 "source routing needs addresses of the slave, and %s %s",
				 model_slave_label(v->arena, s),
				 s->addresses_managed ? "has none"
						      : "has those of another program"),
			 "give it `addresses`, or leave out source routing"));
}

static const struct model_rule *rule_at(const struct valid_place *at)
{
	return &at->slave->rules[at->index];
}

void rule_shared_policy(struct valid_check *v, const struct valid_place *at,
			const struct valid_place *other)
{
	bool is_same_slave = at->slave == other->slave;
	bool is_equal = !model_rule_cmp(rule_at(at), rule_at(other));
	const char *mine = model_rule_text(v->arena, rule_at(at));

	/* It is the namespace's: several slaves may declare it. */
	if (is_equal && !is_same_slave)
		return;
	if (is_equal)
		valid_complaint_add(
			v, at, other,
			err_hint(err_new(ERR_INVALID, "rule `%s` is listed twice on %s",
					 mine, label(v, at)),
				 "leave one of them out"));
	else
		valid_complaint_add(
			v, at, other,
			err_hint(err_new(ERR_INVALID,
					 "rule `%s` of %s collides with %s `%s`: both "
					 "select "
					 "the same packets at one priority",
					 mine, label(v, at),
					 is_same_slave
						 ? "another one,"
						 : arena_printf(v->arena, "that of %s,",
								label(v, other)),
					 model_rule_text(v->arena, rule_at(other))),
				 "give one of them another `priority`, or leave it out"));
}

/* One of both is the table of a slave's source routing. */
void rule_shared_table(struct valid_check *v, const struct valid_place *at,
		       const struct valid_place *other)
{
	uint32_t mine = at->slave ? routing_source_table(at->slave) : 0;
	uint32_t theirs = other->slave ? routing_source_table(other->slave) : 0;

	if ((at->slave && at->slave == other->slave) ||
	    (at->field != VALID_SOURCE_ROUTING && other->field != VALID_SOURCE_ROUTING))
		return;
	if (at->field == VALID_SOURCE_ROUTING && other->field == VALID_SOURCE_ROUTING)
		valid_complaint_add(
			v, at, other,
			err_hint(err_new(ERR_INVALID,
					 "source routing of %s and of %s uses one table, "
					 "%u, and each needs its own",
					 label(v, at), label(v, other), mine),
				 "write the number of another table for one of them"));
	else
		valid_complaint_add(
			v, at, other,
			err_hint(
				err_new(ERR_INVALID,
					"%s has a route in table %u, by which the "
					"traffic "
					"of %s leaves",
					label(v, mine && at->field == VALID_SOURCE_ROUTING
							 ? other
							 : at),
					at->field == VALID_SOURCE_ROUTING ? mine : theirs,
					label(v, at->field == VALID_SOURCE_ROUTING
							 ? at
							 : other)),
				"use another table for one of them"));
}
