/* Foreign devices on the masters of a scope: where they must be read, and by which
 * questions.
 *
 * Before our first slave is made on a device, all of them are found: each namespace that
 * was never read is read. Later only those are asked for that the table has, and those in
 * namespaces that got a name since. One that is missing then costs no more than its name
 * in a text. */
#include "datapath/kernel/observe_strangers.h"

#include "datapath/kernel/events.h"

#include <string.h>

enum need {
	NEED_NOTHING,
	NEED_KNOWN,
	NEED_ALL,
};

static bool is_our_vlan(const struct observation *o, const struct observed_link *f)
{
	return !strcmp(f->link.kind, "vlan") && f->link.group == o->k->config.mark;
}

/* Foreign devices matter before our first slave is made, and before a VLAN of ours is
 * removed. */
static bool is_decisive(const struct observation *o, const struct observed_master *m)
{
	return !m->ours || (is_our_vlan(o, m->found) &&
			    (m->scope->intent != MODEL_PRESENT || !m->vlan_link ||
			     strcmp(m->vlan_link->link.name, m->scope->vlan_link) ||
			     m->found->link.vlan_id != m->scope->vlan_id));
}

/* Some process changed the port, perhaps through a device of its own. */
static bool is_port_changed(const struct observed_master *m)
{
	return m->ours && (m->ours->link.mode != m->scope->mode ||
			   m->ours->link.flag != m->scope->flag);
}

static enum need need_of(const struct observation *o, const struct observed_master *m)
{
	if (!m->found || !m->scope)
		return NEED_NOTHING;
	if (is_decisive(o, m))
		return NEED_ALL;
	return is_port_changed(m) ? NEED_KNOWN : NEED_NOTHING;
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
	return e ? e : ask_known(o);
}
