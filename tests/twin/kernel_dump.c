/* The state of the real kernel as text: reads the namespaces, links the devices to those
 * below them, and prints. kernel_dump_inet.c reads addresses and routes. */
#include "tests/twin/kernel_dump.h"

#include "lib/alloc.h"
#include "lib/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *text_of(struct arena *a, const struct nlattr *attr)
{
	return arena_printf(a, "%.*s", (int)mnl_attr_get_payload_len(attr),
			    mnl_attr_get_str(attr));
}

static void take_data(struct dump_device *d, const struct nlattr *data)
{
	const struct nlattr *attr;

	nl_attr_for_each_nested (attr, data) {
		uint16_t type = mnl_attr_get_type(attr);

		if (!strcmp(d->kind, "vlan") && type == IFLA_VLAN_ID)
			d->vlan_id = mnl_attr_get_u16(attr);
		if (!strcmp(d->kind, "macvlan") && type == IFLA_MACVLAN_MODE)
			d->mode = (uint8_t)mnl_attr_get_u32(attr);
		if (!strncmp(d->kind, "ipv", 3) && type == IFLA_IPVLAN_MODE)
			d->mode = (uint8_t)mnl_attr_get_u16(attr);
		if (!strncmp(d->kind, "ipv", 3) && type == IFLA_IPVLAN_FLAGS)
			d->flag = (uint8_t)mnl_attr_get_u16(attr);
	}
}

static void take_info(struct arena *a, struct dump_device *d, const struct nlattr *info)
{
	const struct nlattr *attr, *data = NULL;

	nl_attr_for_each_nested (attr, info) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			d->kind = text_of(a, attr);
		if (mnl_attr_get_type(attr) == IFLA_INFO_DATA)
			data = attr;
	}
	if (data)
		take_data(d, data);
}

static void take_inet6(struct dump_device *d, const struct nlattr *inet6)
{
	const struct nlattr *attr;

	nl_attr_for_each_nested (attr, inet6) {
		const int32_t *values = mnl_attr_get_payload(attr);

		if (mnl_attr_get_type(attr) == IFLA_INET6_CONF)
			d->is_ipv6_off = values[DEVCONF_DISABLE_IPV6] != 0;
	}
}

/* An array without the first, unused value of Linux ip.h. */
static void take_inet(struct dump_device *d, const struct nlattr *inet)
{
	const struct nlattr *attr;

	nl_attr_for_each_nested (attr, inet) {
		const int32_t *values = mnl_attr_get_payload(attr);

		if (mnl_attr_get_type(attr) != IFLA_INET_CONF)
			continue;
		d->forwards = values[IPV4_DEVCONF_FORWARDING - 1] != 0;
		d->proxies_arp = values[IPV4_DEVCONF_PROXY_ARP - 1] != 0;
	}
}

static void take_af_spec(struct dump_device *d, const struct nlattr *spec)
{
	const struct nlattr *attr;

	nl_attr_for_each_nested (attr, spec) {
		if (mnl_attr_get_type(attr) == AF_INET)
			take_inet(d, attr);
		if (mnl_attr_get_type(attr) == AF_INET6) {
			d->has_ipv6 = true;
			take_inet6(d, attr);
		}
	}
}

static void take_alt_names(struct dump_netns *ns, struct dump_device *d,
			   const struct nlattr *list)
{
	const struct nlattr *attr;

	nl_attr_for_each_nested (attr, list) {
		if (mnl_attr_get_type(attr) != IFLA_ALT_IFNAME)
			continue;
		d->alt_names = arena_grow(ns->a, d->alt_names, d->n_alt_names,
					  &d->alt_names_cap, sizeof(*d->alt_names));
		d->alt_names[d->n_alt_names++] = text_of(ns->a, attr);
	}
}

