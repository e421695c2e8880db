/* See command_words.h. */
#include "tests/twin/command_words.h"

#include "datapath/model.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define LINK(member) offsetof(struct twin_link_request, member)
#define ADDR(member) offsetof(struct twin_addr_request, member)
static_assert(LINK(sent) == 0 && ADDR(sent) == 0, "'sent' is found at the beginning");

const struct attribute command_link_attributes[] = {
	{"link", ATTRIBUTE_TEXT, 0, LINK(lower), 0},
	{"link-netns", ATTRIBUTE_TEXT, 0, LINK(lower_netns), 0},
	{"netns", ATTRIBUTE_TEXT, 0, LINK(to_netns), 0},
	{"target", ATTRIBUTE_TEXT, 0, LINK(target), 0},
	{"af-spec", ATTRIBUTE_BOOL, TWIN_LINK_AF_SPEC, LINK(has_af_spec), true},
	{"name", ATTRIBUTE_TEXT, 0, LINK(new_name), 0},
	{"mtu", ATTRIBUTE_32, TWIN_LINK_MTU, LINK(mtu), 0},
	{"group", ATTRIBUTE_32, TWIN_LINK_GROUP, LINK(group), 0},
	{"txqueuelen", ATTRIBUTE_32, TWIN_LINK_TXQLEN, LINK(txqlen), 0},
	{"address", ATTRIBUTE_TEXT, 0, LINK(mac), 0},
	{"alias", ATTRIBUTE_TEXT, 0, LINK(alias), 0},
	{"altname", ATTRIBUTE_TEXT, 0, LINK(alt_name), 0},
	{"noaltname", ATTRIBUTE_TEXT, 0, LINK(old_alt_name), 0},
	{"carrier", ATTRIBUTE_ON_OFF, TWIN_LINK_CARRIER, LINK(has_carrier), 0},
	{"arp", ATTRIBUTE_ON_OFF, TWIN_LINK_ARP, LINK(has_arp), 0},
	{"nomaster", ATTRIBUTE_NO_TEXT, 0, LINK(controller), 0},
	{"master", ATTRIBUTE_TEXT, 0, LINK(controller), 0},
	{"up", ATTRIBUTE_BOOL, TWIN_LINK_UP, LINK(is_up), true},
	{"down", ATTRIBUTE_BOOL, TWIN_LINK_UP, LINK(is_up), false},
	{0},
};

const struct attribute command_kind_attributes[] = {
	{"mode", ATTRIBUTE_MODE, TWIN_LINK_MODE, LINK(mode), 0},
	{"bridge", ATTRIBUTE_FIXED_16, TWIN_LINK_FLAG, LINK(flag), MODEL_FLAG_BRIDGE},
	{"private", ATTRIBUTE_FIXED_16, TWIN_LINK_FLAG, LINK(flag), MODEL_FLAG_PRIVATE},
	{"vepa", ATTRIBUTE_FIXED_16, TWIN_LINK_FLAG, LINK(flag), MODEL_FLAG_VEPA},
	{"flag", ATTRIBUTE_16, TWIN_LINK_FLAG, LINK(flag), 0},
	{"id", ATTRIBUTE_16, TWIN_LINK_VLAN_ID, LINK(vlan_id), 0},
	{"table", ATTRIBUTE_32, TWIN_LINK_VRF_TABLE, LINK(vrf_table), 0},
	{"peer", ATTRIBUTE_TEXT, 0, LINK(peer), 0},
	{0},
};

