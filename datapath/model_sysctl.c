/* Sysctls as values: order and look-up, by key. */
#include "datapath/model_sysctl.h"

#include <string.h>

static const char *const surveyed[] = {
	"ipv4.accept_local",     "ipv4.accept_redirects", "ipv4.arp_accept",
	"ipv4.arp_announce",     "ipv4.arp_filter",       "ipv4.arp_ignore",
	"ipv4.arp_notify",       "ipv4.forwarding",       "ipv4.proxy_arp",
	"ipv4.route_localnet",   "ipv4.rp_filter",        "ipv4.send_redirects",
	"ipv4.src_valid_mark",   "ipv6.accept_dad",       "ipv6.accept_ra",
	"ipv6.accept_redirects", "ipv6.addr_gen_mode",    "ipv6.autoconf",
	"ipv6.dad_transmits",    "ipv6.disable_ipv6",     "ipv6.forwarding",
	"ipv6.proxy_ndp",        "ipv6.use_tempaddr",
};

const char *const *model_sysctl_surveyed(size_t *ret_n)
{
	*ret_n = sizeof(surveyed) / sizeof(*surveyed);
	return surveyed;
}

size_t model_sysctl_keep_link_local(struct model_sysctl *sysctls, size_t n)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(sysctls[i].key, "ipv6.addr_gen_mode") != 0 ||
		    strcmp(sysctls[i].value, MODEL_SYSCTL_NO_LINK_LOCAL) != 0)
			sysctls[n_kept++] = sysctls[i];
	}
	return n_kept;
}

int model_sysctl_cmp(const struct model_sysctl *a, const struct model_sysctl *b)
{
	return strcmp(a->key, b->key);
}

int model_saved_cmp(const struct model_saved *a, const struct model_saved *b)
{
	int cmp = strcmp(a->key, b->key);

	return cmp ? cmp : (a->ifindex > b->ifindex) - (a->ifindex < b->ifindex);
}

const struct model_sysctl *model_sysctl_find(const struct model_sysctl *sysctls, size_t n,
					     const char *key)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(sysctls[i].key, key))
			return &sysctls[i];
	}
	return NULL;
}
