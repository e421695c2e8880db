/* Devices of the simulated kernel: the table of them, their names and kinds, and what is
 * on what. */
#include "datapath/sim/twin/twin_link.h"

#include "datapath/sim/twin/twin_sysctl.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MTU 65535

#define USUAL (TWIN_KIND_MADE | TWIN_KIND_ETHERNET)
#define PAIR  (USUAL | TWIN_KIND_MOVES | TWIN_KIND_MAC | TWIN_KIND_NO_CARRIER)
#define OWNER (USUAL | TWIN_KIND_MAC | TWIN_KIND_CONTROLLER)

static const struct twin_kind kinds[] = {
	{"ipvlan", USUAL | TWIN_KIND_MOVES, 1500, 68, MAX_MTU},
	{"ipvtap", USUAL | TWIN_KIND_MOVES, 1500, 68, MAX_MTU},
	{"macvlan", USUAL | TWIN_KIND_MOVES | TWIN_KIND_MAC, 1500, 68, MAX_MTU},
	{"vlan", USUAL | TWIN_KIND_MOVES | TWIN_KIND_MAC, 1500, 0, MAX_MTU},
	{"dummy", USUAL | TWIN_KIND_MOVES | TWIN_KIND_MAC | TWIN_KIND_CARRIER, 1500, 0,
	 0},
	{"veth", PAIR, 1500, 68, MAX_MTU},
	{"bridge", OWNER, 1500, 68, MAX_MTU},
	{"bond", OWNER | TWIN_KIND_NO_CARRIER, 1500, 68, MAX_MTU},
	{"vrf", TWIN_KIND_MADE | TWIN_KIND_MAC | TWIN_KIND_CONTROLLER, 65575, 1280,
	 65575},
	{"tun", TWIN_KIND_MOVES | TWIN_KIND_MAC | TWIN_KIND_CARRIER, 1500, 68, MAX_MTU},
};
/* A physical device. */
static const struct twin_kind physical = {
	"", TWIN_KIND_ETHERNET | TWIN_KIND_MOVES | TWIN_KIND_MAC, 1500, 0, 0};

/* Of a link type without rules of its own here. */
static const struct twin_kind unknown_type = {"", USUAL | TWIN_KIND_MOVES | TWIN_KIND_MAC,
					      1500, 68, MAX_MTU};

const struct twin_kind *twin_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return link_type_find_kind(name) ? &unknown_type : &physical;
}

struct twin_link *twin_link_alloc(const char *kind)
{
	const struct twin_kind *k = twin_kind_find(kind);
	struct twin_link *l = xcalloc(1, sizeof(*l));

	l->name = xstrdup("");
	l->kind = xstrdup(kind);
	l->alias = xstrdup("");
	l->mtu = k->mtu;
	l->txqlen = 1000;
	l->has_carrier = !(k->traits & TWIN_KIND_NO_CARRIER);
	return l;
}

/* Linux dev_new_index(). */
uint32_t twin_link_free_index(struct twin_netns *s)
{
	do {
		s->last_ifindex++;
	} while (twin_link_find_index(s, s->last_ifindex));
	return s->last_ifindex;
}

void twin_link_list(struct twin_link *l)
{
	HASH_ADD_KEYPTR(hh, l->ns->links, l->name, strlen(l->name), l);
}

void twin_link_unlist(struct twin_link *l)
{
	HASH_DEL(l->ns->links, l);
}

/* 'name' becomes the device's own. */
static void enter(struct twin_world *w, struct twin_link *l, struct twin_netns *s,
		  char *name)
{
	static const uint8_t no_mac[6];

	l->ns = s;
	free(l->name);
	l->name = name;
	if (!l->ifindex)
		l->ifindex = twin_link_free_index(s);
	w->n_made++;
	if (!memcmp(l->mac, no_mac, sizeof(no_mac))) {
		l->mac[0] = 0x02;
		l->mac[4] = (uint8_t)(w->n_made >> 8);
		l->mac[5] = (uint8_t)w->n_made;
	}
	l->has_ipv6 = l->mtu >= MODEL_IPV6_MTU_MIN;
	twin_link_list(l);
	twin_sysctl_inherit(l, "ipv4.");
	if (l->has_ipv6)
		twin_sysctl_inherit(l, "ipv6.");
}