const struct attribute command_addr_attributes[] = {
	{"valid_lft", ATTRIBUTE_LIFETIME, TWIN_ADDR_LIFETIME, ADDR(valid_s), 0},
	{"preferred_lft", ATTRIBUTE_LIFETIME, TWIN_ADDR_LIFETIME, ADDR(preferred_s), 0},
	{"scope", ATTRIBUTE_SCOPE, TWIN_ADDR_SCOPE, ADDR(scope), 0},
	{"metric", ATTRIBUTE_32, TWIN_ADDR_METRIC, ADDR(metric), 0},
	{"proto", ATTRIBUTE_8, TWIN_ADDR_PROTOCOL, ADDR(protocol), 0},
	{"label", ATTRIBUTE_TEXT, 0, ADDR(label), 0},
	{"nodad", ATTRIBUTE_BOOL, 0, ADDR(has_no_dad), true},
	{0},
};

/* Linux include/uapi/linux/rtnetlink.h: RT_SCOPE_*, RTN_*, RTPROT_*. */
const struct number_name command_scopes[] = {
	{"global", 0}, {"site", 200}, {"link", 253}, {"host", 254}, {"nowhere", 255}, {0},
};
const struct number_name command_route_types[] = {
	{"unicast", 1},     {"local", 2},
	{"broadcast", 3},   {"anycast", 4},
	{"multicast", 5},   {"blackhole", 6},
	{"unreachable", 7}, {"prohibit", 8},
	{"throw", 9},       {0},
};
const struct number_name command_protocols[] = {
	{"redirect", 1}, {"kernel", 2}, {"boot", 3},  {"static", 4},
	{"ra", 9},       {"dhcp", 16},  {"ipvl", 76}, {0},
};

const struct verb command_link_verbs[] = {
	{"add", TWIN_LINK_NEW, TWIN_CREATE | TWIN_EXCL},
	{"replace", TWIN_LINK_NEW, TWIN_CREATE | TWIN_REPLACE},
	{"set", TWIN_LINK_NEW, 0},
	{"setlink", TWIN_LINK_SET, 0},
	{"del", TWIN_LINK_DEL, 0},
	{0},
};
const struct verb command_addr_verbs[] = {
	{"add", TWIN_ADDR_NEW, TWIN_CREATE | TWIN_EXCL},
	{"replace", TWIN_ADDR_NEW, TWIN_CREATE | TWIN_REPLACE},
	{"change", TWIN_ADDR_NEW, TWIN_REPLACE},
	{"del", TWIN_ADDR_DEL, 0},
	{0},
};
const struct verb command_route_verbs[] = {
	{"add", TWIN_ROUTE_NEW, TWIN_CREATE | TWIN_EXCL},
	{"append", TWIN_ROUTE_NEW, TWIN_CREATE | TWIN_APPEND},
	{"prepend", TWIN_ROUTE_NEW, TWIN_CREATE},
	{"replace", TWIN_ROUTE_NEW, TWIN_CREATE | TWIN_REPLACE},
	{"change", TWIN_ROUTE_NEW, TWIN_REPLACE},
	{"del", TWIN_ROUTE_DEL, 0},
	{0},
};
const struct verb command_netns_verbs[] = {
	{"add", TWIN_NETNS_ADD, 0},
	{"del", TWIN_NETNS_DEL, 0},
	{"attach", TWIN_NETNS_ATTACH, 0},
	{"unmount", TWIN_NETNS_UNMOUNT, 0},
	{"hold", TWIN_NETNS_HOLD, 0},
	{"release", TWIN_NETNS_RELEASE, 0},
	{0},
};

static const struct {
	const char *word;
	unsigned int flag;
} flags[] = {
	{"create", TWIN_CREATE},
	{"excl", TWIN_EXCL},
	{"replace", TWIN_REPLACE},
	{"append", TWIN_APPEND},
};

const struct verb *command_verb_of(const struct verb *verbs, const struct twin_request *r)
{
	const struct verb *like = NULL;

	for (; verbs->word; verbs++) {
		if (verbs->kind != r->kind)
			continue;
		if (verbs->flags == r->flags)
			return verbs;
		/* With NLM_F_CREATE `index N` stands behind the name. */
		if (!like && !((verbs->flags ^ r->flags) & TWIN_CREATE))
			like = verbs;
	}
	return like;
}

