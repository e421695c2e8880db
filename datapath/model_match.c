/* Which device a master is, by properties: what fits, and which of several is chosen. */
#include "datapath/model_match.h"

#include "lib/alloc.h"
#include "lib/mac.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many candidates a text names. */
#define MAX_NAMED 4

#define TRUE_TEXT "true"

/* MODEL_IPV6_METRIC: what the kernel makes of 0. */
#define IPV6_METRIC 1024U

const char *const model_match_keys[MODEL_MATCH_KEYS] = {"name", "macaddress", "path",
							"default-route"};

struct model_match model_match_none(void)
{
	return (struct model_match){.name = "", .mac = "", .path = ""};
}

static bool is_given(const char *text)
{
	return text && *text;
}

bool model_match_is_set(const struct model_match *m)
{
	return is_given(m->name) || is_given(m->mac) || is_given(m->path) ||
	       m->default_route;
}

const char *model_match_get(const struct model_match *m, const char *key)
{
	const char *values[MODEL_MATCH_KEYS] = {m->name, m->mac, m->path,
						m->default_route ? TRUE_TEXT : ""};

	for (size_t i = 0; i < MODEL_MATCH_KEYS; i++) {
		if (!strcmp(model_match_keys[i], key))
			return values[i] ? values[i] : "";
	}
	return "";
}

bool model_match_set(struct model_match *m, const char *key, const char *value)
{
	if (!strcmp(key, "name"))
		m->name = value;
	else if (!strcmp(key, "macaddress"))
		m->mac = value;
	else if (!strcmp(key, "path"))
		m->path = value;
	else if (!strcmp(key, "default-route"))
		m->default_route = !strcmp(value, TRUE_TEXT);
	else
		return false;
	return true;
}

bool model_match_equals(const struct model_match *a, const struct model_match *b)
{
	for (size_t i = 0; i < MODEL_MATCH_KEYS; i++) {
		const char *key = model_match_keys[i];

		if (strcmp(model_match_get(a, key), model_match_get(b, key)) != 0)
			return false;
	}
	return true;
}

const char *model_match_text(struct arena *a, const struct model_match *m)
{
	const char *all = "";

	for (size_t i = 0; i < MODEL_MATCH_KEYS; i++) {
		const char *key = model_match_keys[i];
		const char *value = model_match_get(m, key);

		if (*value)
			all = arena_printf(a, "%s%s%s: %s", all, *all ? ", " : "", key,
					   value);
	}
	return all;
}

uint64_t model_match_route_order(bool is_ipv6, uint32_t metric)
{
	return (uint64_t)is_ipv6 << 32 | (is_ipv6 && !metric ? IPV6_METRIC : metric);
}

/* A device of such a kind has the MAC address of the one below, or of a port. */
static bool borrows_mac(const char *kind)
{
	static const char *const kinds[] = {"vlan", "bridge",  "bond",
					    "team", "macvlan", "macvtap"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i], kind))
			return true;
	}
	return false;
}

static bool is_mac(const uint8_t mac[6], const char *text)
{
	char buf[MAC_TEXT_BYTES];

	return !strcmp(mac_format(mac, buf), text);
}

static enum model_match_fit fit_mac(const char *mac, const struct model_match_device *d)
{
	if (d->has_permanent_mac)
		return is_mac(d->permanent_mac, mac) ? MODEL_MATCH_PERMANENT
						     : MODEL_MATCH_NOT;
	if (!is_mac(d->mac, mac))
		return MODEL_MATCH_NOT;
	return borrows_mac(d->kind) ? MODEL_MATCH_BORROWED : MODEL_MATCH_OWN;
}

static bool fits_path(const char *path, const struct model_match_device *d)
{
	char with_bus[64];

	if (!*d->parent)
		return false;
	snprintf(with_bus, sizeof(with_bus), "%s-%s", d->bus, d->parent);
	return !fnmatch(path, d->parent, 0) || !fnmatch(path, with_bus, 0);
}

enum model_match_fit model_match_fit(const struct model_match *m,
				     const struct model_match_device *d)
{
	if (is_given(m->name) && fnmatch(m->name, d->name, 0))
		return MODEL_MATCH_NOT;
	if (is_given(m->path) && !fits_path(m->path, d))
		return MODEL_MATCH_NOT;
	return is_given(m->mac) ? fit_mac(m->mac, d) : MODEL_MATCH_OWN;
}

