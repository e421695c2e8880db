/* Complaints: the columns that they name, and their delivery. */
#include "config/valid/valid_complaint.h"

static const char *const columns[VALID_N_FIELDS] = {
	[VALID_OBJECT] = NULL,
	[VALID_NAME] = "name",
	[VALID_NETNS] = "netns",
	[VALID_MATCH] = "match",
	[VALID_MODE] = "mode",
	[VALID_FLAG] = "flag",
	[VALID_VLAN] = "vlan_link",
	[VALID_KIND] = "kind",
	[VALID_DATAPATH] = "datapath",
	[VALID_MTU] = "mtu",
	[VALID_ADDRESSES] = "addresses",
	[VALID_ADDRESS_OPTIONS] = "address_options",
	[VALID_ROUTES] = "routes",
	[VALID_ROUTE_VIA] = "routes",
	[VALID_ROUTE_FROM] = "routes",
	[VALID_ROUTE_MTU] = "routes",
	[VALID_POLICY] = "routing_policy",
	[VALID_SOURCE_ROUTING] = "source_routing",
	[VALID_HOST_ACCESS] = "host_access",
	[VALID_HANDED_OVER] = "handed_over",
	[VALID_TRANSIENT] = "transient",
	[VALID_NAMESERVERS] = "nameservers",
	[VALID_SEARCH] = "search",
	[VALID_SYSCTL] = "sysctl",
	[VALID_ALTNAMES] = "altnames",
	[VALID_ALIAS] = "alias",
	[VALID_VRF] = "vrf",
	[VALID_POOL] = "pool",
};

const char *valid_field_column(enum valid_field field)
{
	return columns[field];
}

void valid_complaint_add(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other, struct err *e)
{
	struct valid_complaint c = {.at = *at, .error = e};

	if (other)
		c.other = *other;
	v->fn(v->aux, &c);
	err_free(e);
}
