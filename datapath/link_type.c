/* The table of link types, the one that is built in, and what follows from a type. */
#include "datapath/link_type.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* IFLA_IPVLAN_MODE, IFLA_IPVLAN_FLAGS (Linux include/uapi/linux/if_link.h). The numbers of
 * enum model_mode and enum model_flag are the kernel's for ipvlan. */
enum { ATTR_MODE = 1, ATTR_FLAGS = 2 };

static const char *refuse_ipvlan(struct link_mode m)
{
	return m.mode == MODEL_MODE_PASSTHRU
		       ? "that is macvlan's; ipvlan has l2, l3 and l3s"
		       : NULL;
}

static size_t encode_ipvlan(struct link_mode m, struct link_attr *attrs)
{
	attrs[0] = (struct link_attr){ATTR_MODE, 2, m.mode};
	attrs[1] = (struct link_attr){ATTR_FLAGS, 2, m.flag};
	return 2;
}

static void decode_ipvlan(const struct link_attr *attr, struct link_mode *m)
{
	if (attr->type == ATTR_MODE)
		m->mode = (uint8_t)attr->value;
	else if (attr->type == ATTR_FLAGS)
		m->flag = (uint8_t)attr->value;
}

static bool is_always(struct link_mode a, struct link_mode b)
{
	(void)a;
	(void)b;
	return true;
}

const struct link_type link_type_ipvlan = {
	.id = {.name = "ipvlan", .abi = LINK_TYPE_ABI, .size = sizeof(struct link_type)},
	.kind = "ipvlan",
	.family = "ipvlan",
	.traits = LINK_HAS_PORT | LINK_HAS_UNIQUE_ADDRESSES | LINK_FOLLOWS_MTU,
	/* Linux ipvlan_link_new(). */
	.standard = {.mode = MODEL_MODE_L3, .flag = MODEL_FLAG_BRIDGE},
	.refuse = refuse_ipvlan,
	.encode = encode_ipvlan,
	.decode = decode_ipvlan,
	.can_change = is_always,
	.can_share = is_always,
};

/* Few: what a folder of plug-ins has. */
#define MAX_TYPES 32
static const struct link_type *types[MAX_TYPES] = {&link_type_ipvlan};
static size_t n_types = 1;
static link_type_load_fn *loader;

const struct link_type *link_type_of(const struct model_master *m)
{
	return m->type ? m->type : &link_type_ipvlan;
}

bool link_type_has(const struct link_type *t, enum link_trait trait)
{
	return t->traits & (unsigned int)trait;
}

bool link_type_refuses_mtu(const struct link_type *t, uint32_t mtu, uint32_t masters)
{
	return mtu > masters && !link_type_has(t, LINK_FOLLOWS_MTU);
}

uint32_t link_type_mtu_after(const struct link_type *t, uint32_t mtu, uint32_t masters)
{
	if (!masters || (mtu < masters && !link_type_has(t, LINK_FOLLOWS_MTU)))
		return mtu;
	return masters;
}

bool link_type_lacks_arp(const struct link_type *t, uint8_t mode)
{
	return link_type_has(t, LINK_HAS_PORT) &&
	       (mode == MODEL_MODE_L3 || mode == MODEL_MODE_L3S);
}

bool link_type_has_wrong_arp(const struct link_type *t, const struct model_slave *have)
{
	if (link_type_has(t, LINK_HAS_PORT) &&
	    (!have->seen.is_up || have->seen.mode > MODEL_MODE_L3S))
		return false;
	return have->seen.is_noarp != link_type_lacks_arp(t, have->seen.mode);
}

uint32_t link_type_mtu(const struct model_master *m, uint32_t declared, uint32_t found)
{
	uint32_t masters = m->mtu ? m->mtu : found;
	bool is_refused = link_type_refuses_mtu(link_type_of(m), declared, masters);

	return declared && !is_refused ? declared : masters;
}

struct err *link_type_check(const struct link_type *t)
{
	static const char hint[] =
		"build the plug-in against this version's datapath/link_type.h";
	size_t n = t->id.name ? strlen(t->id.name) : 0;

