/* Devices of the simulated kernel: the table of them, their names and kinds, and what is
 * on what. */
#include "datapath/sim/sim_link.h"

#include "datapath/sim/sim_sysctl.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MTU 65535

#define USUAL (SIM_KIND_MADE | SIM_KIND_ETHERNET)
#define PAIR  (USUAL | SIM_KIND_MOVES | SIM_KIND_MAC | SIM_KIND_NO_CARRIER)
#define OWNER (USUAL | SIM_KIND_MAC | SIM_KIND_CONTROLLER)

static const struct sim_kind kinds[] = {
	{"ipvlan", USUAL | SIM_KIND_MOVES, 1500, 68, MAX_MTU},
	{"ipvtap", USUAL | SIM_KIND_MOVES, 1500, 68, MAX_MTU},
	{"macvlan", USUAL | SIM_KIND_MOVES | SIM_KIND_MAC, 1500, 68, MAX_MTU},
	{"vlan", USUAL | SIM_KIND_MOVES | SIM_KIND_MAC, 1500, 0, MAX_MTU},
	{"dummy", USUAL | SIM_KIND_MOVES | SIM_KIND_MAC | SIM_KIND_CARRIER, 1500, 0, 0},
	{"veth", PAIR, 1500, 68, MAX_MTU},
	{"bridge", OWNER, 1500, 68, MAX_MTU},
	{"bond", OWNER | SIM_KIND_NO_CARRIER, 1500, 68, MAX_MTU},
	{"vrf", SIM_KIND_MADE | SIM_KIND_MAC | SIM_KIND_CONTROLLER, 65575, 1280, 65575},
	{"tun", SIM_KIND_MOVES | SIM_KIND_MAC | SIM_KIND_CARRIER, 1500, 68, MAX_MTU},
};
/* A physical device. */
static const struct sim_kind physical = {
	"", SIM_KIND_ETHERNET | SIM_KIND_MOVES | SIM_KIND_MAC, 1500, 0, 0};

const struct sim_kind *sim_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return &physical;
}

struct sim_link *sim_link_alloc(const char *kind)
{
	const struct sim_kind *k = sim_kind_find(kind);
	struct sim_link *l = xcalloc(1, sizeof(*l));

	l->name = xstrdup("");
	l->kind = xstrdup(kind);
	l->alias = xstrdup("");
	l->mtu = k->mtu;
	l->txqlen = 1000;
	l->has_carrier = !(k->traits & SIM_KIND_NO_CARRIER);
	return l;
}

/* Linux dev_new_index(). */
uint32_t sim_link_free_index(struct sim_netns *s)
{
	do {
		s->last_ifindex++;
	} while (sim_link_find_index(s, s->last_ifindex));
	return s->last_ifindex;
}

void sim_link_list(struct sim_link *l)
{
	HASH_ADD_KEYPTR(hh, l->ns->links, l->name, strlen(l->name), l);
}

void sim_link_unlist(struct sim_link *l)
{
	HASH_DEL(l->ns->links, l);
}

/* 'name' becomes the device's own. */
static void enter(struct sim_world *w, struct sim_link *l, struct sim_netns *s,
		  char *name)
{
	static const uint8_t no_mac[6];

	l->ns = s;
	free(l->name);
	l->name = name;
	if (!l->ifindex)
		l->ifindex = sim_link_free_index(s);
	w->n_made++;
	if (!memcmp(l->mac, no_mac, sizeof(no_mac))) {
		l->mac[0] = 0x02;
		l->mac[4] = (uint8_t)(w->n_made >> 8);
		l->mac[5] = (uint8_t)w->n_made;
	}
	l->has_ipv6 = l->mtu >= MODEL_IPV6_MTU_MIN;
	sim_link_list(l);
	sim_sysctl_inherit(l, "ipv4.");
	if (l->has_ipv6)
		sim_sysctl_inherit(l, "ipv6.");
}

struct err *sim_link_register(struct sim_world *w, struct sim_link *l,
			      struct sim_netns *s, const char *name)
{
	char *own;
	struct err *e = sim_link_is_sysctl_folder(name)
				? sim_kernel_err(EINVAL, NULL)
				: sim_link_pick_name(s, name, &own);

	if (e)
		return e;
	if (l->ifindex && sim_link_find_index(s, l->ifindex)) {
		free(own);
		return sim_kernel_err(EBUSY, NULL);
	}
	enter(w, l, s, own);
	return NULL;
}

struct sim_link *sim_link_new(struct sim_world *w, struct sim_netns *s, const char *name,
			      const char *kind)
{
	struct sim_link *l = sim_link_alloc(kind);

	enter(w, l, s, xstrdup(name));
	return l;
}

void sim_link_free(struct sim_link *l)
{
	if (!l)
		return;
	sim_sysctl_drop(&l->sysctls, "");
	for (size_t i = 0; i < l->n_alt_names; i++)
		free(l->alt_names[i]);
	free(l->alt_names);
	free(l->name);
	free(l->kind);
	free(l->alias);
	free(l->held_by);
	free(l->addresses);
	free(l);
}

