/* What was found of each namespace: those of the scope, and those where a crash has left something
 * of ours behind. */
#include "datapath/kernel/observe/observe_netns.h"

#include "datapath/kernel/files/resolv.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/netlink/nl_rule.h"

#include <string.h>

static enum model_netns_trouble trouble_of(enum netns_state state)
{
	switch (state) {
	case NETNS_MISSING:
	case NETNS_DEAD:
	case NETNS_LIVE:
		break;
	case NETNS_OTHER:
		return MODEL_NETNS_OTHER;
	case NETNS_DENIED:
		return MODEL_NETNS_DENIED;
	case NETNS_REPLACED:
		return MODEL_NETNS_REPLACED;
	}
	return MODEL_NETNS_FINE;
}

/* Ours, or "". Rows that want the namespace have slaves there, which show it. */
static const char *resolv_of_netns(const struct observation *o,
				   const struct model_netns *n)
{
	bool is_foreign;

	return n->is_wanted || !nsfs_is_name(n->name)
		       ? ""
		       : resolv_read(&o->k->resolv, o->a, n->name, &is_foreign);
}

static struct model_netns netns_as_found(struct observation *o,
					 const struct model_netns *scope)
{
	struct netns_ref *s = netns_table_add(&o->netns, scope->name);

	return (struct model_netns){
		.name = scope->name,
		.is_wanted = scope->is_wanted,
		.is_ours = scope->is_ours,
		.inode = scope->inode,
		.cookie = scope->cookie,
		.seen.cookie = s->cookie,
		.bound = scope->bound,
		.seen.exists = s->state == NETNS_LIVE,
		.seen.is_own = s->state == NETNS_LIVE && s->nsid == NSID_HERE,
		.seen.trouble = trouble_of(s->state),
		.seen.what = s->what,
		.seen.process = s->process,
		.seen.is_dead_file = s->state == NETNS_DEAD,
		.seen.inode = s->state == NETNS_LIVE ? s->inode : 0,
		.seen.is_occupied = s->state == NETNS_LIVE && s->same->is_occupied,
		.seen.resolv_conf = resolv_of_netns(o, scope),
	};
}

void observe_netns_fill(struct observation *o, struct model *have)
{
	have->n_namespaces = o->scope->n_namespaces;
	have->namespaces =
		arena_array(o->a, have->n_namespaces, sizeof(*have->namespaces));
	for (size_t i = 0; i < have->n_namespaces; i++)
		have->namespaces[i] = netns_as_found(o, &o->scope->namespaces[i]);
}

/* --- what is left where no slave is --- */

static struct model_netns *need_netns(struct observation *o, struct model *have,
				      const char *name)
{
	return model_need_left_netns(o->a, o->scope, have, name,
				     o->depth == DATAPATH_EVERYTHING);
}

/* Those of the scope were read. */
static void find_files(struct observation *o, struct model *have)
{
	size_t n;
	const char **names = resolv_folders(&o->k->resolv, o->a, &n);

	for (size_t i = 0; i < n; i++) {
		const char *text = "";

		if (nsfs_is_name(names[i]) && !model_find_netns(o->scope, names[i]))
			text = resolv_read_marked(&o->k->resolv, o->a, names[i]);
		if (*text)
			need_netns(o, have, names[i])->seen.resolv_conf = text;
	}
}

/* What one namespace holds. */
struct left {
	struct observation *o;
	struct model_rule *rules;
	size_t n_rules, rules_cap;
	struct model_route *rejects;
	size_t n_rejects, rejects_cap;
};

static void take_rule(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct left *left = aux;
	uint8_t ours = left->o->k->config.route_protocol;
	struct nl_rule r;

	(void)number;
	if (!nl_rule_parse(h, &r) || r.extra || r.protocol != ours)
		return;
	left->rules = arena_grow(left->o->a, left->rules, left->n_rules, &left->rules_cap,
				 sizeof(*left->rules));
	left->rules[left->n_rules++] = r.rule;
}

static void take_reject(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct left *left = aux;
	struct nl_route r;

	(void)number;
	if (!nl_route_parse(h, &r) || !model_route_is_reject(&r.route) ||
	    r.protocol != left->o->k->config.route_protocol)
		return;
	left->rejects = arena_grow(left->o->a, left->rejects, left->n_rejects,
				   &left->rejects_cap, sizeof(*left->rejects));
	left->rejects[left->n_rejects++] = r.route;
}

static struct err *read_left(struct left *left, const struct netns_ref *s)
{
	struct kernel *k = left->o->k;
	struct nl_socket *sock;
	struct nl_msg m;
	struct err *e = netns_ref_open_socket(k, s, &sock);

	if (e)
		return e;
	nl_route_msg_dump(&m, k->config.route_protocol, 0);
	e = nl_dump(sock, &m, take_reject, left);
	if (!e)
		e = nl_rule_dump(sock, take_rule, left);
	netns_ref_close_socket(k, sock);
	return e;
}

static struct err *find_inside(struct observation *o, struct model *have,
			       const struct netns_ref *s)
{
	struct left left = {.o = o};
	struct model_netns *found;
	struct err *e = read_left(&left, s);

	if (e)
		return err_wrap(e, "cannot read the rules in %s",
				*s->text ? s->text : "this namespace");
	found = left.n_rules || left.n_rejects ? need_netns(o, have, s->text) : NULL;
	if (!found)
		return NULL;
	found->seen.rules = left.rules;
	found->seen.n_rules = left.n_rules;
	found->seen.rejects = left.rejects;
	found->seen.n_rejects = left.n_rejects;
	return NULL;
}

static void note_marks(struct observation *o)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct observed_link *f = o->list[i];

		if (f->link.type && f->link.group && !observe_link_is_ours(o, f))
			f->ns->same->has_others_mark = true;
	}
}

static bool may_be_left_in(const struct observation *o, const struct netns_ref *s)
{
	const struct model_netns *asked = model_find_netns(o->scope, s->text);

	return s->state == NETNS_LIVE && s->same == s && !s->has_shown_slave &&
	       !s->is_going && !s->has_others_mark &&
	       (!*s->text || nsfs_is_name(s->text)) &&
	       (asked ? !asked->is_wanted : o->depth == DATAPATH_EVERYTHING);
}

struct err *observe_netns_find_left(struct observation *o, struct model *have)
{
	struct err *e = NULL;

	if (o->depth == DATAPATH_EVERYTHING)
		find_files(o, have);
	note_marks(o);
	for (size_t i = 0; !e && i < o->netns.n; i++) {
		if (may_be_left_in(o, o->netns.list[i]))
			e = find_inside(o, have, o->netns.list[i]);
	}
	return e;
}
