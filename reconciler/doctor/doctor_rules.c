/* One function for each topic: what of the facts is wrong, and what to do. The kernel's
 * faults are doctor_kernel.c's. */
#include "reconciler/doctor/doctor_rules.h"

#include "datapath/link_type.h"
#include "lib/alloc.h"
#include "reconciler/doctor/doctor_host.h"
#include "reconciler/doctor/doctor_kernel.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <string.h>

/* A database that has so little room left soon cannot be written. */
#define DISK_FEW_BYTES ((uint64_t)64 << 20)
#define MEBIBYTE       ((uint64_t)1 << 20)

static void examine_module(const struct doctor_facts *f, struct doctor_report *r)
{
	if (f->module_loaded == DOCTOR_NO && f->module_there == DOCTOR_NO)
		doctor_add(
			r, DOCTOR_ERROR, "module",
			"boot the kernel that is installed, if it was updated; else "
			"install its modules",
			"ipvlan is not loaded, and /lib/modules/%s does not have it: no "
			"slave can be made",
			f->release);
}

static void examine_privileges(const struct doctor_facts *f, struct doctor_report *r)
{
	static const struct {
		unsigned int capability;
		enum doctor_level level;
		const char *name, *without;
	} needed[] = {
		{CAP_NET_ADMIN, DOCTOR_ERROR, "CAP_NET_ADMIN",
		 "links, addresses and routes cannot be changed"},
		{CAP_SYS_ADMIN, DOCTOR_ERROR, "CAP_SYS_ADMIN",
		 "network namespaces can be neither made nor entered"},
		{CAP_NET_BROADCAST, DOCTOR_ERROR, "CAP_NET_BROADCAST",
		 "events of other namespaces are not heard"},
		{CAP_SYS_PTRACE, DOCTOR_WARNING, "CAP_SYS_PTRACE",
		 "namespaces of processes (/proc/PID/ns/net) cannot be opened"},
		{CAP_NET_RAW, DOCTOR_WARNING, "CAP_NET_RAW",
		 "addresses are not announced to the neighbours"},
		{CAP_SYS_NICE, DOCTOR_NOTE, "CAP_SYS_NICE",
		 "drift may not name the process behind it"},
		{CAP_CHOWN, DOCTOR_NOTE, "CAP_CHOWN",
		 "the socket cannot be given to the group ipvl"},
	};

	for (size_t i = 0; f->has_capabilities && i < ARRAY_SIZE(needed); i++) {
		if (!(f->capabilities & UINT64_C(1) << needed[i].capability))
			doctor_add(
				r, needed[i].level, "privileges",
				"compare the unit with the one of ipvl: `systemctl cat "
				"ipvld` (CapabilityBoundingSet=)",
				"ipvld lacks %s: %s", needed[i].name, needed[i].without);
	}
}

/* kernel.md 18. */
static void examine_mounts(const struct doctor_facts *f, struct doctor_report *r)
{
	bool is_sandboxed = f->mounts_of_host == DOCTOR_NO;

	if (f->netns_shared == DOCTOR_NO)
		doctor_add(
			r, is_sandboxed ? DOCTOR_ERROR : DOCTOR_WARNING, "mounts",
			"mount --make-rshared /run/netns",
			"/run/netns does not propagate: %s",
			is_sandboxed
				? "the host sees dead files in place of the namespaces "
				  "that ipvld makes"
				: "services with mounts of their own do not see "
				  "namespaces that are made from now on");
	if (is_sandboxed)
		doctor_add(r, DOCTOR_WARNING, "mounts",
			   "set Environment=IPVL_MOUNT_NS=/proc/1/ns/mnt in the unit, as "
			   "the one of ipvl has it: `systemctl cat ipvld`",
			   "ipvld has mounts of its own: what it mounts below /run/netns "
			   "may "
			   "be missing on the host");
}

