/* A file's masters: from the tree of its values to the model, with the place of each
 * part.
 *
 * Reading goes on after a complaint, so that all errors of a file are reported at
 * once. The model is then only good enough for the rules to find further errors
 * without inventing any. */
#include "config/yaml/declare.h"

#include "config/canon.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION "1"

struct master {
	struct model_master m;
	struct object_places places;
	const struct node *host_access; /* not read yet */
};

static const char *const modes[] = {"l2", "l3", "l3s", "passthru", NULL};
static const char *const flags[] = {"bridge", "private", "vepa", NULL};

static bool is_among(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

/* 'other' is the key with the words 'others'. */
static void unknown_word(struct declare *r, const struct node *value, const char *what,
			 const char *const *words, const char *other,
			 const char *const *others)
{
	const char *nearest = text_nearest(value->text, words);
	struct err *e = err_new(ERR_INVALID, "unknown %s `%s`: there are %s, %s and %s",
				what, value->text, words[0], words[1], words[2]);

	if (is_among(value->text, others))
		e = err_hint(e, "`%s` is a %s: write `%s: %s`", value->text, other, other,
			     value->text);
	else if (nearest)
		e = err_hint(e, "did you mean `%s`?", nearest);
	declare_fail(r, value, e);
}

static void read_mode(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;
	const char *text = declare_text(r, value, "mode");

	m->places.fields[VALID_MODE] = value->place;
	if (text && !model_mode_from_name(text, &m->m.mode))
		unknown_word(r, value, "mode", modes, "flag", flags);
}

static void read_flag(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;
	const char *text = declare_text(r, value, "flag");

	m->places.fields[VALID_FLAG] = value->place;
	if (text && !model_flag_from_name(text, &m->m.flag))
		unknown_word(r, value, "flag", flags, "mode", modes);
}

static void read_kind(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;
	const char *text = declare_text(r, value, "kind");
	struct err *e;

	m->places.fields[VALID_KIND] = value->place;
	if (!text || model_kind_from_name(text, &m->m.kind))
		return;
	e = err_new(ERR_INVALID, "unknown kind `%s`: there are dummy and bridge", text);
	if (!strcmp(text, "vlan"))
		e = err_hint(e, "write `vlan: {link: eno2, id: 100}`");
	else
		e = err_hint(e, "leave out `kind` for a device that exists already");
	declare_fail(r, value, e);
}

static void read_datapath(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;
	const char *text = declare_text(r, value, "datapath");
	struct err *e = text ? canon_link_type(text, &m->m.type) : NULL;

	m->places.fields[VALID_DATAPATH] = value->place;
	if (e)
		declare_fail(r, value, e);
}

struct vlan {
	const char *link;
	uint16_t id;
	bool is_broken;
};

static void read_vlan_link(struct declare *r, const struct node *value, void *object)
{
	struct vlan *vlan = object;

	vlan->link = declare_text(r, value, "link");
	vlan->is_broken |= !vlan->link;
}

static void read_vlan_id(struct declare *r, const struct node *value, void *object)
{
	struct vlan *vlan = object;
	uint64_t id = 0;

	vlan->is_broken |= !declare_number(r, value, "id", 1, 4094, &id);
	vlan->id = (uint16_t)id;
}

static void read_vlan(struct declare *r, const struct node *value, void *object)
{
	static const struct declare_key keys[] = {
		{.name = "link", .read = read_vlan_link},
		{.name = "id", .read = read_vlan_id},
	};
	static const struct declare_kind kind = {
		.what = "`vlan`",
		.example = "{link: eno2, id: 100}",
		.keys = keys,
		.n_keys = ARRAY_SIZE(keys),
	};
	struct master *m = object;
	struct vlan vlan = {0};

	m->places.fields[VALID_VLAN] = value->place;
	if (!declare_map(r, value, &kind, &vlan) || vlan.is_broken)
		return;
	if (!vlan.link && !vlan.id)
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID, "`vlan` is empty"),
				      "write it as in %s", kind.example));
	m->m.vlan_link = vlan.link ? vlan.link : "";
	m->m.vlan_id = vlan.id;
}

static void read_match(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;

	m->places.fields[VALID_MATCH] = value->place;
	declare_match(r, value, &m->m.match);
}

