/* Foreign devices on the masters of a scope: where they must be read, by which questions, and
 * which of our addresses they have.
 *
 * Before our first slave is made on a device, all of them are found: each namespace that
 * was never read is read. Later only those are asked for that the table has, and those in
 * namespaces that got a name since. One that is missing then costs no more than its name
 * in a text, or an address that the kernel refuses. Where nothing is missing, nothing is
 * asked. */
#include "datapath/kernel/observe/observe_strangers.h"

#include "datapath/kernel/events/events.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum need {
	NEED_NOTHING,
	NEED_KNOWN,
	NEED_ALL,
};

static bool is_other_device(const struct observed_master *m)
{
	const char *kind = model_master_made_kind(m->scope);
	bool is_vlan = !strcmp(kind, "vlan");

	return strcmp(m->found->link.kind, kind) != 0 ||
	       (is_vlan && (!m->vlan_link ||
			    strcmp(m->vlan_link->link.name, m->scope->vlan_link) != 0 ||
			    m->found->link.vlan_id != m->scope->vlan_id));
}

/* A device of ours may have to be removed. */
static bool may_go(const struct observation *o, const struct observed_master *m)
{
	return observe_link_is_our_master(o, m->found) &&
	       (m->scope->intent != MODEL_PRESENT || is_other_device(m));
}

/* Foreign devices matter before our first slave is made, and before a device of ours is
 * removed. */
static bool is_decisive(const struct observation *o, const struct observed_master *m)
{
	return !m->ours || may_go(o, m);
}

/* Some process changed the port, perhaps through a device of its own. */
static bool is_port_changed(const struct observed_master *m)
{
	return m->ours && link_type_has(observe_link_type(m), LINK_HAS_PORT) &&
	       (m->ours->link.mode != m->scope->mode ||
		m->ours->link.flag != m->scope->flag);
}

static enum need need_of(const struct observation *o, const struct observed_master *m)
{
	if (!m->found || !m->scope)
		return NEED_NOTHING;
	if (is_decisive(o, m))
		return NEED_ALL;
	return is_port_changed(m) || m->n_lacks ? NEED_KNOWN : NEED_NOTHING;
}

static bool has_moved(const struct observed_master *m)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		if (m->slaves[i].moved_to)
			return true;
	}
	return false;
}

static bool may_be_on(const struct observation *o, const struct stranger *d)
{
	for (size_t i = 0; i < o->n_masters; i++) {
		const struct observed_master *m = &o->masters[i];

		if (need_of(o, m) && m->found->key.ifindex == d->lower)
			return true;
	}
	return false;
}

/* An entry of the table is a hint: each device is asked for, and its answer shows what it
 * is on. */
static struct err *ask_known(struct observation *o)
{
	const struct stranger *d;
	struct link_query *questions = arena_array(
		o->a, HASH_COUNT(o->k->strangers.devices) + 1, sizeof(*questions));
	size_t n = 0;

	for (d = o->k->strangers.devices; d; d = d->hh.next) {
		if (observe_link_find(o, d->key) || !may_be_on(o, d))
			continue;
		questions[n++] = (struct link_query){
			.ns = netns_table_get_nsid(&o->netns, d->key.nsid),
			.ifindex = d->key.ifindex,
			.may_be_gone = true,
		};
	}
	return observe_link_ask(o, questions, n);
}

/* The table has no ports of bridges. They are in the namespace of the bridge. */
static struct err *dump_ports(struct observation *o)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < o->n_masters; i++) {
		const struct observed_master *m = &o->masters[i];

		if (m->found && m->scope && !strcmp(m->found->link.kind, "bridge") &&
		    may_go(o, m))
			e = observe_link_dump(o, m->ns->same);
	}
	return e;
}

/* While events wait to be read, the table may be out of date. */
struct err *observe_strangers_ask(struct observation *o)
{
	enum need need = NEED_NOTHING;
	struct err *e;

	for (size_t i = 0; i < o->n_masters; i++) {
		enum need its = need_of(o, &o->masters[i]);

		if (has_moved(&o->masters[i]))
			return observe_link_dump_all(o);
		if (its > need)
			need = its;
	}
	if (!need || o->is_dumped)
		return NULL;
	if (need == NEED_ALL && events_are_pending(o->k))
		return observe_link_dump_all(o);
	e = need == NEED_ALL ? observe_link_dump_unread(o) : observe_link_dump_named(o);
	if (!e)
		e = ask_known(o);
	return e ? e : dump_ports(o);
}

/* Which addresses slaves lack. */

static int addr_cmp(const void *a, const void *b)
{
	return ip_addr_cmp(a, b);
}

