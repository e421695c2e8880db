/* Sysctls of devices: which there are, and their values. What a write causes is in the
 * files of its subject. */
#include "datapath/sim/twin/twin_sysctl.h"

#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Those with another default than 0. */
static const struct {
	const char *key, *value;
} defaults[] = {
	{"ipv4.accept_redirects", "1"},
	{"ipv4.secure_redirects", "1"},
	{"ipv4.send_redirects", "1"},
	{"ipv4.shared_media", "1"},
	{"ipv4.igmpv2_unsolicited_report_interval", "10000"},
	{"ipv4.igmpv3_unsolicited_report_interval", "1000"},
	{"ipv6.accept_ra", "1"},
	{"ipv6.accept_ra_defrtr", "1"},
	{"ipv6.accept_ra_min_hop_limit", "1"},
	{"ipv6.accept_ra_mtu", "1"},
	{"ipv6.accept_ra_pinfo", "1"},
	{"ipv6.accept_ra_rtr_pref", "1"},
	{"ipv6.accept_redirects", "1"},
	{"ipv6.autoconf", "1"},
	{"ipv6.dad_transmits", "1"},
	{"ipv6.accept_dad", "1"},
	{"ipv6.hop_limit", "64"},
	{"ipv6.max_addresses", "16"},
	{"ipv6.mtu", "1500"},
	{"ipv6.router_solicitations", "-1"},
};

static const char *const others[] = {
	"ipv4.accept_local",
	"ipv4.accept_source_route",
	"ipv4.arp_accept",
	"ipv4.arp_announce",
	"ipv4.arp_evict_nocarrier",
	"ipv4.arp_filter",
	"ipv4.arp_ignore",
	"ipv4.arp_notify",
	"ipv4.bc_forwarding",
	"ipv4.bootp_relay",
	"ipv4.disable_policy",
	"ipv4.disable_xfrm",
	"ipv4.drop_gratuitous_arp",
	"ipv4.drop_unicast_in_l2_multicast",
	"ipv4.force_igmp_version",
	"ipv4.forwarding",
	"ipv4.ignore_routes_with_linkdown",
	"ipv4.log_martians",
	"ipv4.medium_id",
	"ipv4.promote_secondaries",
	"ipv4.proxy_arp",
	"ipv4.proxy_arp_pvlan",
	"ipv4.route_localnet",
	"ipv4.rp_filter",
	"ipv4.src_valid_mark",
	"ipv4.tag",
	"ipv6.accept_ra_from_local",
	"ipv6.accept_ra_rt_info_max_plen",
	"ipv6.accept_source_route",
	"ipv6.accept_untracked_na",
	"ipv6.addr_gen_mode",
	"ipv6.disable_ipv6",
	"ipv6.disable_policy",
	"ipv6.drop_unsolicited_na",
	"ipv6.enhanced_dad",
	"ipv6.force_mld_version",
	"ipv6.force_tllao",
	"ipv6.forwarding",
	"ipv6.ignore_routes_with_linkdown",
	"ipv6.keep_addr_on_down",
	"ipv6.ndisc_notify",
	"ipv6.ndisc_tclass",
	"ipv6.optimistic_dad",
	"ipv6.proxy_ndp",
	"ipv6.stable_secret",
	"ipv6.suppress_frag_ndisc",
	"ipv6.temp_prefered_lft",
	"ipv6.temp_valid_lft",
	"ipv6.use_oif_addrs_only",
	"ipv6.use_optimistic",
	"ipv6.use_tempaddr",
};

/* NULL if no device has such a file. */
static const char *default_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		if (!strcmp(defaults[i].key, key))
			return defaults[i].value;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (!strcmp(others[i], key))
			return "0";
	}
	return NULL;
}

static const char *find(const struct twin_sysctl *list, const char *key)
{
	for (; list; list = list->next) {
		if (!strcmp(list->key, key))
			return list->value;
	}
	return NULL;
}

static void set(struct twin_sysctl **list, const char *key, const char *value)
{
	struct twin_sysctl *s = *list;

	while (s && strcmp(s->key, key) != 0)
		s = s->next;
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->key = xstrdup(key);
		s->next = *list;
		*list = s;
	}
	free(s->value);
	s->value = xstrdup(value);
}

/* "ipv6.accept_ra" of "all": "ipv6.all.accept_ra". */
static char *shared_key(const char *name, const char *key)
{
	return xasprintf("%.5s%s.%s", key, name, key + 5);
}

struct err *twin_sysctl_check(const struct twin_link *l, const char *key)
{
	bool is_ipv6 = !strncmp(key, "ipv6.", 5);

	return !default_of(key) || (l && is_ipv6 && !l->has_ipv6)
		       ? twin_kernel_err(ENOENT, NULL)
		       : NULL;
}

const char *twin_sysctl_get(const struct twin_netns *s, const struct twin_link *l,
			    const char *key)
{
	struct err *e = twin_sysctl_check(l, key);
	char *shared CLEANUP(freep) = NULL;
	const char *value;

	if (e) {
		err_free(e);
		return "";
	}
	if (!l)
		shared = shared_key("all", key);
	value = l ? find(l->sysctls, key) : find(s->sysctls, shared);
	return value ? value : default_of(key);
}

const char *twin_sysctl_default(const struct twin_netns *s, const char *key)
{
	char *shared CLEANUP(freep) = shared_key("default", key);
	const char *value = find(s->sysctls, shared);

	if (!value)
		value = default_of(key);
	return value ? value : "";
}

bool twin_sysctl_is_on(const struct twin_link *l, const char *key)
{
	return atoi(twin_sysctl_get(l->ns, l, key)) > 0 ||
	       atoi(twin_sysctl_get(l->ns, NULL, key)) > 0;
}

void twin_sysctl_put(struct twin_netns *s, struct twin_link *l, const char *name,
		     const char *key, const char *value)
{
	char *shared CLEANUP(freep) = l ? NULL : shared_key(name, key);

	set(l ? &l->sysctls : &s->sysctls, l ? key : shared, value);
}

void twin_sysctl_inherit(struct twin_link *l, const char *family)
{
	for (const struct twin_sysctl *s = l->ns->sysctls; s; s = s->next) {
		char *key CLEANUP(freep) = NULL;

		if (strncmp(s->key, family, 5) != 0 ||
		    strncmp(s->key + 5, "default.", 8) != 0)
			continue;
		key = xasprintf("%.5s%s", s->key, s->key + 13);
		set(&l->sysctls, key, s->value);
	}
}

void twin_sysctl_drop(struct twin_sysctl **list, const char *family)
{
	while (*list) {
		struct twin_sysctl *s = *list;

		if (strncmp(s->key, family, strlen(family)) != 0) {
			list = &s->next;
			continue;
		}
		*list = s->next;
		free(s->key);
		free(s->value);
		free(s);
	}
}
