/* The facts of this host. doctor_rules.c judges them. */
#include "reconciler/doctor/doctor_collect.h"

#include "datapath/datapath.h"
#include "lib/alloc.h"
#include "reconciler/doctor/doctor_files.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

struct collection {
	struct arena *a;
	const char *root;
	struct doctor_facts *f;
};

static const char *read_text(const struct collection *c, const char *path)
{
	return doctor_files_read(c->a, c->root, path);
}

static void collect_module(const struct collection *c)
{
	const char *folder = arena_printf(c->a, "/lib/modules/%s", c->f->release);
	const char *list = arena_printf(c->a, "%s/modules.dep", folder);
	const char *builtin = arena_printf(c->a, "%s/modules.builtin", folder);
	bool is_builtin = doctor_files_has(c->a, c->root, builtin, "/ipvlan.ko");

	c->f->module_loaded =
		is_builtin || doctor_files_exists(c->a, c->root, "/sys/module/ipvlan")
			? DOCTOR_YES
			: DOCTOR_NO;
	if (!is_builtin && !doctor_files_exists(c->a, c->root, list))
		return; /* of a kernel without modules, or of another place */
	c->f->module_there =
		is_builtin || doctor_files_has(c->a, c->root, list, "/ipvlan.ko")
			? DOCTOR_YES
			: DOCTOR_NO;
}

static void collect_capabilities(const struct collection *c)
{
	const char *line = strstr(read_text(c, "/proc/self/status"), "CapEff:");
	struct rlimit priority;

	c->f->has_capabilities =
		line && sscanf(line, "CapEff: %" SCNx64, &c->f->capabilities) == 1;
	/* LimitRTPRIO= of the unit: all that CAP_SYS_NICE is for. */
	if (!getrlimit(RLIMIT_RTPRIO, &priority) && priority.rlim_cur)
		c->f->capabilities |= UINT64_C(1) << CAP_SYS_NICE;
}

/* proc_pid_mountinfo(5): the fifth word is the mount point; optional fields end at "-".
 * Blanks in a path are "\040", so that words are words. */
static bool is_above_netns(const char *line, size_t *ret_length, bool *ret_shared)
{
	static const char dir[] = "/run/netns";
	char point[256];
	size_t n;

	if (sscanf(line, "%*s %*s %*s %*s %255s", point) != 1)
		return false;
	n = strlen(point);
	if (strncmp(point, dir, n) != 0 || (n > 1 && dir[n] && dir[n] != '/'))
		return false;
	*ret_length = n;
	*ret_shared = strstr(line, " shared:");
	return true;
}

/* Where ipvld mounts namespaces: datapath/kernel/files/mounts.h. */
static const char *mount_namespace(void)
{
	const char *given = getenv("IPVL_MOUNT_NS");

	return given ? given : "/proc/self/ns/mnt";
}

static const char *mountinfo_of(const struct collection *c, const char *ns)
{
	size_t n = strlen(ns), tail = strlen("/ns/mnt");

	if (n < tail || strcmp(ns + n - tail, "/ns/mnt") != 0)
		return "/proc/self/mountinfo";
	return arena_printf(c->a, "%.*s/mountinfo", (int)(n - tail), ns);
}

/* That of the lowest mount that /run/netns is on; of several at one place the last. */
static void collect_mounts(const struct collection *c)
{
	const char *ns = mount_namespace();
	char *rest = arena_strdup(c->a, read_text(c, mountinfo_of(c, ns))), *line;
	const char *own = doctor_files_link(c->a, c->root, ns);
	const char *host = doctor_files_link(c->a, c->root, "/proc/1/ns/mnt");
	size_t longest = 0, length;
	bool is_shared;

	while ((line = strsep(&rest, "\n"))) {
		if (!is_above_netns(line, &length, &is_shared) || length < longest)
			continue;
		longest = length;
		c->f->netns_shared = is_shared ? DOCTOR_YES : DOCTOR_NO;
	}
	if (*own && *host)
		c->f->mounts_of_host = strcmp(own, host) ? DOCTOR_NO : DOCTOR_YES;
}

/* 'text' has the mark of data/systemd/60-ipvl.rules, or names ipvlan devices as such, or
 * each slave in the host's namespace. */
static bool has_slaves(const struct model *want, const char *text)
{
	if (strstr(text, "IPVL_MANAGED") || strstr(text, "ipvlan"))
		return true;
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			if (!*m->netns && !*m->slaves[k].netns &&
			    !strstr(text, m->slaves[k].name))
				return false;
		}
	}
	return true;
}

/* The files of a folder of configuration, wherever a distribution has it. */
static const char *read_config(const struct collection *c, const char *folder,
			       const char *suffix, const char *only)
{
	static const char *const places[] = {"/etc", "/run", "/usr/lib",
					     "/usr/local/lib"};
	const char *all = "";

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		all = arena_printf(c->a, "%s%s", all,
				   doctor_files_read_folder(
					   c->a, c->root,
					   arena_printf(c->a, "%s/%s", places[i], folder),
					   suffix, only));
	return all;
}

