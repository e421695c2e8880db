/* Rules of policy routing as values: order, likeness, text. */
#include "datapath/model_rule.h"

#include <string.h>

static int uint32_cmp(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int key_cmp(const struct model_rule *a, const struct model_rule *b)
{
	int c = uint32_cmp(a->from.addr.family, b->from.addr.family);

	if (!c)
		c = uint32_cmp(a->priority, b->priority);
	if (!c)
		c = ip_prefix_cmp(&a->from, &b->from);
	if (!c)
		c = ip_prefix_cmp(&a->to, &b->to);
	if (!c)
		c = uint32_cmp(a->tos, b->tos);
	return c ? c : uint32_cmp(a->mark, b->mark);
}

int model_rule_cmp(const struct model_rule *a, const struct model_rule *b)
{
	int c = key_cmp(a, b);

	return c ? c : uint32_cmp(a->table, b->table);
}

bool model_rule_has_same_key(const struct model_rule *a, const struct model_rule *b)
{
	return !key_cmp(a, b);
}

/* Linux fib4_rule_compare(), fib6_rule_compare(). */
static bool has_prefix(const struct ip_prefix *want, const struct ip_prefix *have)
{
	return !want->len || !ip_prefix_cmp(want, have);
}

bool model_rule_covers(const struct model_rule *general, const struct model_rule *special)
{
	return general->from.addr.family == special->from.addr.family &&
	       general->priority == special->priority &&
	       general->table == special->table && model_rule_cmp(general, special) &&
	       has_prefix(&general->from, &special->from) &&
	       has_prefix(&general->to, &special->to) &&
	       (!general->tos || general->tos == special->tos) &&
	       (!general->mark || general->mark == special->mark);
}

/* As `ip rule` prints it: a host has no length. */
static const char *prefix_text(struct arena *a, const struct ip_prefix *p)
{
	char buf[IP_TEXT_BYTES];

	return arena_strdup(a, p->len == ip_addr_bits(&p->addr)
				       ? ip_addr_format(&p->addr, buf)
				       : ip_prefix_format(p, buf));
}

const char *model_rule_text(struct arena *a, const struct model_rule *r)
{
	const char *text = "";

	if (r->from.len || !r->to.len)
		text = arena_printf(a, "from %s ", prefix_text(a, &r->from));
	if (r->to.len)
		text = arena_printf(a, "%sto %s ", text, prefix_text(a, &r->to));
	if (r->tos)
		text = arena_printf(a, "%stos 0x%02x ", text, r->tos);
	if (r->mark)
		text = arena_printf(a, "%sfwmark 0x%x ", text, r->mark);
	text = arena_printf(a, "%stable %u", text, r->table);
	return r->priority == MODEL_RULE_PRIORITY
		       ? text
		       : arena_printf(a, "%s priority %u", text, r->priority);
}
