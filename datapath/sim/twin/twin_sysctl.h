/* Sysctls of devices: /proc/sys/net/{ipv4,ipv6}/conf. */
#ifndef DATAPATH_SIM_TWIN_SYSCTL_H
#define DATAPATH_SIM_TWIN_SYSCTL_H 1

#include "datapath/sim/twin/twin_state.h"

/* The value as a read of the file gives it; "" if there is no such file. 'l' NULL: of
 * "all". Borrowed until the next write. */
const char *twin_sysctl_get(const struct twin_netns *s, const struct twin_link *l,
			    const char *key);
/* The same of "default": what a new device begins with. */
const char *twin_sysctl_default(const struct twin_netns *s, const char *key);
/* True if the device has the value 1, or "all" has it: how the kernel combines most. */
bool twin_sysctl_is_on(const struct twin_link *l, const char *key);
/* Stores a value, without its effects. 'name' is "all", "default" or NULL with 'l'. */
void twin_sysctl_put(struct twin_netns *s, struct twin_link *l, const char *name,
		     const char *key, const char *value);
/* ENOENT if there is no such file: the key is unknown, or the device has no IPv6. */
struct err *twin_sysctl_check(const struct twin_link *l, const char *key) MUST_CHECK;
/* What a new device begins with: the values of "default". */
void twin_sysctl_inherit(struct twin_link *l, const char *family);
/* Forgets those of a family ("ipv6."), or all (""). */
void twin_sysctl_drop(struct twin_sysctl **list, const char *family);

#endif