static void examine_names(const struct doctor_facts *f, struct doctor_report *r)
{
	if (!*f->release)
		return;
	if (!*f->protocol_name)
		doctor_add(r, DOCTOR_NOTE, "names",
			   "install data/rt_protos.d/ipvl.conf in "
			   "/etc/iproute2/rt_protos.d",
			   "`ip route` shows routes of ipvl as `proto 76`");
	else if (strcmp(f->protocol_name, "ipvl") != 0)
		doctor_add(r, DOCTOR_WARNING, "names",
			   "give the other program another number in "
			   "/etc/iproute2/rt_protos, or report the clash",
			   "the route protocol 76 of ipvl is called %s in iproute2's "
			   "tables: "
			   "two programs may take each other's routes for their own",
			   f->protocol_name);
}

/* A station has one MAC address for its access point (IEEE 802.11, three addresses a frame). */
static void examine_wireless(const struct model_master *m, struct doctor_report *r)
{
	const struct link_type *type = link_type_of(m);

	if (link_type_has(type, LINK_HAS_OWN_MAC))
		doctor_add(
			r, DOCTOR_WARNING, "masters",
			"leave out `datapath`: ipvlan shares the MAC address of the card",
			"%s is a Wi-Fi card, and slaves of datapath %s have MAC "
			"addresses of "
			"their own: access points drop their frames",
			m->name, type->id.name);
	else
		doctor_add(r, DOCTOR_NOTE, "masters",
			   "if slaves are not reached: turn proxy ARP off in the access "
			   "point",
			   "%s is a Wi-Fi card: some access points answer ARP from what "
			   "DHCP has "
			   "given out, and have no answer for its slaves",
			   m->name);
}

static void examine_masters(const struct doctor_facts *f, struct doctor_report *r)
{
	for (size_t i = 0; i < f->want->n_masters; i++) {
		if (f->is_wireless[i])
			examine_wireless(&f->want->masters[i], r);
	}
	for (size_t i = 0; f->have && i < f->have->n_masters; i++) {
		const struct model_master *m = &f->have->masters[i];

		if (*m->name && *m->seen.busy && !m->seen.has_port)
			doctor_add(
				r, DOCTOR_ERROR, "masters",
				"take it away from there, or use that device, or a VLAN, "
				"as the master",
				"%s%s%s is in use by %s: the kernel allows no ipvlan on "
				"it",
				m->netns, *m->netns ? "/" : "", m->name, m->seen.busy);
	}
}

static void examine_database(const struct doctor_facts *f, struct doctor_report *r)
{
	if (f->disk_is_read_only)
		doctor_add(r, DOCTOR_ERROR, "database",
			   "mount it writable, or name another file with --db",
			   "%s is on a file system that is read-only: no change can be "
			   "stored",
			   f->db);
	else if (f->has_disk && f->disk_free_bytes < DISK_FEW_BYTES)
		doctor_add(
			r, f->disk_free_bytes < MEBIBYTE ? DOCTOR_ERROR : DOCTOR_WARNING,
			"database", "make room on its file system: `df -h`",
			"%s has %" PRIu64 " MiB left: when the disk is full, no change "
			"is accepted",
			f->db, f->disk_free_bytes / MEBIBYTE);
}

const struct doctor_report *doctor_examine(const struct doctor_facts *f, struct arena *a)
{
	static const struct {
		const char *topic, *when_well;
		void (*examine)(const struct doctor_facts *f, struct doctor_report *r);
	} topics[] = {
		{"kernel", "no known fault of ipvlan", doctor_kernel_examine},
		{"module", "ipvlan can be used", examine_module},
		{"privileges", "ipvld has the capabilities that it needs",
		 examine_privileges},
		{"mounts", "namespaces that ipvld makes are seen everywhere",
		 examine_mounts},
		{"managers", "no other program is in charge of our devices",
		 doctor_host_examine_managers},
		{"names", "iproute2 knows the routes of ipvl by name", examine_names},
		{"masters", "no master is in use by a bridge, bond or macvlan",
		 examine_masters},
		{"sysctls", "forwarding, rp_filter and conntrack fit",
		 doctor_host_examine_sysctls},
		{"database", "there is room for it", examine_database},
	};
	struct doctor_report *r = arena_alloc(a, sizeof(*r));

	r->arena = a;
	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		size_t before = r->n;

		topics[i].examine(f, r);
		if (r->n == before)
			doctor_add(r, DOCTOR_OK, topics[i].topic, "", "%s",
				   topics[i].when_well);
	}
	return r;
}