static void take_attr(struct dump_netns *ns, struct dump_device *d,
		      const struct nlattr *attr)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type == IFLA_IFNAME)
		d->name = text_of(ns->a, attr);
	else if (type == IFLA_IFALIAS)
		d->alias = text_of(ns->a, attr);
	else if (type == IFLA_ADDRESS && mnl_attr_get_payload_len(attr) == sizeof(d->mac))
		memcpy(d->mac, mnl_attr_get_payload(attr), sizeof(d->mac));
	else if (type == IFLA_MTU)
		d->mtu = mnl_attr_get_u32(attr);
	else if (type == IFLA_GROUP)
		d->group = mnl_attr_get_u32(attr);
	else if (type == IFLA_LINK)
		d->lower = mnl_attr_get_u32(attr);
	else if (type == IFLA_LINK_NETNSID)
		d->lower_nsid = (int32_t)mnl_attr_get_u32(attr);
	else if (type == IFLA_MASTER)
		d->controller = mnl_attr_get_u32(attr);
	else if (type == IFLA_CARRIER)
		d->has_carrier = mnl_attr_get_u8(attr);
	else if (type == IFLA_LINKINFO)
		take_info(ns->a, d, attr);
	else if (type == IFLA_AF_SPEC)
		take_af_spec(d, attr);
	else if (type == IFLA_PROP_LIST)
		take_alt_names(ns, d, attr);
}

static void take_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct ifinfomsg *head = mnl_nlmsg_get_payload(h);
	struct dump_netns *ns = aux;
	const struct nlattr *attr;
	struct dump_device *d;

	(void)number;
	ns->devices = arena_grow(ns->a, ns->devices, ns->n_devices, &ns->devices_cap,
				 sizeof(*ns->devices));
	d = &ns->devices[ns->n_devices++];
	*d = (struct dump_device){.ifindex = (uint32_t)head->ifi_index,
				  .flags = head->ifi_flags,
				  .kind = "",
				  .lower_nsid = NSID_HERE};
	nl_attr_for_each (attr, h, sizeof(*head))
		take_attr(ns, d, attr);
}

static void forget_links(void *aux)
{
	((struct dump_netns *)aux)->n_devices = 0;
}

