/* Host access of a master: the slave that it stands for, in the namespace of the master. */
#include "config/yaml/declare.h"
#include "lib/alloc.h"

#include <string.h>

struct shim {
	struct model_slave m;
	struct object_places places;
};

/* A host's address, without a length. False after a complaint. */
static bool read_shim_address(struct declare *r, const struct node *item,
			      struct declare_address *ret)
{
	const char *text = declare_text(r, item, "host-access");
	struct err *e = text ? ip_addr_parse(text, &ret->prefix.addr) : NULL;

	if (e)
		declare_fail(
			r, item,
			err_hint(e, "write free addresses of the slaves' subnet "
				    "without a length, as in [192.0.2.250], or `true`"));
	ret->prefix.len = (uint8_t)ip_addr_bits(&ret->prefix.addr);
	ret->place = item->place;
	return text && !e;
}

/* False: the host gets no access, perhaps after a complaint. */
static bool read_shim(struct declare *r, const struct node *value, struct shim *s)
{
	bool is_list = value->kind == NODE_LIST;
	size_t n = is_list ? value->n_items
			   : value->kind == NODE_SCALAR && strpbrk(value->text, ".:");
	CLEANUP(freep) struct declare_address *all = xcalloc(n, sizeof(*all));
	bool is_broken = false;

	s->m.host_access = true;
	if (is_list && !n)
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID, "`host-access` is empty"),
				      "write `host-access: false` for none"));
	if (!n)
		return !is_list &&
		       declare_boolean(r, value, "host-access", &s->m.host_access) &&
		       s->m.host_access;
	for (size_t i = 0; i < n; i++)
		is_broken |=
			!read_shim_address(r, is_list ? value->items[i] : value, &all[i]);
	if (!is_broken)
		declare_put_addresses(r, &s->m, &s->places, all, n);
	return !is_broken;
}

static bool check_shim(struct declare *r, const struct node *value, const struct shim *s,
		       const struct model_master *m)
{
	if (strlen(s->m.name) > MODEL_NAME_MAX_BYTES)
		declare_fail(
			r, value,
			err_hint(err_new(ERR_INVALID,
					 "the slave that gives the host access would be "
					 "called %s, which is too long",
					 s->m.name),
				 "declare it under `slaves`, as {name: shim0, "
				 "addresses: [192.0.2.250/32], host-access: true}"));
	else if (m->mode == MODEL_MODE_L2 && !s->m.n_addresses)
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID,
					      "in mode l2 the slave that gives the host "
					      "access needs an address for the others to "
					      "answer to"),
				      "write a free address of their subnet, as in "
				      "`host-access: 192.0.2.250`"));
	else
		return true;
	return false;
}

static struct shim new_shim(struct declare *r, const struct model_master *m,
			    const struct place *place)
{
	struct shim s = {.m = model_slave_named(
				 "", arena_printf(r->d->arena, "shim-%s", m->name))};

	s.m.addresses_managed = true;
	s.places.object = s.places.fields[VALID_HOST_ACCESS] = *place;
	return s;
}

static void add_shim(struct declare *r, const struct shim *s, struct model_master *m,
		     struct object_places *places)
{
	struct model_slave *slaves;
	struct object_places *its;
	size_t at = 0;

	slaves = arena_array(r->d->arena, m->n_slaves + 1, sizeof(*slaves));
	its = arena_array(r->d->arena, m->n_slaves + 1, sizeof(*its));
	while (at < m->n_slaves && model_slave_cmp(&m->slaves[at], &s->m) < 0)
		at++;
	for (size_t i = 0; i < m->n_slaves; i++) {
		slaves[i + (i >= at)] = m->slaves[i];
		its[i + (i >= at)] = places->slaves[i];
	}
	slaves[at] = s->m;
	its[at] = s->places;
	m->slaves = slaves;
	places->slaves = its;
	m->n_slaves++;
}

void declare_host_access(struct declare *r, const struct node *value,
			 struct model_master *m, struct object_places *places)
{
	struct shim s = new_shim(r, m, &value->place);

	if (read_shim(r, value, &s) && check_shim(r, value, &s, m))
		add_shim(r, &s, m, places);
}

/* In mode l3s the host answers ARP for the slaves if it reaches them by another device than
 * the master (kernel.md 32). A mode or flag that access is refused with has no such slave. */
static bool needs_access(const struct model_master *m)
{
	const struct model_sysctl *proxy =
		model_sysctl_find(m->sysctls, m->n_sysctls, "ipv4.proxy_arp");

	if (!proxy || !strcmp(proxy->value, "0") || m->mode != MODEL_MODE_L3S ||
	    m->flag != MODEL_FLAG_BRIDGE)
		return false;
	for (size_t i = 0; i < m->n_slaves; i++) {
		if (!*m->slaves[i].netns && m->slaves[i].host_access)
			return false;
	}
	return m->n_slaves;
}

void declare_default_access(struct declare *r, struct model_master *m,
			    struct object_places *places)
{
	struct shim s = new_shim(r, m, &places->fields[VALID_SYSCTL]);

	s.m.host_access = true;
	if (needs_access(m) && strlen(s.m.name) <= MODEL_NAME_MAX_BYTES)
		add_shim(r, &s, m, places);
}
