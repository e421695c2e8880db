/* What `doctor` judges: facts about this host and this daemon, and about the rows that they
 * matter for. Plain data, so that a test can make any host. */
#ifndef RECONCILER_DOCTOR_FACTS_H
#define RECONCILER_DOCTOR_FACTS_H 1

#include "datapath/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A fact that could not be found out is no reason for a finding. */
enum doctor_known { DOCTOR_UNKNOWN, DOCTOR_NO, DOCTOR_YES };

struct doctor_facts {
	/* uname(2); "" with a datapath that is not the kernel. */
	const char *release, *version;
	/* ipvlan is loaded (or built in), and could be loaded. */
	enum doctor_known module_loaded, module_there;
	/* CapEff of /proc/self/status. */
	bool has_capabilities;
	uint64_t capabilities;

	/* The mount that /run/netns is on propagates to other mount namespaces. */
	enum doctor_known netns_shared;
	/* The daemon has the mount namespace of process 1. */
	enum doctor_known mounts_of_host;

	/* Running, and configured to leave our devices and routes alone. */
	bool has_network_manager, nm_leaves_devices;
	bool has_networkd, networkd_leaves_devices, networkd_leaves_routes;

	/* The name of our route protocol in iproute2's tables; "" if it has none. */
	const char *protocol_name;

	/* Of the daemon's own network namespace; -1: unknown. */
	int64_t forwarding_v4, forwarding_v6;
	int64_t conntrack_count, conntrack_max;
	/* rp_filter of each master in that namespace, the stricter of "all" and its own, in
	 * the order of 'want'; -1: unknown or elsewhere. */
	const int64_t *rp_filters;
	/* The same order: the master is a Wi-Fi card in that namespace. */
	const bool *is_wireless;

	const char *db; /* the path; "" if it has no file */
	bool has_disk;
	uint64_t disk_free_bytes;
	bool disk_is_read_only;

	const struct model *want; /* what rows declare */
	const struct model *have; /* the same objects as observed; NULL: unknown */
};

#endif
