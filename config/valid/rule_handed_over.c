/* A slave that is handed over: what of it cannot be ipvl's. Its addresses and its routes may be
 * declared: pools and other slaves then count with them. */
#include "config/valid/rule_handed_over.h"

#include "lib/alloc.h"

void rule_handed_over(struct valid_check *v, const struct model_master *m,
		      const struct model_slave *s)
{
	const struct valid_place at = {
		.master = m, .slave = s, .field = VALID_HANDED_OVER};
	const struct valid_place transient = {
		.master = m, .slave = s, .field = VALID_TRANSIENT};
	const struct {
		bool is_declared;
		const char *what;
	} others[] = {
		{s->n_sysctls, "setting"},
		{s->n_altnames, "alternative name"},
		/* By it ipvl finds the device again. */
		{*s->alias, "alias"},
		{*s->vrf, "VRF"},
		{*s->nameservers || *s->search, "nameserver"},
		{s->n_rules, "routing policy"},
		{s->source_routing, "source routing"},
		{s->host_access, "host access"},
	};

	/* ipvl keeps the device of any other one. */
	if (s->is_transient && !s->is_handed_over)
		valid_complaint_add(
			v, &transient, NULL,
			err_hint(err_new(ERR_INVALID,
					 "%s is transient, but not handed over",
					 model_slave_label(v->arena, s)),
				 "declare both, or neither"));
	for (size_t i = 0; s->is_handed_over && i < ARRAY_SIZE(others); i++) {
		if (others[i].is_declared)
			valid_complaint_add(
				v, &at, NULL,
				err_hint(err_new(ERR_INVALID,
						 "%s is handed over to another program, "
						 "so it can have no %s",
						 model_slave_label(v->arena, s),
						 others[i].what),
					 "leave it out, or do not hand the slave over"));
	}
}