static void read_slaves(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;

	declare_slaves(r, value, &m->m, &m->places);
}

/* Kept until all keys are read: it adds a slave, whose name follows from the master's. */
static void read_host_access(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;

	(void)r;
	m->host_access = value;
}

static void read_master_routes(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;
	struct declare_routes routes;

	declare_routes(r, value, DECLARE_DEFAULT_IPV4, &routes);
	m->places.fields[VALID_ROUTES] = value->place;
	m->places.routes = routes.places;
	m->m.routes = routes.routes;
	m->m.n_routes = routes.n;
}

static void read_master_sysctl(struct declare *r, const struct node *value, void *object)
{
	struct master *m = object;
	struct declare_sysctls sysctls;

	declare_sysctls(r, value, NULL, NULL, &sysctls);
	m->places.fields[VALID_SYSCTL] = value->place;
	m->places.sysctls = sysctls.places;
	m->m.sysctls = sysctls.sysctls;
	m->m.n_sysctls = sysctls.n;
}

static const struct declare_key master_keys[] = {
	{.name = "name",
	 .plain = DECLARE_NAME,
	 .offset = offsetof(struct master, m.name)},
	{.name = "netns",
	 .plain = DECLARE_NETNS,
	 .offset = offsetof(struct master, m.netns)},
	{.name = "match", .read = read_match},
	{.name = "mode", .read = read_mode},
	{.name = "flag", .read = read_flag},
	{.name = "vlan", .read = read_vlan},
	{.name = "kind", .read = read_kind},
	{.name = "datapath", .read = read_datapath},
	{.name = "mtu", .plain = DECLARE_MTU, .offset = offsetof(struct master, m.mtu)},
	{.name = "routes", .read = read_master_routes},
	{.name = "sysctl", .read = read_master_sysctl},
	{.name = "optional",
	 .plain = DECLARE_OPTIONAL,
	 .offset = offsetof(struct master, m.is_optional)},
	{.name = "drift",
	 .plain = DECLARE_DRIFT,
	 .offset = offsetof(struct master, m.drift)},
	{.name = "host-access", .read = read_host_access},
	{.name = "slaves", .read = read_slaves},
};

static const struct declare_stranger master_strangers[] = {
	{"type", "slaves are ipvlans unless `datapath` says otherwise",
	 "leave it out, or write `datapath: macvlan`"},
	{"parent", "the device below a VLAN stands in `vlan`",
	 "write `vlan: {link: eno2, id: 100}`"},
	{"ports", "what stands on a master is called `slaves`", "write `slaves:`"},
	{"interfaces", "what stands on a master is called `slaves`", "write `slaves:`"},
	{"addresses", "a master's own addresses are not ipvl's",
	 "leave them to what configures the master now"},
	{"link", "the device below a VLAN stands in `vlan`",
	 "write `vlan: {link: eno2, id: 100}`"},
	{"set-name", "ipvl does not rename a master's device",
	 "leave that to netplan or systemd; `name` is a label where `match` is"},
	{"macaddress", "the device of a master is found by `match`",
	 "write `match: {macaddress: \"02:00:00:00:00:01\"}`"},
	{"id", "a VLAN's number stands in `vlan`", "write `vlan: {link: eno2, id: 100}`"},
};

static const struct declare_kind master_kind = {
	.what = "a master",
	.example = "{name: eno2, mode: l2, slaves: [{name: ipvl1, netns: ns1}]}",
	.keys = master_keys,
	.n_keys = ARRAY_SIZE(master_keys),
	.places = offsetof(struct master, places),
	.strangers = master_strangers,
	.n_strangers = ARRAY_SIZE(master_strangers),
};

/* Its device is found by its name. */
static bool is_plain(const struct master *m)
{
	const struct place *fields = m->places.fields;

	return !fields[VALID_MATCH].line && !fields[VALID_VLAN].line &&
	       !fields[VALID_KIND].line;
}