static void read_netns(struct dump_netns *ns)
{
	struct nl_msg m;

	nl_msg_init(&m, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	kernel_read(&m, forget_links, take_link, ns);
	dump_read_inet(ns);
	ns->dropped = kernel_filtered();
}

struct dump_device *dump_find(const struct dump_netns *ns, uint32_t ifindex)
{
	for (size_t i = 0; i < ns->n_devices; i++) {
		if (ns->devices[i].ifindex == ifindex)
			return &ns->devices[i];
	}
	return NULL;
}

void dump_put(struct dump *d, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	buffer_puts(&d->text, text);
	free(text);
}

/* ------------------------------------------------------------- namespaces */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t list_names(struct arena *a, const char ***ret_names)
{
	DIR *dir = opendir("/run/netns");
	const char **names = NULL;
	size_t n = 0, cap = 0;
	struct dirent *entry;

	names = arena_grow(a, names, n, &cap, sizeof(*names));
	names[n++] = "";
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		names = arena_grow(a, names, n, &cap, sizeof(*names));
		names[n++] = arena_strdup(a, entry->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(names, n, sizeof(*names), by_text);
	*ret_names = names;
	return n;
}

/* Reads the namespace of the name, unless it is one that was read before. */
static void open_netns(struct dump *dump, struct dump_netns *ns, const char *name)
{
	int fd = kernel_open_netns(name);
	struct stat st = {0};

	*ns = (struct dump_netns){.a = dump->a, .name = name, .fd = -1};
	if (fd < 0 || fstat(fd, &st) || !kernel_enter(fd)) {
		fd_closep(&fd);
		return;
	}
	ns->fd = fd;
	ns->inode = st.st_ino;
	for (const struct dump_netns *other = dump->namespaces; other < ns; other++) {
		if (other->inode == ns->inode && !ns->same)
			ns->same = other;
	}
	if (!ns->same)
		read_netns(ns);
	kernel_leave();
}

/* The id of 'other' in 'ns'. */
static int32_t nsid_in(const struct dump_netns *ns, const struct dump_netns *other)
{
	int32_t nsid = NSID_HERE;

	if (kernel_enter(ns->fd))
		nsid = kernel_nsid(other->fd);
	kernel_leave();
	return nsid;
}

/* The device as one of 'from' refers to it. */
static const char *label(struct arena *a, const struct dump_netns *from,
			 const struct dump_netns *ns, const struct dump_device *d)
{
	if (!d)
		return "?";
	return ns == from ? d->name
			  : arena_printf(a, "%s/%s", *ns->name ? ns->name : ".", d->name);
}

/* An ipvtap does not name the namespace of its master (kernel.md 34), whose MAC address it has. */
static const char *label_by_mac(const struct dump *dump, const struct dump_netns *ns,
				const struct dump_device *d)
{
	for (size_t i = 0; i < dump->n; i++) {
		const struct dump_netns *other = &dump->namespaces[i];
		const struct dump_device *lower =
			other->same ? NULL : dump_find(other, d->lower);

		if (lower && lower != d && !memcmp(lower->mac, d->mac, sizeof(d->mac)))
			return label(dump->a, ns, other, lower);
	}
	return "?";
}

/* "?" for a device in a namespace without a name. */
static const char *lower_label(const struct dump *dump, const struct dump_netns *ns,
			       const struct dump_device *d)
{
	if (!strcmp(d->kind, "ipvtap") && d->lower_nsid == NSID_HERE)
		return label_by_mac(dump, ns, d);
	if (d->lower_nsid == NSID_HERE)
		return label(dump->a, ns, ns, dump_find(ns, d->lower));
	for (size_t i = 0; i < dump->n; i++) {
		const struct dump_netns *other = &dump->namespaces[i];

		if (other->fd >= 0 && !other->same && nsid_in(ns, other) == d->lower_nsid)
			return label(dump->a, ns, other, dump_find(other, d->lower));
	}
	return "?";
}

/* ------------------------------------------------------------------- text */

static bool is(const struct dump_device *d, const char *kind)
{
	return !strcmp(d->kind, kind);
}

static const char *macvlan_mode(uint8_t mode)
{
	return mode == MACVLAN_MODE_PRIVATE    ? "private"
	       : mode == MACVLAN_MODE_VEPA     ? "vepa"
	       : mode == MACVLAN_MODE_BRIDGE   ? "bridge"
	       : mode == MACVLAN_MODE_PASSTHRU ? "passthru"
					       : "source";
}

static void put_place(struct dump *dump, const struct dump_netns *ns,
		      const struct dump_device *d)
{
	const struct dump_device *controller = dump_find(ns, d->controller);
	char mode[8], flag[8];

	if (d->lower)
		dump_put(dump, " %s %s", is(d, "veth") ? "peer" : "on",
			 lower_label(dump, ns, d));
	if (is(d, "vlan"))
		dump_put(dump, " id %u", d->vlan_id);
	if (is(d, "macvlan"))
		dump_put(dump, " %s", macvlan_mode(d->mode));
	if (is(d, "ipvlan") || is(d, "ipvtap"))
		dump_put(dump, " %s %s", model_mode_name(d->mode, mode),
			 model_flag_name(d->flag, flag));
	if (controller)
		dump_put(dump, " port of %s", controller->name);
}

/* Where it is not as the mode needs it. */
static const char *arp_text(const struct dump_device *d)
{
	bool has_mode = is(d, "ipvlan") || is(d, "ipvtap");
	bool is_noarp = d->flags & IFF_NOARP;
	bool lacks_arp = has_mode && d->mode != MODEL_MODE_L2;

	if (!(d->flags & IFF_UP) || (!has_mode && !is(d, "macvlan")) ||
	    is_noarp == lacks_arp)
		return "";
	return is_noarp ? " arp-off" : " arp-on";
}

static void put_device(struct dump *dump, const struct dump_netns *ns,
		       const struct dump_device *d)
{
	bool is_up = d->flags & IFF_UP;

	dump_put(dump, "  %s%s%s", d->name, *d->kind ? " " : "", d->kind);
	put_place(dump, ns, d);
	dump_put(dump, " %s%s mtu %u", is_up ? "up" : "down",
		 is_up && !d->has_carrier ? " no-carrier" : "", d->mtu);
	dump_put(dump, "%s", arp_text(d));
	if (d->group == dump->mark)
		dump_put(dump, " ours");
	else if (d->group)
		dump_put(dump, " group %d", (int32_t)d->group);
	if (d->alias)
		dump_put(dump, " alias \"%s\"", d->alias);
	if (d->n_alt_names)
		qsort(d->alt_names, d->n_alt_names, sizeof(*d->alt_names), by_text);
	for (size_t i = 0; i < d->n_alt_names; i++)
		dump_put(dump, " alt %s", d->alt_names[i]);
	if (!d->has_ipv6)
		dump_put(dump, " no-ipv6");
	else if (d->is_ipv6_off)
		dump_put(dump, " ipv6-off");
	if (d->forwards)
		dump_put(dump, " forwards");
	if (d->proxies_arp)
		dump_put(dump, " proxy-arp");
	dump_put(dump, "\n");
	dump_put_addresses(dump, ns, d);
	dump_put_advertised(dump, ns, d);
	dump_put_routes(dump, ns, d);
}

/* A device that a module adds to every namespace by itself. */
static bool is_fallback(const struct dump_device *d)
{
	static const char *const names[] = {"tunl0",   "gre0",    "gretap0",
					    "erspan0", "sit0",    "ip6tnl0",
					    "ip6gre0", "ip_vti0", "ip6_vti0"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(d->name, names[i]))
			return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct dump_device *)a)->name,
		      ((const struct dump_device *)b)->name);
}