struct err *twin_link_register(struct twin_world *w, struct twin_link *l,
			       struct twin_netns *s, const char *name)
{
	char *own;
	struct err *e = twin_link_is_sysctl_folder(name)
				? twin_kernel_err(EINVAL, NULL)
				: twin_link_pick_name(s, name, &own);

	if (e)
		return e;
	if (l->ifindex && twin_link_find_index(s, l->ifindex)) {
		free(own);
		return twin_kernel_err(EBUSY, NULL);
	}
	enter(w, l, s, own);
	return NULL;
}

struct twin_link *twin_link_new(struct twin_world *w, struct twin_netns *s,
				const char *name, const char *kind)
{
	struct twin_link *l = twin_link_alloc(kind);

	enter(w, l, s, xstrdup(name));
	return l;
}

void twin_link_free(struct twin_link *l)
{
	if (!l)
		return;
	twin_sysctl_drop(&l->sysctls, "");
	for (size_t i = 0; i < l->n_alt_names; i++)
		free(l->alt_names[i]);
	free(l->alt_names);
	free(l->name);
	free(l->kind);
	free(l->alias);
	free(l->held_by);
	free(l->kept_by);
	free(l->addresses);
	free(l);
}

static bool has_alt_name(const struct twin_link *l, const char *name)
{
	for (size_t i = 0; i < l->n_alt_names; i++) {
		if (!strcmp(l->alt_names[i], name))
			return true;
	}
	return false;
}

struct twin_link *twin_link_find(const struct twin_netns *s, const char *name)
{
	struct twin_link *l, *next;

	HASH_FIND_STR(s->links, name, l);
	if (l)
		return l;
	HASH_ITER (hh, s->links, l, next) {
		if (has_alt_name(l, name))
			return l;
	}
	return NULL;
}

struct twin_link *twin_link_find_index(const struct twin_netns *s, uint32_t ifindex)
{
	struct twin_link *l, *next;

	HASH_ITER (hh, s->links, l, next) {
		if (l->ifindex == ifindex)
			return l;
	}
	return NULL;
}

/* Linux __dev_alloc_name(): the lowest number that is free. */
static struct err *expand(const struct twin_netns *s, const char *name, char **ret_name)
{
	const char *percent = strchr(name, '%');

	if (percent[1] != 'd' || strchr(percent + 2, '%'))
		return twin_kernel_err(EINVAL, NULL);
	for (unsigned int i = 0; i < 32768; i++) {
		char *tried = xasprintf("%.*s%u%s", (int)(percent - name), name, i,
					percent + 2);

		if (!twin_link_find(s, tried)) {
			*ret_name = tried;
			return NULL;
		}
		free(tried);
	}
	return twin_kernel_err(ENFILE, NULL);
}

bool twin_link_is_sysctl_folder(const char *name)
{
	return !strcmp(name, "all") || !strcmp(name, "default");
}

/* Linux dev_valid_name(). */
static bool is_valid_name(const char *name)
{
	return *name && strlen(name) <= MODEL_NAME_MAX_BYTES && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0 && !strpbrk(name, "/: \t\n\v\f\r");
}

struct err *twin_link_pick_name(const struct twin_netns *s, const char *name,
				char **ret_name)
{
	if (!is_valid_name(name))
		return twin_kernel_err(EINVAL, NULL);
	if (strchr(name, '%'))
		return expand(s, name, ret_name);
	if (twin_link_find(s, name))
		return twin_kernel_err(EEXIST, NULL);
	*ret_name = xstrdup(name);
	return NULL;
}