static bool has_address(const struct model_slave *have, const struct ip_prefix *p)
{
	for (size_t i = 0; i < have->n_addresses; i++) {
		if (!ip_prefix_cmp(&have->addresses[i], p))
			return true;
	}
	return false;
}

/* A device on another master will be made anew on this one. */
static void add_lacking(struct observation *o, struct observed_master *m,
			const struct model_slave *scope, const struct model_slave *have)
{
	bool is_kept = have->seen.is_on_master;

	if (scope->intent != MODEL_PRESENT || !scope->addresses_managed)
		return;
	for (size_t i = 0; i < scope->n_addresses; i++) {
		if (is_kept && has_address(have, &scope->addresses[i]))
			continue;
		m->lacks = arena_grow(o->a, m->lacks, m->n_lacks, &m->cap_lacks,
				      sizeof(*m->lacks));
		m->lacks[m->n_lacks++] = scope->addresses[i].addr;
	}
}

static bool lacks(const struct observed_master *m, const struct ip_addr *addr)
{
	return bsearch(addr, m->lacks, m->n_lacks, sizeof(*m->lacks), addr_cmp) != NULL;
}

/* True if any slave of the scope lacks an address. */
static bool find_lacking(struct observation *o, const struct model *have)
{
	bool is_any = false;

	for (size_t i = 0; i < o->n_masters; i++) {
		struct observed_master *m = &o->masters[i];

		if (!m->found || !m->scope || m->scope->intent != MODEL_PRESENT ||
		    !link_type_has(observe_link_type(m), LINK_HAS_UNIQUE_ADDRESSES))
			continue;
		for (size_t k = 0; k < m->n_slaves; k++)
			add_lacking(o, m, m->slaves[k].scope,
				    &have->masters[i].slaves[k]);
		if (m->n_lacks > 1)
			qsort(m->lacks, m->n_lacks, sizeof(*m->lacks), addr_cmp);
		is_any |= m->n_lacks != 0;
	}
	return is_any;
}

/* Which of them a stranger has. */

struct holder {
	struct observation *o;
	const struct observed_link *link;
	const struct observed_master *master;
	struct model_master *have;
	size_t *cap;
};

static void take_address(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct holder *r = aux;
	struct model_master *have = r->have;
	struct arena *a = r->o->a;
	struct ip_prefix p;
	struct nl_addr addr;

	(void)number;
	if (!nl_addr_parse(h, &addr) || addr.ifindex != r->link->link.ifindex)
		return;
	p = addr.prefix;
	/* Linux ipvlan_add_addr4_event() takes IFA_ADDRESS. */
	if (p.addr.family == AF_INET && addr.peer.family)
		p.addr = addr.peer;
	if (!lacks(r->master, &p.addr))
		return;
	have->seen.held = arena_grow(a, have->seen.held, have->seen.n_held, r->cap,
				     sizeof(*have->seen.held));
	have->seen.held[have->seen.n_held++] = (struct model_held){
		.address = p,
		.netns = arena_strdup(a, observe_link_netns(r->o, r->link)),
		.name = arena_strdup(a, r->link->link.name),
	};
	strangers_note_holder(&r->o->k->strangers, r->link->key);
}

/* One that has just gone has no addresses. */
static struct err *read_holder(struct holder *r)
{
	struct nl_msg m;
	struct err *e;

	nl_addr_msg_dump(&m, r->link->key.nsid, r->link->link.ifindex);
	e = nl_dump(r->o->k->sock, &m, take_address, r);
	if (e && (e->sys_errno == ENODEV || e->sys_errno == EINVAL))
		err_free(STEAL(e));
	return e;
}

static struct err *read_holders(struct observation *o, const struct observed_master *m,
				struct model_master *have)
{
	size_t cap = 0;
	struct err *e = NULL;

	for (size_t i = 0; !e && i < o->n; i++) {
		struct holder r = {.o = o,
				   .link = o->list[i],
				   .master = m,
				   .have = have,
				   .cap = &cap};

		if (!observe_link_is_ours(o, r.link) &&
		    observe_link_is_sibling(r.link, m))
			e = read_holder(&r);
	}
	return e ? err_wrap(e, "cannot read the addresses of foreign ipvlans on %s",
			    m->name)
		 : NULL;
}

struct err *observe_strangers_hold(struct observation *o, struct model *have)
{
	struct err *e;

	if (!find_lacking(o, have))
		return NULL;
	e = observe_link_dump_named(o);
	if (!e)
		e = ask_known(o);
	for (size_t i = 0; !e && i < o->n_masters; i++) {
		if (o->masters[i].n_lacks)
			e = read_holders(o, &o->masters[i], &have->masters[i]);
	}
	return e;
}