struct err *command_read_flags(struct words *w, unsigned int *ret_flags)
{
	const char *list;
	unsigned int found = 0;
	struct err *e = words_next(w, "flags such as create,excl", &list);

	if (e)
		return e;
	for (const char *at = list; strcmp(list, "none") != 0 && *at;) {
		size_t n = strcspn(at, ","), i = 0;

		while (i < ARRAY_SIZE(flags) &&
		       (strlen(flags[i].word) != n || strncmp(flags[i].word, at, n) != 0))
			i++;
		if (i == ARRAY_SIZE(flags))
			return err_new(ERR_INVALID,
				       "\"%s\": expected none, or some of create,excl,"
				       "replace,append",
				       list);
		found |= flags[i].flag;
		at += n + (at[n] == ',');
	}
	*ret_flags = found;
	return NULL;
}

const char *command_flags_text(struct arena *a, unsigned int set)
{
	const char *text = "";

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (set & flags[i].flag)
			text = arena_printf(a, "%s%s%s", text, *text ? "," : "",
					    flags[i].word);
	}
	return *text ? text : "none";
}

struct err *command_read_number(struct words *w, const struct number_name *names,
				const char *what, uint8_t *ret_number)
{
	uint64_t number;
	struct err *e;

	for (; names->name; names++) {
		if (words_take(w, names->name)) {
			*ret_number = names->number;
			return NULL;
		}
	}
	e = words_number(w, what, UINT8_MAX, &number);
	if (!e)
		*ret_number = (uint8_t)number;
	return e;
}

const char *command_number_name(struct arena *a, const struct number_name *names,
				uint8_t number)
{
	for (; names->name; names++) {
		if (names->number == number)
			return names->name;
	}
	return arena_printf(a, "%u", number);
}

/* IFLA_MACVLAN_MODE. */
static const struct number_name macvlan_modes[] = {
	{"private", 1}, {"vepa", 2}, {"bridge", 4}, {"passthru", 8}, {"source", 16}, {0},
};

static struct err *read_mode(struct words *w, uint16_t *ret_mode)
{
	const char *word = words_peek(w);
	enum model_mode mode;
	uint64_t number;
	struct err *e;

	for (const struct number_name *m = macvlan_modes; word && m->name; m++) {
		if (!words_take(w, m->name))
			continue;
		*ret_mode = (uint16_t)m->number;
		return NULL;
	}
	if (word && model_mode_from_name(word, &mode)) {
		w->at++;
		*ret_mode = (uint16_t)mode;
		return NULL;
	}
	e = words_number(w, "l2, l3, l3s or a number", UINT16_MAX, &number);
	if (!e)
		*ret_mode = (uint16_t)number;
	return e;
}

static struct err *read_number(struct words *w, const struct attribute *t, void *member)
{
	uint64_t max = t->form == ATTRIBUTE_8    ? UINT8_MAX
		       : t->form == ATTRIBUTE_16 ? UINT16_MAX
						 : UINT32_MAX;
	uint64_t number = UINT32_MAX;
	struct err *e = NULL;

	if (t->form != ATTRIBUTE_LIFETIME || !words_take(w, "forever"))
		e = words_number(w, t->word, max, &number);
	if (e)
		return e;
	if (t->form == ATTRIBUTE_8)
		*(uint8_t *)member = (uint8_t)number;
	else if (t->form == ATTRIBUTE_16)
		*(uint16_t *)member = (uint16_t)number;
	else
		*(uint32_t *)member = (uint32_t)number;
	return NULL;
}

