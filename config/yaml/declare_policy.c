/* `routing-policy:` of a slave, from the tree of values to the model. The keys are those of
 * netplan. */
#include "config/yaml/declare.h"

#include "config/canon.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <sys/socket.h>

struct policy {
	struct model_rule m;
	struct place object, to, tos;
	bool is_broken;
};

static void read_prefix(struct declare *r, const struct node *value, const char *key,
			struct policy *p, struct ip_prefix *prefix)
{
	const char *text = declare_text(r, value, key);
	struct err *e = text ? canon_rule_prefix(text, prefix) : NULL;

	p->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_from(struct declare *r, const struct node *value, void *object)
{
	struct policy *p = object;

	read_prefix(r, value, "from", p, &p->m.from);
}

static void read_to(struct declare *r, const struct node *value, void *object)
{
	struct policy *p = object;

	p->to = value->place;
	read_prefix(r, value, "to", p, &p->m.to);
}

static void read_table(struct declare *r, const struct node *value, void *object)
{
	struct policy *p = object;
	const char *text = declare_text(r, value, "table");
	struct err *e = text ? canon_route_table(text, &p->m.table) : NULL;

	p->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_priority(struct declare *r, const struct node *value, void *object)
{
	struct policy *p = object;
	uint64_t priority = 0;

	p->is_broken |= !declare_number(r, value, "priority", 0, UINT32_MAX, &priority);
	p->m.priority = (uint32_t)priority;
}

static void read_mark(struct declare *r, const struct node *value, void *object)
{
	struct policy *p = object;
	const char *text = declare_text(r, value, "mark");
	struct err *e = text ? canon_rule_mark(text, &p->m.mark) : NULL;

	p->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_tos(struct declare *r, const struct node *value, void *object)
{
	struct policy *p = object;
	const char *text = declare_text(r, value, "type-of-service");
	struct err *e = text ? canon_rule_tos(text, &p->m.tos) : NULL;

	p->tos = value->place;
	p->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static const struct declare_key keys[] = {
	{.name = "from", .read = read_from},
	{.name = "to", .read = read_to},
	{.name = "table", .read = read_table},
	{.name = "priority", .read = read_priority},
	{.name = "mark", .read = read_mark},
	{.name = "type-of-service", .read = read_tos},
};

static const struct declare_stranger strangers[] = {
	{"lookup", "a rule's table is called `table`", "write `table: NUMBER`"},
	{"fwmark", "a rule's mark is called `mark`", "write `mark: NUMBER`"},
	{"tos", "this key is called `type-of-service`",
	 "write `type-of-service: NUMBER`"},
	{"pref", "this key is called `priority`", "write `priority: NUMBER`"},
	{"family", "the family of a rule is that of `from` or `to`",
	 "write `from: 0.0.0.0/0` or `from: \"::/0\"`"},
};

static const struct declare_kind kind = {
	.what = "a rule",
	.example = "{from: 192.168.9.2, table: 100}",
	.keys = keys,
	.n_keys = ARRAY_SIZE(keys),
	.strangers = strangers,
	.n_strangers = ARRAY_SIZE(strangers),
};

/* False after a complaint. */
static bool finish(struct declare *r, struct policy *p)
{
	enum canon_rule_part part = CANON_RULE_OBJECT;
	struct err *e = canon_rule_finish(&p->m, &part);

	if (e)
		document_errors_add(r->errors, r->d,
				    part == CANON_RULE_TO    ? p->to
				    : part == CANON_RULE_TOS ? p->tos
							     : p->object,
				    e);
	return !e;
}

/* A mark is of no family: such a rule is one of each. Returns how many were read. */
static size_t read_policy(struct declare *r, const struct node *node,
			  struct policy out[static 2])
{
	struct policy *p = &out[0];
	bool is_any;

	*p = (struct policy){.m.priority = MODEL_RULE_PRIORITY, .object = node->place};
	if (!declare_map(r, node, &kind, p) || p->is_broken)
		return 0;
	is_any = !p->m.from.addr.family && !p->m.to.addr.family;
	if (is_any && !p->m.mark) {
		declare_fail(
			r, node,
			err_hint(err_new(ERR_INVALID,
					 "a rule with neither `from`, `to` nor `mark` "
					 "selects nothing"),
				 "add `from: NETWORK`; all of IPv4 is 0.0.0.0/0, all "
				 "of IPv6 \"::/0\""));
		return 0;
	}
	out[1] = *p;
	if (is_any) {
		p->m.from.addr.family = AF_INET;
		out[1].m.from.addr.family = AF_INET6;
	}
	return finish(r, p) ? 1U + (is_any && finish(r, &out[1])) : 0;
}

/* Equal rules stay in the order of the file, so that the complaint is about the later one. */
static int policy_cmp(const void *a, const void *b)
{
	const struct policy *x = a, *y = b;
	const struct place *p = &x->object, *q = &y->object;
	int c = model_rule_cmp(&x->m, &y->m);

	if (c || p->line != q->line)
		return c ? c : p->line < q->line ? -1 : 1;
	return (p->column > q->column) - (p->column < q->column);
}

void declare_rules(struct declare *r, const struct node *value, struct declare_rules *ret)
{
	CLEANUP(freep) struct policy *all = NULL;
	size_t n = 0;

	*ret = (struct declare_rules){0};
	if (!declare_list(r, value, "routing-policy"))
		return;
	all = xcalloc(2 * value->n_items + 2, sizeof(*all));
	for (size_t i = 0; i < value->n_items; i++)
		n += read_policy(r, value->items[i], &all[n]);
	qsort(all, n, sizeof(*all), policy_cmp);
	ret->rules = arena_array(r->d->arena, n, sizeof(*ret->rules));
	ret->places = arena_array(r->d->arena, n, sizeof(*ret->places));
	ret->n = n;
	for (size_t i = 0; i < n; i++) {
		ret->rules[i] = all[i].m;
		ret->places[i] = all[i].object;
	}
}