/* Which of two fits better: below 0 the first. */
static int better(const struct model_match *m, const struct model_match_device *a,
		  const struct model_match_device *b)
{
	enum model_match_fit x = model_match_fit(m, a), y = model_match_fit(m, b);

	if (m->default_route && a->route_order != b->route_order)
		return a->route_order < b->route_order ? -1 : 1;
	return (int)y - (int)x;
}

static bool is_candidate(const struct model_match *m, const struct model_match_device *d)
{
	return model_match_fit(m, d) != MODEL_MATCH_NOT &&
	       (!m->default_route || d->has_route);
}

/* The first of those that fit best. */
static size_t find_best(const struct model_match *m, const struct model_match_device *d,
			size_t n)
{
	size_t best = MODEL_MATCH_NO_DEVICE;

	for (size_t i = 0; i < n; i++) {
		if (is_candidate(m, &d[i]) &&
		    (best == MODEL_MATCH_NO_DEVICE || better(m, &d[i], &d[best]) < 0))
			best = i;
	}
	return best;
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "a", "a and b", "a, b, c, d and 3 more". */
static const char *name_all(struct arena *a, const char **names, size_t n)
{
	size_t shown = n > MAX_NAMED ? MAX_NAMED : n;
	const char *all;

	qsort(names, n, sizeof(*names), name_cmp);
	all = arena_strdup(a, names[0]);
	for (size_t i = 1; i < shown; i++)
		all = arena_printf(a, "%s%s%s", all, i + 1 < n ? ", " : " and ",
				   names[i]);
	return n > shown ? arena_printf(a, "%s and %zu more", all, n - shown) : all;
}

/* Those that fit as well as 'best', if there are several; else "". */
static const char *rivals_of(struct arena *a, const struct model_match *m,
			     const struct model_match_device *d, size_t n, size_t best)
{
	const char **names = arena_array(a, n, sizeof(*names));
	size_t n_names = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_candidate(m, &d[i]) && !better(m, &d[i], &d[best]))
			names[n_names++] = d[i].name;
	}
	assert(n_names);
	return n_names > 1 ? name_all(a, names, n_names) : "";
}

/* The first has more slaves on it; of equal ones, it is the first by name. */
static bool carries_more(const struct model_match_device *a,
			 const struct model_match_device *b)
{
	if (a->n_carried != b->n_carried)
		return a->n_carried > b->n_carried;
	return strcmp(a->name, b->name) < 0;
}

static size_t find_carrier(const struct model_match *m,
			   const struct model_match_device *d, size_t n)
{
	size_t found = MODEL_MATCH_NO_DEVICE;

	for (size_t i = 0; i < n; i++) {
		if (d[i].n_carried && model_match_fit(m, &d[i]) != MODEL_MATCH_NOT &&
		    (found == MODEL_MATCH_NO_DEVICE || carries_more(&d[i], &d[found])))
			found = i;
	}
	return found;
}

/* The default route is by 'best', and not as well by the device with the slaves. */
static bool is_elsewhere(const struct model_match *m,
			 const struct model_match_device *best,
			 const struct model_match_device *carrier)
{
	return m->default_route && (!carrier->has_route || better(m, best, carrier) < 0);
}

struct model_match_choice model_match_choose(struct arena *a, const struct model_match *m,
					     const struct model_match_device *devices,
					     size_t n)
{
	struct model_match_choice c = {.device = MODEL_MATCH_NO_DEVICE,
				       .candidates = "",
				       .other = MODEL_MATCH_NO_DEVICE};
	size_t best = find_best(m, devices, n), carrier = find_carrier(m, devices, n);
	bool is_away = best != MODEL_MATCH_NO_DEVICE &&
		       carrier != MODEL_MATCH_NO_DEVICE &&
		       is_elsewhere(m, &devices[best], &devices[carrier]);

	assert(model_match_is_set(m));
	if (carrier != MODEL_MATCH_NO_DEVICE &&
	    (!is_away || devices[carrier].is_usable || !devices[best].is_usable)) {
		c.device = carrier;
		c.other = is_away ? best : c.other;
	} else if (best != MODEL_MATCH_NO_DEVICE) {
		c.candidates = rivals_of(a, m, devices, n, best);
		c.device = *c.candidates ? c.device : best;
	}
	return c;
}
