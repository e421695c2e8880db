/* Keys and values of a device's sysctls. Each version of the kernel has other keys;
 * here are the rules that hold for all. */
#include "config/canon.h"

#include "lib/alloc.h"

#include <string.h>

/* /proc/sys accepts a page at most; no setting of a device needs more than a few
 * words. */
#define SYSCTL_MAX_BYTES ((size_t)255)

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Settings of a whole namespace (ip-sysctl.rst of Linux) that users take for a
 * device's, with the device's setting that is meant. */
static const struct {
	/* NULL: there is none. */
	const char *key, *device_key;
} namespace_sysctls[] = {
	{"ipv4.ip_forward", "ipv4.forwarding"},
	{"ipv6.ip_forward", "ipv6.forwarding"},
	{"ipv4.disable_ipv6", "ipv6.disable_ipv6"},
	{"ipv4.ip_nonlocal_bind", NULL},
	{"ipv6.ip_nonlocal_bind", NULL},
	{"ipv4.ip_local_port_range", NULL},
	{"ipv4.ip_default_ttl", NULL},
	{"ipv6.bindv6only", NULL},
	{"ipv4.ping_group_range", NULL},
	{"ipv4.fwmark_reflect", NULL},
	{"ipv6.fwmark_reflect", NULL},
};
/* Whole families of them. */
static const char *const namespace_prefixes[] = {"tcp_", "udp_",  "icmp_",   "igmp_",
						 "fib_", "inet_", "ipfrag_", "route_"};

static struct err *check_is_device_sysctl(const char *key)
{
	struct err *e = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(namespace_sysctls) && !e; i++) {
		const char *meant = namespace_sysctls[i].device_key;

		if (strcmp(namespace_sysctls[i].key, key) != 0)
			continue;
		e = err_new(ERR_INVALID, "\"%s\" is not a setting of one device", key);
		if (meant)
			return err_hint(e, "did you mean %s?", meant);
	}
	for (size_t i = 0; i < ARRAY_SIZE(namespace_prefixes) && !e; i++) {
		const char *prefix = namespace_prefixes[i];

		if (!strncmp(key + strlen("ipv4."), prefix, strlen(prefix)))
			e = err_new(ERR_INVALID, "\"%s\" is not a setting of one device",
				    key);
	}
	return e ? err_hint(e, "it belongs to the whole namespace: set it with `ip netns "
			       "exec NAME sysctl`")
		 : NULL;
}

struct err *canon_check_sysctl(const char *key)
{
	bool known = !strncmp(key, "ipv4.", 5) || !strncmp(key, "ipv6.", 5);

	if (!known || !key[5] || strlen(key) > SYSCTL_MAX_BYTES ||
	    key[5 + strspn(key + 5, "abcdefghijklmnopqrstuvwxyz0123456789_")])
		return err_hint(err_new(ERR_INVALID,
					"\"%s\" is not a setting of one device", key),
				"write ipv4.NAME or ipv6.NAME, NAME being a file in "
				"/proc/sys/net/ipv4/conf/all or ipv6/conf/all, as in "
				"ipv6.accept_ra");
	return check_is_device_sysctl(key);
}

/* YAML's words; the kernel accepts numbers. */
static struct err *check_is_no_boolean(const char *key, const char *value)
{
	static const char *const words[][2] = {{"true", "1"}, {"yes", "1"},
					       {"on", "1"},   {"false", "0"},
					       {"no", "0"},   {"off", "0"}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(value, words[i][0]))
			return err_hint(err_new(ERR_INVALID, "%s is a number, not \"%s\"",
						key, value),
					"write %s", words[i][1]);
	}
	return NULL;
}

struct err *canon_check_sysctl_value(const char *key, const char *value)
{
	if (!*value)
		return err_new(ERR_INVALID, "the value of %s is empty", key);
	if (strlen(value) > SYSCTL_MAX_BYTES)
		return err_new(ERR_INVALID, "the value of %s is longer than %zu bytes",
			       key, SYSCTL_MAX_BYTES);
	for (const char *p = value; *p; p++) {
		if (is_control(*p))
			return err_new(ERR_INVALID,
				       "the value of %s contains a control character",
				       key);
	}
	return check_is_no_boolean(key, value);
}