static bool has_alt_name(const struct sim_link *l, const char *name)
{
	for (size_t i = 0; i < l->n_alt_names; i++) {
		if (!strcmp(l->alt_names[i], name))
			return true;
	}
	return false;
}

struct sim_link *sim_link_find(const struct sim_netns *s, const char *name)
{
	struct sim_link *l, *next;

	HASH_FIND_STR(s->links, name, l);
	if (l)
		return l;
	HASH_ITER (hh, s->links, l, next) {
		if (has_alt_name(l, name))
			return l;
	}
	return NULL;
}

struct sim_link *sim_link_find_index(const struct sim_netns *s, uint32_t ifindex)
{
	struct sim_link *l, *next;

	HASH_ITER (hh, s->links, l, next) {
		if (l->ifindex == ifindex)
			return l;
	}
	return NULL;
}

/* Linux __dev_alloc_name(): the lowest number that is free. */
static struct err *expand(const struct sim_netns *s, const char *name, char **ret_name)
{
	const char *percent = strchr(name, '%');

	if (percent[1] != 'd' || strchr(percent + 2, '%'))
		return sim_kernel_err(EINVAL, NULL);
	for (unsigned int i = 0; i < 32768; i++) {
		char *tried = xasprintf("%.*s%u%s", (int)(percent - name), name, i,
					percent + 2);

		if (!sim_link_find(s, tried)) {
			*ret_name = tried;
			return NULL;
		}
		free(tried);
	}
	return sim_kernel_err(ENFILE, NULL);
}

bool sim_link_is_sysctl_folder(const char *name)
{
	return !strcmp(name, "all") || !strcmp(name, "default");
}

/* Linux dev_valid_name(). */
static bool is_valid_name(const char *name)
{
	return *name && strlen(name) <= MODEL_NAME_MAX_BYTES && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0 && !strpbrk(name, "/: \t\n\v\f\r");
}

struct err *sim_link_pick_name(const struct sim_netns *s, const char *name,
			       char **ret_name)
{
	if (!is_valid_name(name))
		return sim_kernel_err(EINVAL, NULL);
	if (strchr(name, '%'))
		return expand(s, name, ret_name);
	if (sim_link_find(s, name))
		return sim_kernel_err(EEXIST, NULL);
	*ret_name = xstrdup(name);
	return NULL;
}

bool sim_link_is_vlan(const struct sim_link *l)
{
	return !strcmp(l->kind, "vlan");
}

bool sim_link_is_controller(const struct sim_link *l)
{
	return sim_kind_find(l->kind)->traits & SIM_KIND_CONTROLLER;
}

bool sim_link_is_ours(const struct sim_world *w, const struct sim_link *l)
{
	return l->group == w->config.mark &&
	       (sim_link_is_ipvlan(l) || sim_link_is_vlan(l));
}

bool sim_link_has_port(const struct sim_link *l)
{
	for (const struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if (sim_link_is_in_port(u))
			return true;
	}
	return false;
}

bool sim_link_has_macvlan(const struct sim_link *l)
{
	for (const struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if (!strcmp(u->kind, "macvlan"))
			return true;
	}
	return false;
}

/* A VRF does not take the packets of its ports. */
const char *sim_link_busy(const struct sim_link *l, char *buf, size_t size)
{
	buf[0] = '\0';
	if (l->held_by)
		snprintf(buf, size, "%s", l->held_by);
	else if (l->controller && strcmp(l->controller->kind, "vrf") != 0)
		snprintf(buf, size, "%s %s", l->controller->kind, l->controller->name);
	for (const struct sim_link *u = l->uppers; u && !buf[0]; u = u->next_upper) {
		if (!strcmp(u->kind, "macvlan"))
			snprintf(buf, size, "macvlan %s%s%s", u->ns->name,
				 *u->ns->name ? "/" : "", u->name);
	}
	return buf;
}

void sim_link_stack(struct sim_link *l, struct sim_link *lower)
{
	l->lower = lower;
	l->next_upper = lower->uppers;
	lower->uppers = l;
}

void sim_link_unstack(struct sim_link *l)
{
	struct sim_link **at = &l->lower->uppers;

	while (*at != l)
		at = &(*at)->next_upper;
	*at = l->next_upper;
	l->lower = NULL;
}

struct sim_view sim_link_view(const struct sim_link *l)
{
	struct sim_view v = {.ifindex = l->ifindex,
			     .group = l->group,
			     .mtu = l->mtu,
			     .is_up = l->is_up,
			     .has_carrier = l->is_up && l->has_carrier,
			     .has_controller = l->controller,
			     .is_in_port = sim_link_is_in_port(l)};

	snprintf(v.name, sizeof(v.name), "%.15s", l->name);
	snprintf(v.kind, sizeof(v.kind), "%.15s", l->kind);
	memcpy(v.mac, l->mac, sizeof(v.mac));
	if (l->lower) {
		v.lower_ns = l->lower->ns->id;
		v.lower = l->lower->ifindex;
	}
	if (v.is_in_port) {
		v.mode = l->lower->mode;
		v.flag = l->lower->flag;
	}
	return v;
}