	if (t->id.abi != LINK_TYPE_ABI)
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"it is built for link type ABI %u, this program has %u",
				t->id.abi, LINK_TYPE_ABI),
			"%s", hint);
	if (t->id.size != sizeof(*t))
		return err_hint(err_new(ERR_UNSUPPORTED,
					"its link type has %u bytes, this program's %zu",
					t->id.size, sizeof(*t)),
				"%s", hint);
	if (!n || n > LINK_TYPE_NAME_MAX || !t->kind || !t->family || !t->refuse ||
	    !t->encode || !t->decode || !t->can_change || !t->can_share)
		return err_new(ERR_UNSUPPORTED, "its link type is incomplete");
	if (t->refuse(t->standard))
		return err_new(ERR_UNSUPPORTED,
			       "its link type refuses its own standard mode");
	return NULL;
}

struct err *link_type_add(const struct link_type *t)
{
	struct err *e = link_type_check(t);

	for (size_t i = 0; !e && i < n_types; i++) {
		if (!strcmp(types[i]->id.name, t->id.name) ||
		    !strcmp(types[i]->kind, t->kind))
			e = err_new(
				ERR_EXISTS,
				"there is a link type %s for devices of kind %s already",
				types[i]->id.name, types[i]->kind);
	}
	if (!e && n_types == MAX_TYPES)
		e = err_new(ERR_LIMIT, "there are %d link types already", MAX_TYPES);
	if (!e)
		types[n_types++] = t;
	return e;
}

static const struct link_type *find(const char *name)
{
	for (size_t i = 0; i < n_types; i++) {
		if (!strcmp(types[i]->id.name, name))
			return types[i];
	}
	return NULL;
}

static void load(void)
{
	link_type_load_fn *fn = loader;

	loader = NULL;
	if (fn)
		fn();
}

const struct link_type *link_type_find(const char *name)
{
	const struct link_type *t = find(name);

	if (t || !loader)
		return t;
	load();
	return find(name);
}

void link_type_set_loader(link_type_load_fn *fn)
{
	loader = fn;
}

const struct link_type *link_type_find_kind(const char *kind)
{
	for (size_t i = 0; *kind && i < n_types; i++) {
		if (!strcmp(types[i]->kind, kind))
			return types[i];
	}
	return NULL;
}

static int name_cmp(const void *x, const void *y)
{
	const struct link_type *const *a = x, *const *b = y;

	return strcmp((*a)->id.name, (*b)->id.name);
}

const char *link_type_names(struct arena *a)
{
	const struct link_type *sorted[MAX_TYPES];
	const char *all;

	load();
	memcpy(sorted, types, sizeof(sorted));
	qsort(sorted, n_types, sizeof(*sorted), name_cmp);
	all = sorted[0]->id.name;
	for (size_t i = 1; i < n_types; i++)
		all = arena_printf(a, "%s, %s", all, sorted[i]->id.name);
	return all;
}

const char *link_type_family(const char *kind)
{
	const struct link_type *t = link_type_find_kind(kind);

	if (t)
		return t->family;
	if (!strcmp(kind, "ipvtap"))
		return "ipvlan";
	return !strcmp(kind, "macvlan") || !strcmp(kind, "macvtap") ? "macvlan" : NULL;
}

bool link_type_is_sibling(const struct link_type *t, const char *kind)
{
	const char *family = link_type_family(kind);

	return family && !strcmp(family, t->family);
}

/* FNV-1a: names are no secret, and 46 bits of it are enough. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ at[i]) * 0x100000001b3U;
	return hash;
}

bool link_type_own_mac(const struct model_master *m, const struct model_slave *s,
		       uint32_t mark, uint8_t ret_mac[6])
{
	const char *netns = *s->netns ? s->netns : m->netns;
	uint64_t hash = mix(0xcbf29ce484222325U, &mark, sizeof(mark));

	if (!link_type_has(link_type_of(m), LINK_HAS_OWN_MAC) ||
	    m->mode == MODEL_MODE_PASSTHRU)
		return false;
	/* With the end of each text: "a", "bc" is not "ab", "c". */
	hash = mix(hash, netns, strlen(netns) + 1);
	hash = mix(hash, s->name, strlen(s->name) + 1);
	hash ^= hash >> 32;
	for (size_t i = 0; i < 6; i++)
		ret_mac[i] = (uint8_t)(hash >> (8 * i));
	ret_mac[0] = (uint8_t)((ret_mac[0] & 0xfc) | 0x02);
	return true;
}
