/* What two sources declare of one object, compared key by key. */
#include "config/yaml/declare_compare.h"

#include "config/routing_source.h"
#include "datapath/link_type.h"

#include <string.h>

static const char *mtu_difference(struct arena *a, unsigned int there, unsigned int here)
{
	return arena_printf(a, "mtu is %s there and %s here",
			    there ? arena_printf(a, "%u", there) : "not set",
			    here ? arena_printf(a, "%u", here) : "not set");
}

static const char *drift_difference(struct arena *a, enum model_drift there,
				    enum model_drift here)
{
	return arena_printf(a, "drift is %s there and %s here", model_drift_name(there),
			    model_drift_name(here));
}

static bool same_sysctls(const struct model_sysctl *there, size_t n_there,
			 const struct model_sysctl *here, size_t n_here)
{
	bool same = n_there == n_here;

	for (size_t i = 0; same && i < n_here; i++)
		same = !strcmp(there[i].key, here[i].key) &&
		       !strcmp(there[i].value, here[i].value);
	return same;
}

const char *declare_compare_masters(struct arena *a, const struct model_master *there,
				    const struct model_master *here)
{
	char was[8], is[8];
	bool same_routes = there->n_routes == here->n_routes;

	if (!model_match_equals(&there->match, &here->match))
		return arena_printf(a, "match is {%s} there and {%s} here",
				    model_match_text(a, &there->match),
				    model_match_text(a, &here->match));
	if (link_type_of(there) != link_type_of(here))
		return arena_printf(a, "datapath is %s there and %s here",
				    link_type_of(there)->id.name,
				    link_type_of(here)->id.name);
	if (there->mode != here->mode)
		return arena_printf(a, "mode is %s there and %s here",
				    model_mode_name((uint8_t)there->mode, was),
				    model_mode_name((uint8_t)here->mode, is));
	if (there->flag != here->flag)
		return arena_printf(a, "flag is %s there and %s here",
				    model_flag_name((uint8_t)there->flag, was),
				    model_flag_name((uint8_t)here->flag, is));
	if (there->mtu != here->mtu)
		return mtu_difference(a, there->mtu, here->mtu);
	if (there->is_optional != here->is_optional)
		return "one of them is optional";
	if (there->drift != here->drift)
		return drift_difference(a, there->drift, here->drift);
	if (strcmp(there->vlan_link, here->vlan_link) || there->vlan_id != here->vlan_id)
		return "the VLANs differ";
	if (there->kind != here->kind)
		return arena_printf(a, "kind is %s there and %s here",
				    there->kind ? model_kind_name(there->kind)
						: "not set",
				    here->kind ? model_kind_name(here->kind) : "not set");
	if (!same_sysctls(there->sysctls, there->n_sysctls, here->sysctls,
			  here->n_sysctls))
		return "the sysctls differ";
	for (size_t i = 0; same_routes && i < here->n_routes; i++)
		same_routes = model_route_equals(&there->routes[i], &here->routes[i]);
	return same_routes ? NULL : "the routes differ";
}

const char *declare_compare_slaves(struct arena *a, const struct model_slave *there,
				   const struct model_slave *here)
{
	bool same = there->n_addresses == here->n_addresses &&
		    there->addresses_managed == here->addresses_managed;

	for (size_t i = 0; same && i < here->n_addresses; i++)
		same = !ip_prefix_cmp(&there->addresses[i], &here->addresses[i]);
	if (!same)
		return "the addresses differ";
	same = there->n_address_options == here->n_address_options;
	for (size_t i = 0; same && i < here->n_address_options; i++)
		same = model_address_options_equal(&there->address_options[i],
						   &here->address_options[i]);
	if (!same)
		return "what they declare of the addresses differs";
	same = there->n_routes == here->n_routes;
	for (size_t i = 0; same && i < here->n_routes; i++)
		same = model_route_equals(&there->routes[i], &here->routes[i]);
	if (!same)
		return "the routes differ";
	same = there->n_rules == here->n_rules;
	for (size_t i = 0; same && i < here->n_rules; i++)
		same = !model_rule_cmp(&there->rules[i], &here->rules[i]);
	if (!same || routing_source_table(there) != routing_source_table(here))
		return "the policy routing differs";
	if (!same_sysctls(there->sysctls, there->n_sysctls, here->sysctls,
			  here->n_sysctls))
		return "the sysctls differ";
	same = there->n_altnames == here->n_altnames &&
	       !strcmp(there->alias, here->alias);
	for (size_t i = 0; same && i < here->n_altnames; i++)
		same = !strcmp(there->altnames[i], here->altnames[i]);
	if (!same)
		return "the alternative names differ";
	if (strcmp(there->nameservers, here->nameservers) ||
	    strcmp(there->search, here->search))
		return "the nameservers differ";
	if (strcmp(there->pool, here->pool) != 0)
		return "the pools differ";
	if (strcmp(there->vrf, here->vrf) != 0)
		return "the VRFs differ";
	if (there->intent != here->intent)
		return "one of them disables it";
	if (there->host_access != here->host_access)
		return "one of them gives the host access";
	if (there->is_handed_over != here->is_handed_over)
		return "one of them is handed over";
	if (there->is_transient != here->is_transient)
		return "one of them is transient";
	if (there->is_optional != here->is_optional)
		return "one of them is optional";
	if (there->drift != here->drift)
		return drift_difference(a, there->drift, here->drift);
	return there->mtu == here->mtu ? NULL : mtu_difference(a, there->mtu, here->mtu);
}

struct err *declare_compare_error(struct arena *a, const struct model_master *m,
				  const struct model_slave *s, const char *source,
				  size_t line, const char *difference)
{
	const char *kind = s ? "slave" : "master";
	const char *label = s ? model_slave_label(a, s) : model_master_label(a, m);
	struct err *e;

	if (line)
		e = err_new(ERR_INVALID,
			    "%s %s is declared differently in %s, line %zu: %s", kind,
			    label, source, line, difference);
	else
		e = err_new(ERR_INVALID, "%s %s is declared differently by %s: %s", kind,
			    label, source, difference);
	if (s)
		return err_hint(e, "declare the slave in one of the two");
	return err_hint(e, "two sources may share a master if they agree in all but its "
			   "slaves");
}
