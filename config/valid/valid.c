/* A whole model against the rules. The cost is n log n: only places with equal keys
 * are compared. */
#include "config/valid/valid.h"

#include "config/valid/rule.h"
#include "config/valid/valid_entries.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void check_port(struct valid_check *v, const struct model_master *m)
{
	struct valid_entries addresses = {0};

	rule_master(v, m);
	rule_slave_count(v, m, m->n_slaves);
	for (size_t i = 0; i < m->n_slaves; i++) {
		rule_slave(v, m, &m->slaves[i]);
		valid_entries_add_addresses(&addresses, m, &m->slaves[i]);
	}
	valid_entries_check(&addresses, VALID_KEY_ADDRESS, v);
}

static void add_altnames(struct valid_entries *all, const struct valid_place *slave)
{
	struct valid_place at = *slave;

	at.field = VALID_ALTNAMES;
	for (at.index = 0; at.index < at.slave->n_altnames; at.index++)
		valid_entries_add(all, rule_netns(at.master, at.slave),
				  at.slave->altnames[at.index], &at);
}

static void check_names(struct valid_check *v, const struct model_master *masters,
			size_t n)
{
	struct valid_entries all = {0}, without_netns = {0};

	for (size_t i = 0; i < n; i++) {
		const struct model_master *m = &masters[i];
		struct valid_place at = {.master = m, .field = VALID_NAME};

		valid_entries_add(&all, m->netns, m->name, &at);
		for (size_t k = 0; k < m->n_slaves; k++) {
			at.slave = &m->slaves[k];
			valid_entries_add(&all, rule_netns(m, at.slave), at.slave->name,
					  &at);
			add_altnames(&all, &at);
			if (!*at.slave->netns)
				valid_entries_add(&without_netns, "", at.slave->name,
						  &at);
		}
	}
	valid_entries_check(&all, VALID_KEY_NAME, v);
	valid_entries_check(&without_netns, VALID_KEY_AMBIGUOUS, v);
}

static void check_routes(struct valid_check *v, const struct model_master *masters,
			 size_t n)
{
	struct valid_entries all = {0}, rules = {0}, tables = {0};

	for (size_t i = 0; i < n; i++) {
		valid_entries_add_routes(&all, &masters[i], NULL);
		valid_entries_add_tables(&tables, v->arena, &masters[i], NULL);
		for (size_t k = 0; k < masters[i].n_slaves; k++) {
			const struct model_slave *s = &masters[i].slaves[k];

			valid_entries_add_routes(&all, &masters[i], s);
			valid_entries_add_rules(&rules, &masters[i], s);
			valid_entries_add_tables(&tables, v->arena, &masters[i], s);
		}
	}
	valid_entries_check(&all, VALID_KEY_ROUTE, v);
	valid_entries_check(&rules, VALID_KEY_POLICY, v);
	valid_entries_check(&tables, VALID_KEY_TABLE, v);
}

static int master_cmp(const void *a, const void *b)
{
	return model_master_cmp(a, b);
}

static void check_vlan_link(struct valid_check *v, const struct model_master *masters,
			    size_t n, const struct model_master *vlan)
{
	const struct model_master key = {.netns = vlan->netns, .name = vlan->vlan_link};
	const struct model_master *link =
		*vlan->vlan_link ? bsearch(&key, masters, n, sizeof(key), master_cmp)
				 : NULL;

	if (link && model_match_is_set(&link->match))
		rule_vlan_of_match(v, vlan);
}

static void check_vlans(struct valid_check *v, const struct model_master *masters,
			size_t n)
{
	struct valid_entries all = {0};

	for (size_t i = 0; i < n; i++) {
		struct valid_place at = {.master = &masters[i], .field = VALID_VLAN};

		if (*masters[i].vlan_link && masters[i].vlan_id)
			valid_entries_add(&all, masters[i].netns, &masters[i], &at);
		check_vlan_link(v, masters, n, &masters[i]);
	}
	valid_entries_check(&all, VALID_KEY_VLAN, v);
}

static void check_masters(const struct model_master *masters, size_t n,
			  valid_complain_fn *fn, void *aux)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new();
	struct valid_check v = {.fn = fn, .aux = aux, .arena = arena};

	for (size_t i = 0; i < n; i++)
		check_port(&v, &masters[i]);
	check_names(&v, masters, n);
	check_routes(&v, masters, n);
	check_vlans(&v, masters, n);
}

void valid_check_master(const struct model_master *m, valid_complain_fn *fn, void *aux)
{
	check_masters(m, 1, fn, aux);
}

void valid_check_model(const struct model *m, valid_complain_fn *fn, void *aux)
{
	check_masters(m->masters, m->n_masters, fn, aux);
}
