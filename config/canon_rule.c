/* The canonical text of a rule of policy routing, in the words of `ip rule add` (ip-rule(8)).
 *
 * A rule has one text: its default priority is left out, and so is what selects everything, but for
 * one that has no address: "from 0.0.0.0/0" or "from ::/0" is its family. */
#include "config/canon.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Linux IPTOS_RT_MASK; inet_validate_dscp() (kernel.md 30). */
#define TOS_IPV4 0x1cU
#define TOS_ECN  0x03U

struct err *canon_rule_prefix(const char *text, struct ip_prefix *ret_prefix)
{
	static const char forms[] = "write a network as in 192.168.9.0/24, or a host's "
				    "address; all of them are "
				    "0.0.0.0/0 or ::/0";
	char buf[IP_TEXT_BYTES];
	struct ip_prefix p = {0}, network;
	struct err *e;

	if (strchr(text, '/')) {
		e = ip_prefix_parse(text, &p);
	} else {
		e = ip_addr_parse(text, &p.addr);
		p.len = e ? 0 : (uint8_t)ip_addr_bits(&p.addr);
	}
	if (e)
		return err_find_hint(e) ? e : err_hint(e, "%s", forms);
	network = ip_prefix_network(&p);
	if (ip_prefix_cmp(&network, &p)) {
		ip_prefix_format(&network, buf);
		return err_hint(
			err_new(ERR_INVALID,
				"%s is a host in %s, and a rule is about a network", text,
				buf),
			"write %s for the network, or the address without a length for "
			"the host alone",
			buf);
	}
	*ret_prefix = p;
	return NULL;
}

/* In decimal, or in hexadecimal as `ip` prints it. */
static struct err *parse_number(const char *what, const char *text, uint32_t min,
				uint32_t max, uint32_t *ret_number)
{
	char *end = NULL;
	uint64_t n = 0;

	if (!strncmp(text, "0x", 2) && strlen(text) <= 10 &&
	    strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2) && text[2])
		n = strtoull(text, &end, 16);
	else if (!text_to_uint(text, min, max, &n))
		end = NULL;
	else
		end = strchr(text, '\0');
	if (!end || n < min || n > max)
		return err_new(ERR_INVALID, "%s \"%s\" is not a number from %u to %u",
			       what, text, min, max);
	*ret_number = (uint32_t)n;
	return NULL;
}

struct err *canon_rule_mark(const char *text, uint32_t *ret_mark)
{
	return parse_number("mark", text, 1, UINT32_MAX, ret_mark);
}

struct err *canon_rule_tos(const char *text, uint8_t *ret_tos)
{
	uint32_t tos;
	struct err *e = parse_number("type of service", text, 1, UINT8_MAX, &tos);

	if (!e)
		*ret_tos = (uint8_t)tos;
	return e;
}

static struct err *check_tos(const struct model_rule *r)
{
	bool is_ipv4 = r->from.addr.family == AF_INET;

	if (r->tos & TOS_ECN)
		return err_hint(
			err_new(ERR_INVALID,
				"type of service 0x%02x has the bits of ECN, which "
				"no rule can select by",
				r->tos),
			"write a multiple of 4, as in 0x10");
	if (is_ipv4 && r->tos & ~TOS_IPV4)
		return err_hint(err_new(ERR_INVALID,
					"a rule of IPv4 cannot have the type of service "
					"0x%02x: Linux takes 0x04 to 0x1c",
					r->tos),
				"mark such packets, and select by the mark");
	return NULL;
}

static struct err *check_parts(const struct model_rule *r, enum canon_rule_part *ret_part)
{
	char from[IP_TEXT_BYTES], to[IP_TEXT_BYTES];

	*ret_part = CANON_RULE_OBJECT;
	if (!r->from.addr.family && !r->to.addr.family)
		return err_hint(
			err_new(ERR_INVALID,
				"a rule with neither `from` nor `to` has no family"),
			"write `from 0.0.0.0/0` for IPv4, or `from ::/0` for IPv6");
	if (!r->table)
		return err_hint(err_new(ERR_INVALID, "a rule without a table"),
				"add its table: a number, or `main`");
	*ret_part = CANON_RULE_TO;
	if (r->from.addr.family && r->to.addr.family &&
	    r->from.addr.family != r->to.addr.family)
		return err_hint(err_new(ERR_INVALID,
					"a rule from %s to %s mixes IPv4 and IPv6",
					ip_prefix_format(&r->from, from),
					ip_prefix_format(&r->to, to)),
				"both must be IPv4, or both IPv6");
	return NULL;
}

