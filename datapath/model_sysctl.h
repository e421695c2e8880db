/* Settings of one device, and what ipvl has recorded of those that it wrote. */
#ifndef DATAPATH_MODEL_SYSCTL_H
#define DATAPATH_MODEL_SYSCTL_H 1

#include <stddef.h>
#include <stdint.h>

/* A file below /proc/sys/net/{ipv4,ipv6}/conf/IFACE/; the key is "ipv6.accept_ra". */
struct model_sysctl {
	const char *key, *value;
};
int model_sysctl_cmp(const struct model_sysctl *a, const struct model_sysctl *b);
/* Of "ipv6.addr_gen_mode": the kernel adds no link-local address (IN6_ADDR_GEN_MODE_NONE). */
#define MODEL_SYSCTL_NO_LINK_LOCAL "1"
/* What a survey shows of a device: settings that people make by hand. Sorted. */
const char *const *model_sysctl_surveyed(size_t *ret_n);
/* Of a survey's device that has the link-local address of the kernel: takes out that it gets none,
 * for a row that says so has none. Returns how many are left. */
size_t model_sysctl_keep_link_local(struct model_sysctl *sysctls, size_t n);
/* NULL if there is none. */
const struct model_sysctl *model_sysctl_find(const struct model_sysctl *sysctls, size_t n,
					     const char *key);

/* A sysctl of a master, as it was recorded before ipvl wrote it: what to put back. One key may be
 * recorded of several devices. */
struct model_saved {
	const char *key;
	const char *value;    /* that ipvl writes */
	const char *before;   /* "": what a new device begins with */
	uint32_t ifindex;     /* 0: of a device that ipvl makes */
	uint64_t netns_inode; /* 0: the daemon's own */
};
int model_saved_cmp(const struct model_saved *a, const struct model_saved *b);

#endif