bool twin_link_is_vlan(const struct twin_link *l)
{
	return !strcmp(l->kind, "vlan");
}

bool twin_link_is_controller(const struct twin_link *l)
{
	return twin_kind_find(l->kind)->traits & TWIN_KIND_CONTROLLER;
}

bool twin_link_is_ours(const struct twin_world *w, const struct twin_link *l)
{
	return l->group == w->config.mark &&
	       (twin_link_is_slave(l) || model_kind_is_made(l->kind));
}

bool twin_link_has_port(const struct twin_link *l)
{
	for (const struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if (twin_link_is_in_port(u))
			return true;
	}
	return false;
}

bool twin_link_has_macvlan(const struct twin_link *l)
{
	for (const struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if (!strcmp(u->kind, "macvlan"))
			return true;
	}
	return false;
}

/* A VRF does not take the packets of its ports. */
const char *twin_link_busy(const struct twin_link *l, char *buf, size_t size)
{
	buf[0] = '\0';
	if (l->held_by)
		snprintf(buf, size, "%s", l->held_by);
	else if (l->controller && strcmp(l->controller->kind, "vrf") != 0)
		snprintf(buf, size, "%s %s", l->controller->kind, l->controller->name);
	for (const struct twin_link *u = l->uppers; u && !buf[0]; u = u->next_upper) {
		if (!strcmp(u->kind, "macvlan"))
			snprintf(buf, size, "macvlan %s%s%s", u->ns->name,
				 *u->ns->name ? "/" : "", u->name);
	}
	return buf;
}

void twin_link_stack(struct twin_link *l, struct twin_link *lower)
{
	l->lower = lower;
	l->next_upper = lower->uppers;
	lower->uppers = l;
}

void twin_link_unstack(struct twin_link *l)
{
	struct twin_link **at = &l->lower->uppers;

	while (*at != l)
		at = &(*at)->next_upper;
	*at = l->next_upper;
	l->lower = NULL;
}

static uint32_t digest_of(const char *text, uint32_t kind)
{
	uint32_t digest = 0x811c9dc5U;

	for (const char *at = text; *at; at++)
		digest = (digest ^ (unsigned char)*at) * 0x01000193U;
	return *text ? digest ^ kind : 0;
}

static uint32_t texts_of(const struct twin_link *l)
{
	uint32_t sum = digest_of(l->alias, 1);

	for (size_t i = 0; i < l->n_alt_names; i++)
		sum += digest_of(l->alt_names[i], 0);
	return sum;
}

/* IFLA_MACVLAN_MODE */
#define ATTR_MACVLAN_MODE 1

struct link_mode twin_link_mode(const struct twin_link *l)
{
	const struct link_type *t = link_type_find_kind(l->kind);
	const struct link_attr own = {ATTR_MACVLAN_MODE, 4, l->own_mode};
	struct link_mode m = {0};

	if (twin_link_is_in_port(l))
		return (struct link_mode){l->lower->mode, l->lower->flag};
	if (t && l->lower)
		t->decode(&own, &m);
	return m;
}

struct twin_view twin_link_view(const struct twin_link *l)
{
	struct twin_view v = {.ifindex = l->ifindex,
			      .group = l->group,
			      .mtu = l->mtu,
			      .is_up = l->is_up,
			      .has_carrier = l->is_up && l->has_carrier,
			      .has_controller = l->controller,
			      .is_noarp = l->is_noarp,
			      .texts = texts_of(l),
			      .is_in_port = twin_link_is_in_port(l)};

	snprintf(v.name, sizeof(v.name), "%.15s", l->name);
	snprintf(v.kind, sizeof(v.kind), "%.15s", l->kind);
	memcpy(v.mac, l->mac, sizeof(v.mac));
	if (l->lower) {
		v.lower_ns = l->lower->ns->id;
		v.lower = l->lower->ifindex;
	}
	v.mode = twin_link_mode(l).mode;
	v.flag = twin_link_mode(l).flag;
	return v;
}