static bool read_master(struct declare *r, const struct node *node, struct master *m)
{
	*m = (struct master){.m = model_master_named("", "")};
	m->m.flag = MODEL_FLAG_BRIDGE;
	m->places.object = node->place;
	if (!declare_map(r, node, &master_kind, m))
		return false;
	if (!m->places.fields[VALID_MODE].line)
		m->m.mode = (enum model_mode)link_type_of(&m->m)->standard.mode;
	if (!m->places.fields[VALID_NAME].line)
		declare_fail(
			r, node,
			err_hint(err_new(ERR_INVALID, "this master has no name"),
				 "add `name: DEVICE`, the device that the slaves share"));
	if (!strcmp(m->m.name, "auto") && is_plain(m))
		m->m.match.default_route = true;
	if (*m->m.name && m->host_access)
		declare_host_access(r, m->host_access, &m->m, &m->places);
	else if (*m->m.name)
		declare_default_access(r, &m->m, &m->places);
	return *m->m.name;
}

static int master_cmp(const void *a, const void *b)
{
	const struct master *x = a, *y = b;
	int c = model_master_cmp(&x->m, &y->m);

	return c ? c : place_cmp(&x->places.object, &y->places.object);
}

static void read_masters(struct declare *r, const struct node *value, void *object)
{
	struct document *d = object;
	CLEANUP(freep) struct master *all = NULL;
	size_t n = 0;

	if (!declare_list(r, value, "masters"))
		return;
	all = xcalloc(value->n_items, sizeof(*all));
	for (size_t i = 0; i < value->n_items; i++)
		n += read_master(r, value->items[i], &all[n]);
	qsort(all, n, sizeof(*all), master_cmp);
	d->model.masters = arena_array(d->arena, n, sizeof(*d->model.masters));
	d->masters = arena_array(d->arena, n, sizeof(*d->masters));
	d->model.n_masters = n;
	for (size_t i = 0; i < n; i++) {
		d->model.masters[i] = all[i].m;
		d->masters[i] = all[i].places;
	}
}

static void read_pools(struct declare *r, const struct node *value, void *object)
{
	(void)object;
	declare_pools(r, value);
}

/* Read before all other keys: a file of another version may mean something else. */
static void read_version(struct declare *r, const struct node *value, void *object)
{
	(void)r;
	(void)value;
	(void)object;
}

static bool check_version(struct declare *r, const struct node *root)
{
	for (size_t i = 0; i < root->n_pairs; i++) {
		const struct node *value = root->pairs[i].value;

		if (strcmp(root->pairs[i].key->text, "version"))
			continue;
		if (value->kind == NODE_SCALAR && !strcmp(value->text, FORMAT_VERSION)) {
			if (value->is_plain)
				return true;
			declare_fail(r, value,
				     err_hint(err_new(ERR_INVALID,
						      "`version` must be a number, not "
						      "the text \"%s\"",
						      value->text),
					      "leave out the quotes"));
			return true;
		}
		if (value->kind != NODE_SCALAR) {
			declare_fail(r, value,
				     err_hint(err_new(ERR_INVALID,
						      "`version` must be a number"),
					      "write `version: " FORMAT_VERSION "`"));
			return false;
		}
		declare_fail(
			r, value,
			err_hint(err_new(ERR_UNSUPPORTED,
					 "`version` %s is not supported by this ipvl",
					 value->text),
				 "write `version: " FORMAT_VERSION "`"));
		return false;
	}
	declare_fail(r, root,
		     err_hint(err_new(ERR_INVALID, "`version` is missing"),
			      "begin the file with `version: " FORMAT_VERSION "`"));
	return true;
}

void declare_model(struct document *d, const struct node *root,
		   struct document_errors *errors)
{
	static const struct declare_key keys[] = {
		{.name = "version", .read = read_version},
		{.name = "pools", .read = read_pools},
		{.name = "masters", .read = read_masters},
	};
	static const struct declare_stranger strangers[] = {
		{"network",
		 "this is netplan's root; ipvl's keys stand at the left margin",
		 "write `version: 1` and `masters:`"},
		{"slaves", "slaves stand under their master",
		 "write `masters: [{name: eno2, slaves: [...]}]`"},
	};
	static const struct declare_kind kind = {
		.what = "the file",
		.example = "`version: 1` and, on the next line, `masters:`",
		.keys = keys,
		.n_keys = ARRAY_SIZE(keys),
		.strangers = strangers,
		.n_strangers = ARRAY_SIZE(strangers),
		.has_own_keys = true,
	};
	struct declare r = {.d = d, .errors = errors};

	if (root->kind != NODE_MAP || check_version(&r, root))
		declare_map(&r, root, &kind, d);
}
