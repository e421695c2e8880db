/* Models as values: order, look-up, names and labels. */
#include "datapath/model.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int place_cmp(const char *a_netns, const char *a_name, const char *b_netns,
		     const char *b_name)
{
	int c = strcmp(a_netns, b_netns);

	return c ? c : strcmp(a_name, b_name);
}

int model_master_cmp(const struct model_master *a, const struct model_master *b)
{
	int c = place_cmp(a->netns, a->name, b->netns, b->name);

	return c ? c : a->seen.is_namesake - b->seen.is_namesake;
}

int model_slave_cmp(const struct model_slave *a, const struct model_slave *b)
{
	return place_cmp(a->netns, a->name, b->netns, b->name);
}

int model_netns_cmp(const struct model_netns *a, const struct model_netns *b)
{
	return strcmp(a->name, b->name);
}

/* The orders above in the form that qsort(3) expects. */
static int sort_masters(const void *a, const void *b)
{
	return model_master_cmp(a, b);
}

static int sort_slaves(const void *a, const void *b)
{
	return model_slave_cmp(a, b);
}

static int sort_netns(const void *a, const void *b)
{
	return model_netns_cmp(a, b);
}

static int sort_addresses(const void *a, const void *b)
{
	return ip_prefix_cmp(a, b);
}

static int sort_routes(const void *a, const void *b)
{
	return model_route_key_cmp(a, b);
}

static int sort_rules(const void *a, const void *b)
{
	return model_rule_cmp(a, b);
}

static int sort_sysctls(const void *a, const void *b)
{
	return model_sysctl_cmp(a, b);
}

static int sort_saved(const void *a, const void *b)
{
	return model_saved_cmp(a, b);
}

static int sort_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool model_slave_has_address(const struct model_slave *s, const struct ip_addr *addr)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!ip_addr_cmp(&s->addresses[i].addr, addr))
			return true;
	}
	return false;
}

/* qsort() must not be given NULL, which an empty array may be. */
static void sort(void *array, size_t n, size_t size,
		 int (*cmp)(const void *, const void *))
{
	if (n > 1)
		qsort(array, n, size, cmp);
}

static void sort_slave(struct model_slave *s)
{
	sort(s->addresses, s->n_addresses, sizeof(*s->addresses), sort_addresses);
	sort(s->routes, s->n_routes, sizeof(*s->routes), sort_routes);
	sort(s->rules, s->n_rules, sizeof(*s->rules), sort_rules);
	sort(s->sysctls, s->n_sysctls, sizeof(*s->sysctls), sort_sysctls);
	sort(s->altnames, s->n_altnames, sizeof(*s->altnames), sort_texts);
}

void model_sort(struct model *m)
{
	sort(m->masters, m->n_masters, sizeof(*m->masters), sort_masters);
	sort(m->namespaces, m->n_namespaces, sizeof(*m->namespaces), sort_netns);
	for (size_t i = 0; i < m->n_masters; i++) {
		struct model_master *master = &m->masters[i];

		sort(master->routes, master->n_routes, sizeof(*master->routes),
		     sort_routes);
		sort(master->sysctls, master->n_sysctls, sizeof(*master->sysctls),
		     sort_sysctls);
		sort(master->saved, master->n_saved, sizeof(*master->saved), sort_saved);
		sort(master->slaves, master->n_slaves, sizeof(*master->slaves),
		     sort_slaves);
		for (size_t k = 0; k < master->n_slaves; k++)
			sort_slave(&master->slaves[k]);
	}
}

/* True if no element is greater than the next. */
static bool is_sorted(const void *array, size_t n, size_t size,
		      int (*cmp)(const void *, const void *))
{
	const char *at = array;

	for (size_t i = 1; i < n; i++, at += size) {
		if (cmp(at, at + size) > 0)
			return false;
	}
	return true;
}

static bool is_slave_sorted(const struct model_slave *s)
{
	return is_sorted(s->addresses, s->n_addresses, sizeof(*s->addresses),
			 sort_addresses) &&
	       is_sorted(s->routes, s->n_routes, sizeof(*s->routes), sort_routes) &&
	       is_sorted(s->rules, s->n_rules, sizeof(*s->rules), sort_rules) &&
	       is_sorted(s->sysctls, s->n_sysctls, sizeof(*s->sysctls), sort_sysctls) &&
	       is_sorted(s->altnames, s->n_altnames, sizeof(*s->altnames), sort_texts);
}

static bool is_master_sorted(const struct model_master *m)
{
	if (!is_sorted(m->routes, m->n_routes, sizeof(*m->routes), sort_routes) ||
	    !is_sorted(m->sysctls, m->n_sysctls, sizeof(*m->sysctls), sort_sysctls) ||
	    !is_sorted(m->saved, m->n_saved, sizeof(*m->saved), sort_saved) ||
	    !is_sorted(m->slaves, m->n_slaves, sizeof(*m->slaves), sort_slaves))
		return false;
	for (size_t i = 0; i < m->n_slaves; i++) {
		if (!is_slave_sorted(&m->slaves[i]))
			return false;
	}
	return true;
}