static struct err *read_value(struct words *w, const struct attribute *t, void *member)
{
	switch (t->form) {
	case ATTRIBUTE_TEXT:
		return words_next(w, arena_printf(w->a, "the value of %s", t->word),
				  (const char **)member);
	case ATTRIBUTE_NO_TEXT:
		*(const char **)member = "";
		return NULL;
	case ATTRIBUTE_BOOL:
		*(bool *)member = t->fixed;
		return NULL;
	case ATTRIBUTE_ON_OFF:
		*(bool *)member = words_take(w, "on");
		return *(bool *)member || words_take(w, "off")
			       ? NULL
			       : words_expected(w, "on or off");
	case ATTRIBUTE_FIXED_16:
		*(uint16_t *)member = (uint16_t)t->fixed;
		return NULL;
	case ATTRIBUTE_8:
	case ATTRIBUTE_16:
	case ATTRIBUTE_32:
	case ATTRIBUTE_LIFETIME:
		return read_number(w, t, member);
	case ATTRIBUTE_MODE:
		return read_mode(w, member);
	case ATTRIBUTE_SCOPE:
		return command_read_number(w, command_scopes,
					   "global, site, link, host or a number",
					   member);
	}
	return NULL;
}

static const struct attribute *take_attribute(struct words *w, const struct attribute *t)
{
	while (t->word && !words_take(w, t->word))
		t++;
	return t->word ? t : NULL;
}

struct err *command_read(struct words *w, const struct attribute *table, void *members)
{
	const struct attribute *t;

	while ((t = take_attribute(w, table))) {
		struct err *e = read_value(w, t, (char *)members + t->offset);

		if (e)
			return e;
		*(unsigned int *)members |= t->bit;
	}
	return NULL;
}

/* NULL: this word cannot write the value, or there is none. */
static const char *write_value(struct arena *a, const struct attribute *t,
			       const void *member)
{
	char mode[8];
	const char *text;

	switch (t->form) {
	case ATTRIBUTE_TEXT:
		text = *(const char *const *)member;
		return text ? arena_printf(a, " %s", words_quote(a, text)) : NULL;
	case ATTRIBUTE_NO_TEXT:
		text = *(const char *const *)member;
		return text && !*text ? "" : NULL;
	case ATTRIBUTE_BOOL:
		return *(const bool *)member == (bool)t->fixed ? "" : NULL;
	case ATTRIBUTE_ON_OFF:
		return *(const bool *)member ? " on" : " off";
	case ATTRIBUTE_FIXED_16:
		return *(const uint16_t *)member == t->fixed ? "" : NULL;
	case ATTRIBUTE_8:
		return arena_printf(a, " %u", *(const uint8_t *)member);
	case ATTRIBUTE_16:
		return arena_printf(a, " %u", *(const uint16_t *)member);
	case ATTRIBUTE_32:
		return arena_printf(a, " %u", *(const uint32_t *)member);
	case ATTRIBUTE_MODE:
		if (*(const uint16_t *)member > MODEL_MODE_L3S)
			return arena_printf(a, " %u", *(const uint16_t *)member);
		return arena_printf(
			a, " %s",
			model_mode_name((uint8_t) * (const uint16_t *)member, mode));
	case ATTRIBUTE_SCOPE:
		return arena_printf(
			a, " %s",
			command_number_name(a, command_scopes, *(const uint8_t *)member));
	case ATTRIBUTE_LIFETIME:
		if (*(const uint32_t *)member == UINT32_MAX)
			return " forever";
		return arena_printf(a, " %u", *(const uint32_t *)member);
	}
	return NULL;
}

const char *command_write(struct arena *a, const struct attribute *table,
			  const void *members)
{
	unsigned int sent = *(const unsigned int *)members;
	const struct attribute *written = NULL;
	const char *line = "";

	for (const struct attribute *t = table; t->word; t++) {
		const char *value = NULL;

		if ((sent & t->bit) == t->bit &&
		    !(written && written->offset == t->offset))
			value = write_value(a, t, (const char *)members + t->offset);
		if (!value)
			continue;
		line = arena_printf(a, "%s %s%s", line, t->word, value);
		written = t;
	}
	return line;
}
