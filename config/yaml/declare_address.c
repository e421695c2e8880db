/* `addresses:` of a slave, from the tree of values to the model. An element is a text, or as
 * netplan has it a map of one: `10.0.0.2/24: {label: eth0:1, lifetime: 0}`. */
#include "config/yaml/declare.h"

#include "config/canon.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Equal addresses stay in the order of the file, so that the complaint is about the
 * later one. */
static int address_cmp(const void *a, const void *b)
{
	const struct declare_address *x = a, *y = b;
	int c = ip_prefix_cmp(&x->prefix, &y->prefix);

	return c ? c : place_cmp(&x->place, &y->place);
}

/* Sorts 'all'. */
void declare_put_addresses(struct declare *r, struct model_slave *s,
			   struct object_places *places, struct declare_address *all,
			   size_t n)
{
	struct arena *a = r->d->arena;

	qsort(all, n, sizeof(*all), address_cmp);
	s->addresses = arena_array(a, n, sizeof(*s->addresses));
	places->addresses = arena_array(a, n, sizeof(*places->addresses));
	s->address_options = arena_array(a, n, sizeof(*s->address_options));
	places->address_options = arena_array(a, n, sizeof(*places->address_options));
	s->n_addresses = n;
	for (size_t i = 0; i < n; i++) {
		s->addresses[i] = all[i].prefix;
		places->addresses[i] = all[i].place;
		if (!model_address_options_are_set(&all[i].options))
			continue;
		places->address_options[s->n_address_options] = all[i].options_place;
		s->address_options[s->n_address_options++] = all[i].options;
	}
}

struct reading {
	struct model_address_options o;
	bool is_broken;
};

/* Takes 'e'. */
static void note(struct declare *r, const struct node *value, struct reading *in,
		 const char *text, struct err *e)
{
	in->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_peer(struct declare *r, const struct node *value, void *object)
{
	struct reading *in = object;
	const char *text = declare_text(r, value, "peer");

	note(r, value, in, text,
	     text ? canon_address_peer(&in->o.address, text, &in->o.peer) : NULL);
}

static void read_scope(struct declare *r, const struct node *value, void *object)
{
	struct reading *in = object;
	const char *text = declare_text(r, value, "scope");

	note(r, value, in, text,
	     text ? canon_address_scope(&in->o.address, text, &in->o.scope) : NULL);
}

static void read_label(struct declare *r, const struct node *value, void *object)
{
	struct reading *in = object;
	const char *text = declare_text(r, value, "label");

	note(r, value, in, text,
	     text ? canon_address_label(&in->o.address, text, in->o.label) : NULL);
}

static void read_lifetime(struct declare *r, const struct node *value, void *object)
{
	struct reading *in = object;
	const char *text = declare_text(r, value, "lifetime");

	note(r, value, in, text,
	     text ? canon_address_lifetime(text, &in->o.lifetime) : NULL);
}

static const struct declare_key keys[] = {
	{.name = "peer", .read = read_peer},
	{.name = "scope", .read = read_scope},
	{.name = "label", .read = read_label},
	{.name = "lifetime", .read = read_lifetime},
};

static const struct declare_stranger strangers[] = {
	{"preferred_lft", "this key is called `lifetime`", "write `lifetime: 0`"},
	{"valid_lft", "an address of a file is valid as long as the file declares it",
	 "leave it out"},
	{"broadcast", "Linux needs no broadcast address", "leave it out"},
};

static const struct declare_kind kind = {
	.what = "the options of an address",
	.example = "{label: eth0:1, lifetime: 0}",
	.keys = keys,
	.n_keys = ARRAY_SIZE(keys),
	.strangers = strangers,
	.n_strangers = ARRAY_SIZE(strangers),
};

/* False after a complaint. */
static bool read_address(struct declare *r, const struct node *item,
			 struct declare_address *ret)
{
	bool is_map = item->kind == NODE_MAP && item->n_pairs == 1;
	const char *text =
		is_map ? item->pairs[0].key->text : declare_item(r, item, "addresses");
	struct err *e = text ? canon_address_parse(text, &ret->prefix) : NULL;
	struct reading in = {.o.address = ret->prefix};

	ret->place = ret->options_place = item->place;
	if (e)
		declare_fail(r, is_map ? item->pairs[0].key : item, e);
	if (!text || e)
		return false;
	in.o.address = ret->prefix;
	if (!is_map)
		return true;
	ret->options_place = item->pairs[0].value->place;
	if (!declare_map(r, item->pairs[0].value, &kind, &in) || in.is_broken)
		return false;
	ret->options = in.o;
	return true;
}

bool declare_addresses(struct declare *r, const struct node *value, struct model_slave *s,
		       struct object_places *places)
{
	CLEANUP(freep) struct declare_address *all = NULL;
	bool is_whole = true;
	size_t n = 0;

	if (!declare_list(r, value, "addresses"))
		return false;
	s->addresses_managed = true;
	all = xcalloc(value->n_items, sizeof(*all));
	for (size_t i = 0; i < value->n_items; i++) {
		if (read_address(r, value->items[i], &all[n]))
			n++;
		else
			is_whole = false;
	}
	declare_put_addresses(r, s, places, all, n);
	return is_whole;
}