bool model_is_sorted(const struct model *m)
{
	if (!is_sorted(m->masters, m->n_masters, sizeof(*m->masters), sort_masters) ||
	    !is_sorted(m->namespaces, m->n_namespaces, sizeof(*m->namespaces),
		       sort_netns))
		return false;
	for (size_t i = 0; i < m->n_masters; i++) {
		if (!is_master_sorted(&m->masters[i]))
			return false;
	}
	return true;
}

struct model_master *model_find_master(const struct model *m, const char *netns,
				       const char *name)
{
	struct model_master key = {.netns = netns, .name = name};

	if (!m->n_masters)
		return NULL;
	return bsearch(&key, m->masters, m->n_masters, sizeof(key), sort_masters);
}

bool model_has_namesake(const struct model *scope, const char *netns, const char *name)
{
	const struct model_master *m = model_find_master(scope, netns, name);

	return m && model_match_is_set(&m->match);
}

struct model_slave *model_find_slave(const struct model_master *m, const char *netns,
				     const char *name)
{
	struct model_slave key = {.netns = netns, .name = name};

	if (!m->n_slaves)
		return NULL;
	return bsearch(&key, m->slaves, m->n_slaves, sizeof(key), sort_slaves);
}

uint32_t model_netns_pid(const char *path)
{
	uint64_t pid;
	char digits[16];
	size_t n;

	if (strncmp(path, "/proc/", 6) != 0)
		return 0;
	n = strspn(path + 6, "0123456789");
	if (!n || n >= sizeof(digits) || path[6 + n] != '/')
		return 0;
	memcpy(digits, path + 6, n);
	digits[n] = '\0';
	return text_to_uint(digits, 1, INT32_MAX, &pid) ? (uint32_t)pid : 0;
}

bool model_netns_is_nameless(const char *netns)
{
	return !strncmp(netns, "/nsid/", strlen("/nsid/"));
}

struct model_netns *model_need_left_netns(struct arena *a, const struct model *scope,
					  struct model *have, const char *name,
					  bool may_add)
{
	const struct model_netns *asked = model_find_netns(scope, name);
	size_t cap = have->n_namespaces;

	if (asked)
		return asked->is_wanted ? NULL
					: &have->namespaces[asked - scope->namespaces];
	for (size_t i = scope->n_namespaces; i < have->n_namespaces; i++) {
		if (!strcmp(have->namespaces[i].name, name))
			return &have->namespaces[i];
	}
	if (!may_add)
		return NULL;
	have->namespaces = arena_grow(a, have->namespaces, have->n_namespaces, &cap,
				      sizeof(*have->namespaces));
	have->namespaces[have->n_namespaces] =
		(struct model_netns){.name = arena_strdup(a, name)};
	return &have->namespaces[have->n_namespaces++];
}

bool model_netns_is_another(const struct model_netns *want,
			    const struct model_netns *have)
{
	return (want->inode && want->inode != have->seen.inode) ||
	       (want->cookie && have->seen.cookie && want->cookie != have->seen.cookie);
}

bool model_netns_is_replaced(const struct model_netns *n,
			     const struct model_process *process, uint64_t inode)
{
	/* A symlink that now leads through another process is another text. */
	if (!n->bound.pid || n->bound.pid != process->pid)
		return false;
	return !n->inode || n->bound.start != process->start || n->inode != inode;
}

#define HANDED_OVER "ipvl:"

void model_hand_over(struct arena *a, struct model_slave *s)
{
	s->addresses_managed = false;
	s->n_addresses = s->n_address_options = s->n_routes = s->n_rules = 0;
	s->alias = arena_printf(a, HANDED_OVER "%s", model_slave_label(a, s));
	s->settled = (struct model_settled){0};
}

bool model_parse_handed_over(struct arena *a, const char *alias, const char **ret_netns,
			     const char **ret_name)
{
	const size_t n_prefix = sizeof(HANDED_OVER) - 1;
	const char *label = alias + n_prefix, *slash;

	if (strncmp(alias, HANDED_OVER, n_prefix) != 0)
		return false;
	/* A name has no slash, and a namespace may be a path. */
	slash = strrchr(label, '/');
	*ret_netns = slash ? arena_printf(a, "%.*s", (int)(slash - label), label) : "";
	*ret_name = slash ? slash + 1 : label;
	return true;
}

struct model_slave *model_find_handed_over(struct arena *a, const struct model_master *m,
					   const char *alias)
{
	const char *netns, *name;
	struct model_slave *s = model_parse_handed_over(a, alias, &netns, &name)
					? model_find_slave(m, netns, name)
					: NULL;

	return s && s->is_handed_over ? s : NULL;
}

