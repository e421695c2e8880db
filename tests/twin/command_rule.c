/* `ip rule`: read and written. */
#include "tests/twin/command_rule.h"

#include "config/canon.h"

#include <string.h>
#include <sys/socket.h>

/* Takes one attribute; '*ret_more' is false if the next word is none. */
static struct err *read_word(struct words *w, struct twin_rule_request *r, bool *ret_more)
{
	struct ip_prefix *prefix = words_take(w, "from") ? &r->rule.from
				   : words_take(w, "to") ? &r->rule.to
							 : NULL;
	const char *text;
	uint64_t n = 0;
	struct err *e;

	*ret_more = true;
	if (prefix) {
		e = words_next(w, "a prefix", &text);
		return e ? e : canon_rule_prefix(text, prefix);
	}
	if (words_take(w, "tos") || words_take(w, "fwmark")) {
		bool is_tos = !strcmp(w->words[w->at - 1], "tos");

		e = words_next(w, "a number", &text);
		if (e)
			return e;
		return is_tos ? canon_rule_tos(text, &r->rule.tos)
			      : canon_rule_mark(text, &r->rule.mark);
	}
	if (words_take(w, "table")) {
		e = words_number(w, "a table", UINT32_MAX, &n);
		r->rule.table = (uint32_t)n;
		return e;
	}
	if (words_take(w, "priority")) {
		e = words_number(w, "a priority", UINT32_MAX, &n);
		r->rule.priority = (uint32_t)n;
		r->has_priority = true;
		return e;
	}
	if (words_take(w, "proto"))
		return command_read_number(w, command_protocols, "a protocol",
					   &r->protocol);
	*ret_more = false;
	return NULL;
}

struct err *command_read_rule(struct words *w, struct twin_request *r)
{
	struct twin_rule_request *rule = &r->u.rule;
	uint8_t family;
	bool more = true;
	struct err *e = NULL;

	if (words_take(w, "add"))
		*r = (struct twin_request){.kind = TWIN_RULE_NEW,
					   .netns = r->netns,
					   .flags = TWIN_CREATE | TWIN_EXCL};
	else if (words_take(w, "del"))
		*r = (struct twin_request){.kind = TWIN_RULE_DEL, .netns = r->netns};
	else
		return words_expected(w, "add or del");
	while (!e && more)
		e = read_word(w, rule, &more);
	family = rule->rule.from.addr.family ? rule->rule.from.addr.family
		 : rule->rule.to.addr.family ? rule->rule.to.addr.family
					     : AF_INET;
	rule->rule.from.addr.family = rule->rule.to.addr.family = family;
	return e;
}

const char *command_rule_text(struct arena *a, const struct twin_request *r)
{
	const struct twin_rule_request *q = &r->u.rule;
	struct model_rule rule = q->rule;
	const char *line = r->kind == TWIN_RULE_NEW ? "add" : "del";
	char buf[IP_TEXT_BYTES];

	line = arena_printf(a, "%s from %s", line, ip_prefix_format(&rule.from, buf));
	if (rule.to.len)
		line = arena_printf(a, "%s to %s", line, ip_prefix_format(&rule.to, buf));
	if (rule.tos)
		line = arena_printf(a, "%s tos %u", line, rule.tos);
	if (rule.mark)
		line = arena_printf(a, "%s fwmark %u", line, rule.mark);
	if (rule.table)
		line = arena_printf(a, "%s table %u", line, rule.table);
	if (q->has_priority)
		line = arena_printf(a, "%s priority %u", line, rule.priority);
	if (q->protocol)
		line = arena_printf(
			a, "%s proto %s", line,
			command_number_name(a, command_protocols, q->protocol));
	return line;
}