static void collect_managers(const struct collection *c)
{
	static const char *const names[] = {"NetworkManager", "systemd-networkd"};
	bool are_there[2] = {false, false};
	const char *text;

	doctor_files_find_processes(c->a, c->root, names, are_there, 2);
	c->f->has_network_manager = are_there[0];
	c->f->has_networkd = are_there[1];
	text = arena_printf(
		c->a, "%s%s%s", read_config(c, "udev/rules.d", ".rules", "IPVL_MANAGED"),
		read_config(c, "NetworkManager/conf.d", ".conf", "unmanaged-devices"),
		doctor_files_read_folder(c->a, c->root, "/etc/NetworkManager",
					 "NetworkManager.conf", "unmanaged-devices"));
	c->f->nm_leaves_devices = *text && has_slaves(c->f->want, text);
	text = read_config(c, "systemd/network", ".network", "Unmanaged=");
	c->f->networkd_leaves_devices = *text && has_slaves(c->f->want, text);
	text = arena_printf(c->a, "%s%s",
			    read_config(c, "systemd", "networkd.conf", NULL),
			    read_config(c, "systemd/networkd.conf.d", ".conf", NULL));
	c->f->networkd_leaves_routes = strstr(text, "ManageForeignRoutes=no") ||
				       strstr(text, "ManageForeignRoutes=false");
}

/* "76 ipvl": the name that has our number; "" if none. */
static const char *find_protocol(const struct collection *c, const char *text)
{
	char *rest = arena_strdup(c->a, text), *line;

	while ((line = strsep(&rest, "\n"))) {
		char name[64], *end;
		unsigned long number = strtoul(line, &end, 0);

		if (end != line && number == DATAPATH_ROUTE_PROTOCOL &&
		    sscanf(end, "%63s", name) == 1)
			return arena_strdup(c->a, name);
	}
	return "";
}

/* iproute2 reads /etc first, then what its package has. */
static void collect_names(const struct collection *c)
{
	static const char *const folders[] = {"/etc/iproute2", "/usr/share/iproute2",
					      "/usr/lib/iproute2"};

	c->f->protocol_name = "";
	for (size_t i = 0; i < ARRAY_SIZE(folders) && !*c->f->protocol_name; i++)
		c->f->protocol_name = find_protocol(
			c, arena_printf(c->a, "%s\n%s",
					read_text(c, arena_printf(c->a, "%s/rt_protos",
								  folders[i])),
					doctor_files_read_folder(
						c->a, c->root,
						arena_printf(c->a, "%s/rt_protos.d",
							     folders[i]),
						".conf", NULL)));
}

static int64_t read_number(const struct collection *c, const char *path)
{
	return doctor_files_number(c->a, c->root, path);
}

static void collect_sysctls(const struct collection *c)
{
	const struct model *want = c->f->want;
	int64_t *filters = arena_array(c->a, want->n_masters + 1, sizeof(*filters));
	int64_t all = read_number(c, "/proc/sys/net/ipv4/conf/all/rp_filter");

	c->f->forwarding_v4 = read_number(c, "/proc/sys/net/ipv4/ip_forward");
	c->f->forwarding_v6 = read_number(c, "/proc/sys/net/ipv6/conf/all/forwarding");
	c->f->conntrack_count =
		read_number(c, "/proc/sys/net/netfilter/nf_conntrack_count");
	c->f->conntrack_max = read_number(c, "/proc/sys/net/netfilter/nf_conntrack_max");
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		/* A name has no '/'; the kernel refuses it. */
		int64_t its =
			*m->netns ? -1
				  : read_number(c,
						arena_printf(c->a,
							     "/proc/sys/net/ipv4/conf/%s/"
							     "rp_filter",
							     m->name));

		/* Linux IN_DEV_RPFILTER: the larger one counts, and 2 is not strict. */
		filters[i] = its < 0 ? -1 : its > all ? its : all;
	}
	c->f->rp_filters = filters;
}

/* Linux netdev_register_kobject(): a device of cfg80211 has a link to its radio. */
static void collect_wireless(const struct collection *c)
{
	const struct model *want = c->f->want;
	bool *found = arena_array(c->a, want->n_masters + 1, sizeof(*found));

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		found[i] = !*m->netns &&
			   doctor_files_exists(c->a, c->root,
					       arena_printf(c->a,
							    "/sys/class/net/%s/phy80211",
							    m->name));
	}
	c->f->is_wireless = found;
}

static void collect_disk(const struct doctor_place *place, struct doctor_facts *f)
{
	struct statvfs s;

	if (!*place->db || statvfs(place->db, &s))
		return;
	f->has_disk = true;
	f->disk_free_bytes = (uint64_t)s.f_bavail * s.f_frsize;
	f->disk_is_read_only = s.f_flag & ST_RDONLY;
}

void doctor_collect(const struct doctor_place *place, const struct model *want,
		    struct arena *a, struct doctor_facts *ret_facts)
{
	const struct collection c = {.a = a, .root = place->root, .f = ret_facts};
	int64_t *unknown = arena_array(a, want->n_masters + 1, sizeof(*unknown));
	struct utsname kernel;

	for (size_t i = 0; i < want->n_masters; i++)
		unknown[i] = -1;
	*ret_facts = (struct doctor_facts){
		.release = "",
		.version = "",
		.protocol_name = "",
		.forwarding_v4 = -1,
		.forwarding_v6 = -1,
		.conntrack_count = -1,
		.conntrack_max = -1,
		.rp_filters = unknown,
		.is_wireless = arena_array(a, want->n_masters + 1, sizeof(bool)),
		.db = place->db,
		.want = want,
	};
	collect_disk(place, ret_facts);
	if (!place->is_kernel || uname(&kernel))
		return;
	ret_facts->release = arena_strdup(a, kernel.release);
	ret_facts->version = arena_strdup(a, kernel.version);
	collect_module(&c);
	collect_capabilities(&c);
	collect_mounts(&c);
	collect_managers(&c);
	collect_names(&c);
	collect_sysctls(&c);
	collect_wireless(&c);
}