static void put_resolv_conf(struct dump *dump, const char *netns)
{
	char *path CLEANUP(freep) = xasprintf("/etc/netns/%s/resolv.conf", netns);
	int fd CLEANUP(fd_closep) = *netns ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char *text CLEANUP(freep) = fd < 0 ? NULL : fd_read_text(fd);
	bool is_ours = text && !strncmp(text, MODEL_RESOLV_CONF_MARK,
					strlen(MODEL_RESOLV_CONF_MARK));

	if (text && *text)
		dump_put(dump, "  resolv.conf %s\n", is_ours ? "ours" : "foreign");
}

static void put_netns(struct dump *dump, const struct dump_netns *ns)
{
	const char *name = *ns->name ? ns->name : ".";

	if (ns->same || ns->fd < 0) {
		dump_put(dump, "%s: %s%s\n", name, ns->same ? "same as " : "no namespace",
			 !ns->same         ? ""
			 : *ns->same->name ? ns->same->name
					   : ".");
		return;
	}
	dump_put(dump, "%s:\n", name);
	put_resolv_conf(dump, ns->name);
	if (ns->dropped & 1U << TWIN_HOOK_INPUT)
		dump_put(dump, "  filter drops input\n");
	if (ns->dropped & 1U << TWIN_HOOK_OUTPUT)
		dump_put(dump, "  filter drops output\n");
	if (ns->n_devices)
		qsort(ns->devices, ns->n_devices, sizeof(*ns->devices), by_name);
	for (size_t i = 0; i < ns->n_devices; i++) {
		if (strcmp(ns->devices[i].name, "lo") != 0 &&
		    !is_fallback(&ns->devices[i]))
			put_device(dump, ns, &ns->devices[i]);
	}
	dump_put_routes(dump, ns, NULL);
	dump_put_rules(dump, ns);
}

char *kernel_dump(uint32_t mark)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct dump dump = {.a = a, .mark = mark};
	const char **names;

	dump.n = list_names(a, &names);
	dump.namespaces = arena_array(a, dump.n, sizeof(*dump.namespaces));
	for (size_t i = 0; i < dump.n; i++)
		open_netns(&dump, &dump.namespaces[i], names[i]);
	for (size_t i = 0; i < dump.n; i++)
		put_netns(&dump, &dump.namespaces[i]);
	for (size_t i = 0; i < dump.n; i++)
		fd_closep(&dump.namespaces[i].fd);
	return buffer_take(&dump.text);
}
