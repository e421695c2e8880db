/* Sysctls of devices: /proc/sys/net/{ipv4,ipv6}/conf. */
#ifndef DATAPATH_SIM_SYSCTL_H
#define DATAPATH_SIM_SYSCTL_H 1

#include "datapath/sim/sim_state.h"

/* The value as a read of the file gives it; "" if there is no such file. 'l' NULL: of
 * "all". Borrowed until the next write. */
const char *sim_sysctl_get(const struct sim_netns *s, const struct sim_link *l,
			   const char *key);
/* True if the device has the value 1, or "all" has it: how the kernel combines most. */
bool sim_sysctl_is_on(const struct sim_link *l, const char *key);
/* Stores a value, without its effects. 'name' is "all", "default" or NULL with 'l'. */
void sim_sysctl_put(struct sim_netns *s, struct sim_link *l, const char *name,
		    const char *key, const char *value);
/* ENOENT if there is no such file: the key is unknown, or the device has no IPv6. */
struct err *sim_sysctl_check(const struct sim_link *l, const char *key) MUST_CHECK;
/* What a new device begins with: the values of "default". */
void sim_sysctl_inherit(struct sim_link *l, const char *family);
/* Forgets those of a family ("ipv6."), or all (""). */
void sim_sysctl_drop(struct sim_sysctl **list, const char *family);

#endif