struct err *canon_rule_finish(struct model_rule *r, enum canon_rule_part *ret_part)
{
	enum canon_rule_part part;
	struct err *e = check_parts(r, &part);

	if (!e) {
		if (!r->from.addr.family)
			r->from.addr.family = r->to.addr.family;
		if (!r->to.addr.family)
			r->to.addr.family = r->from.addr.family;
		part = CANON_RULE_TOS;
		e = check_tos(r);
	}
	if (e && ret_part)
		*ret_part = part;
	return e;
}

/* The words of `ip rule`. */

static struct err *set_from(struct model_rule *r, const char *value)
{
	return canon_rule_prefix(value, &r->from);
}

static struct err *set_to(struct model_rule *r, const char *value)
{
	return canon_rule_prefix(value, &r->to);
}

static struct err *set_tos(struct model_rule *r, const char *value)
{
	return canon_rule_tos(value, &r->tos);
}

static struct err *set_mark(struct model_rule *r, const char *value)
{
	return canon_rule_mark(value, &r->mark);
}

static struct err *set_table(struct model_rule *r, const char *value)
{
	return canon_route_table(value, &r->table);
}

static struct err *set_priority(struct model_rule *r, const char *value)
{
	return parse_number("priority", value, 0, UINT32_MAX, &r->priority);
}

static const struct word {
	const char *name, *other; /* `ip rule` prints "lookup" */
	struct err *(*set)(struct model_rule *r, const char *value);
} words[] = {
	{"from", "from", set_from},     {"to", "to", set_to},
	{"tos", "dsfield", set_tos},    {"fwmark", "mark", set_mark},
	{"table", "lookup", set_table}, {"priority", "pref", set_priority},
};

static struct err *refuse_word(const char *word)
{
	const char *names[ARRAY_SIZE(words) + 1] = {0}, *nearest;
	struct err *e;

	if (!strcmp(word, "proto") || !strcmp(word, "protocol"))
		return err_new(ERR_INVALID,
			       "a rule's protocol is ipvl's own: leave out `%s`", word);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		names[i] = words[i].name;
	nearest = text_nearest(word, names);
	e = err_new(ERR_INVALID, "unknown word \"%s\" in a rule", word);
	if (nearest)
		return err_hint(e, "did you mean `%s`?", nearest);
	return err_hint(e, "a rule is written: [from PREFIX] [to PREFIX] [tos NUMBER] "
			   "[fwmark NUMBER] table TABLE [priority NUMBER]");
}

static const struct word *find_word(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i].name, name) || !strcmp(words[i].other, name))
			return &words[i];
	}
	return NULL;
}

static struct err *parse_words(char *text, struct model_rule *r)
{
	static const char blanks[] = " \t\n\r\v\f";
	bool seen[ARRAY_SIZE(words)] = {0};
	char *save, *name = strtok_r(text, blanks, &save);
	struct err *e = NULL;

	for (; !e && name; name = strtok_r(NULL, blanks, &save)) {
		const struct word *word = find_word(name);
		const char *value = word ? strtok_r(NULL, blanks, &save) : NULL;

		if (!word)
			return refuse_word(name);
		if (!value)
			return err_new(ERR_INVALID,
				       "`%s` at the end of a rule has no value", name);
		if (seen[word - words])
			return err_new(ERR_INVALID, "`%s` appears twice in a rule", name);
		seen[word - words] = true;
		e = word->set(r, value);
	}
	return e;
}

struct err *canon_rule_parse(const char *text, struct model_rule *ret_rule)
{
	CLEANUP(freep) char *copy = xstrdup(text);
	struct model_rule r = {.priority = MODEL_RULE_PRIORITY};
	struct err *e = parse_words(copy, &r);

	if (!e)
		e = canon_rule_finish(&r, NULL);
	if (!e)
		*ret_rule = r;
	return e;
}