const struct model_address_seen *model_find_noted(const struct model_slave *have,
						  const struct ip_prefix *address)
{
	for (size_t i = 0; i < have->seen.n_noted; i++) {
		if (!ip_prefix_cmp(&have->seen.noted[i].address, address))
			return &have->seen.noted[i];
	}
	return NULL;
}

bool model_has_address(const struct model_slave *s, const struct ip_prefix *address)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!ip_prefix_cmp(&s->addresses[i], address))
			return true;
	}
	return false;
}

const struct model_address_options *model_find_options(const struct model_slave *s,
						       const struct ip_prefix *address)
{
	for (size_t i = 0; i < s->n_address_options; i++) {
		if (!ip_prefix_cmp(&s->address_options[i].address, address))
			return &s->address_options[i];
	}
	return NULL;
}

unsigned int model_address_notes(const struct model_slave *want,
				 const struct model_slave *have,
				 const struct ip_prefix *address)
{
	return model_address_compare(want ? model_find_options(want, address) : NULL,
				     model_find_noted(have, address), have->name);
}

struct model_netns *model_find_netns(const struct model *m, const char *name)
{
	struct model_netns key = {.name = name};

	if (!m->n_namespaces)
		return NULL;
	return bsearch(&key, m->namespaces, m->n_namespaces, sizeof(key), sort_netns);
}

struct model_master model_master_named(const char *netns, const char *name)
{
	return (struct model_master){
		.netns = netns,
		.name = name,
		.match = model_match_none(),
		.vlan_link = "",
		.seen = {.device = "",
			 .candidates = "",
			 .other_device = "",
			 .kind = "",
			 .stranger = "",
			 .busy = "",
			 .kept_by = "",
			 .now_name = "",
			 .now_since = ""},
	};
}

struct model_slave model_slave_named(const char *netns, const char *name)
{
	struct model_slave s = {.netns = netns, .name = name};

	s.alias = s.vrf = s.pool = s.nameservers = s.search = "";
	s.seen.kind = s.seen.vrf_name = s.seen.resolv_conf = "";
	s.seen.now_netns = s.seen.now_name = "";
	return s;
}

const char *model_master_made_kind(const struct model_master *m)
{
	return *m->vlan_link ? "vlan" : model_kind_name(m->kind);
}

bool model_master_is_made(const struct model_master *m)
{
	return *model_master_made_kind(m);
}

const struct model_master *model_master_below(const struct model *have,
					      const struct model_master *want,
					      const struct model_master *its)
{
	if (*want->vlan_link)
		return model_find_master(have, want->netns, want->vlan_link);
	return model_master_is_made(want) ? NULL : its;
}

const char *model_label(struct arena *a, const char *netns, const char *name)
{
	return *netns ? arena_printf(a, "%s/%s", netns, name) : name;
}

const char *model_slave_label(struct arena *a, const struct model_slave *s)
{
	return model_label(a, s->netns, s->name);
}

const char *model_master_label(struct arena *a, const struct model_master *m)
{
	const char *label = model_label(a, m->netns, m->name);
	bool is_label = strcmp(model_master_device(m), m->name) != 0;

	return is_label ? arena_printf(a, "%s (%s)", label, m->seen.device) : label;
}

const char *model_resolv_conf(struct arena *a, const struct model_slave *s)
{
	const char *at = s->nameservers;
	char *text;

	if (!*s->nameservers && !*s->search)
		return "";
	text = arena_printf(a, "%s\n", MODEL_RESOLV_CONF_MARK);
	while (*at) {
		size_t n = strcspn(at, " ");

		text = arena_printf(a, "%snameserver %.*s\n", text, (int)n, at);
		at += n + strspn(at + n, " ");
	}
	return *s->search ? arena_printf(a, "%ssearch %s\n", text, s->search) : text;
}

/* The rest of the line if it begins with 'key'; NULL if not. From the arena. */
static const char *rest_of(struct arena *a, const char *line, size_t n, const char *key)
{
	size_t skip = strlen(key);

	return n > skip && !strncmp(line, key, skip)
		       ? arena_printf(a, "%.*s", (int)(n - skip), line + skip)
		       : NULL;
}

void model_parse_resolv_conf(struct arena *a, const char *text,
			     const char **ret_nameservers, const char **ret_search)
{
	size_t n = strlen(MODEL_RESOLV_CONF_MARK);
	const char *nameservers = "", *search = "";

	for (const char *line = strncmp(text, MODEL_RESOLV_CONF_MARK "\n", n + 1) ? ""
										  : text;
	     *line; line += n + (line[n] == '\n')) {
		const char *value;

		n = strcspn(line, "\n");
		value = rest_of(a, line, n, "nameserver ");
		if (value)
			nameservers = arena_printf(a, "%s%s%s", nameservers,
						   *nameservers ? " " : "", value);
		value = rest_of(a, line, n, "search ");
		if (value)
			search = value;
	}
	*ret_nameservers = nameservers;
	*ret_search = search;
}
