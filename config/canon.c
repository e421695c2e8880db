/* Canonical texts of addresses and lists of words, and names that the kernel accepts. */
#include "config/canon.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* RFC 1035 2.3.4, as text without the final dot. */
#define DOMAIN_MAX_BYTES ((size_t)253)
#define LABEL_MAX_BYTES  ((size_t)63)

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* The lowest and the highest address of an IPv4 subnet are no host's (RFC 1122
 * 3.2.1.3), except in a subnet with no room for them (RFC 3021: /31). Newer kernels
 * accept the lowest one; half of the neighbours do not. */
static struct err *check_ipv4_host(const char *text, const struct ip_prefix *p)
{
	uint32_t bits = 0, mask;

	for (int i = 0; i < 4; i++)
		bits = bits << 8 | p->addr.bytes[i];
	if (bits == UINT32_MAX)
		return err_new(ERR_INVALID, "%s is the broadcast address, not a host's",
			       text);
	if (p->len > 30)
		return NULL;
	mask = p->len ? UINT32_MAX >> p->len : UINT32_MAX;
	if ((bits & mask) == 0)
		return err_hint(err_new(ERR_INVALID,
					"%s is the network's own address, not a host's",
					text),
				"choose one of the addresses inside the subnet");
	if ((bits & mask) == mask)
		return err_hint(
			err_new(ERR_INVALID,
				"%s is the subnet's broadcast address, not a host's",
				text),
			"choose one of the addresses inside the subnet");
	return NULL;
}

struct err *canon_address_parse(const char *text, struct ip_prefix *ret_address)
{
	static const uint8_t loopback6[16] = {[15] = 1};
	struct ip_prefix p;
	struct err *e = ip_prefix_parse(text, &p);

	if (e)
		return e;
	if (ip_addr_is_unspecified(&p.addr))
		return err_new(ERR_INVALID, "%s is the unspecified address, not a host's",
			       text);
	if (ip_addr_is_multicast(&p.addr))
		return err_new(ERR_INVALID, "%s is a multicast address, not a host's",
			       text);
	/* Linux ipv6_add_addr(): EADDRNOTAVAIL off the loopback device. */
	if (p.addr.family == AF_INET6 &&
	    !memcmp(p.addr.bytes, loopback6, sizeof(loopback6)))
		return err_new(ERR_INVALID, "%s belongs to the loopback device alone",
			       text);
	if (p.addr.family == AF_INET) {
		e = check_ipv4_host(text, &p);
		if (e)
			return e;
	}
	*ret_address = p;
	return NULL;
}

const char *canon_address_format(const struct ip_prefix *p, struct arena *a)
{
	char buf[IP_TEXT_BYTES];

	return arena_strdup(a, ip_prefix_format(p, buf));
}

/* resolver(5) has a scope behind '%' for link-local addresses. */
struct err *canon_nameserver(const char *word, struct arena *a, const char **ret_text)
{
	const char *scope = strchr(word, '%');
	char buf[IP_TEXT_BYTES];
	struct ip_addr addr;
	struct err *e;
	char *bare = arena_strdup(a, word);

	if (scope)
		bare[scope - word] = '\0';
	e = ip_addr_parse(bare, &addr);
	if (e) {
		const char *slash = strchr(bare, '/');

		if (!slash)
			return e;
		return err_hint(e, "write a nameserver without a prefix length: %.*s",
				(int)(slash - bare), bare);
	}
	if (ip_addr_is_unspecified(&addr) || ip_addr_is_multicast(&addr))
		return err_new(ERR_INVALID,
			       "%s cannot be a nameserver: it is not one host's "
			       "address",
			       word);
	if (scope) {
		if (addr.family != AF_INET6 || !ip_addr_is_link_local(&addr))
			return err_new(
				ERR_INVALID,
				"%s: only an IPv6 link-local address takes a scope",
				word);
		e = canon_check_ifname(scope + 1);
		if (e)
			return err_wrap(e, "%s: the scope must be a device", word);
	}
	ip_addr_format(&addr, buf);
	*ret_text = arena_printf(a, "%s%s", buf, scope ? scope : "");
	return NULL;
}

static struct err *bad_domain(const char *word, const char *why)
{
	return err_new(ERR_INVALID, "\"%s\" is not a domain name: %s", word, why);
}

struct err *canon_search_domain(const char *word, struct arena *a, const char **ret_text)
{
	size_t n = strlen(word), label = 0;

	if (n == 0)
		return bad_domain(word, "it is empty");
	if (strcmp(word, ".")) {
		for (const char *p = word; *p; p++) {
			if (*p == '.' && label == 0)
				return bad_domain(word,
						  "a label between two dots is empty");
			if (*p == '.') {
				label = 0;
				continue;
			}
			if (*p & 0x80)
				return err_hint(bad_domain(word, "it is not ASCII"),
						"write its ASCII form (xn--…)");
			if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_",
				    *p))
				return bad_domain(
					word, "only letters, digits, '-', '_' and '.' "
					      "may stand in one");
			if (++label > LABEL_MAX_BYTES)
				return bad_domain(word,
						  "a label is longer than 63 bytes");
		}
	}
	if (n - (word[n - 1] == '.') > DOMAIN_MAX_BYTES)
		return bad_domain(word, "it is longer than 253 bytes");
	*ret_text = arena_strdup(a, word);
	return NULL;
}

typedef struct err *canon_word_fn(const char *word, struct arena *a,
				  const char **ret_text);

/* The words of 'text', each made canonical by 'fn', separated by one space. */
static struct err *canon_words(const char *text, struct arena *a, canon_word_fn *fn,
			       const char **ret_text)
{
	const char *all = "";

	if (strlen(text) > CANON_LIST_MAX_BYTES)
		return err_new(ERR_LIMIT,
			       "the list has %zu bytes; a resolver's may have %zu",
			       strlen(text), CANON_LIST_MAX_BYTES);
	for (;;) {
		const char *word, *start;
		struct err *e;

		while (is_blank(*text))
			text++;
		if (!*text)
			break;
		start = text;
		while (*text && !is_blank(*text))
			text++;
		word = arena_printf(a, "%.*s", (int)(text - start), start);
		e = fn(word, a, &word);
		if (e)
			return e;
		all = arena_printf(a, "%s%s%s", all, *all ? " " : "", word);
	}
	*ret_text = all;
	return NULL;
}

struct err *canon_nameservers(const char *text, struct arena *a, const char **ret_text)
{
	return canon_words(text, a, canon_nameserver, ret_text);
}

struct err *canon_search(const char *text, struct arena *a, const char **ret_text)
{
	return canon_words(text, a, canon_search_domain, ret_text);
}

/* A byte that Linux dev_valid_name() refuses: the kernel's isspace() follows Latin-1,
 * where 0xa0 is the no-break space, so that some UTF-8 letters ("à" is c3 a0) are
 * refused too. The kernel accepts control characters; a terminal must not get them. */
static const char *bad_name_byte(const char *name)
{
	for (; *name; name++) {
		switch ((unsigned char)*name) {
		case '/':
			return "'/' is not allowed in it";
		case ':':
			return "':' is not allowed in it";
		case '%':
			return "the kernel would replace '%' by a number of its own";
		case ' ':
			return "white space is not allowed in it";
		case 0xa0:
			return "one of its letters contains the byte 0xa0, which the "
			       "kernel takes for white space";
		default:
			if (is_blank(*name))
				return "white space is not allowed in it";
			if (is_control(*name))
				return "a control character is not allowed in it";
		}
	}
	return NULL;
}

/* Linux dev_valid_name(), dev_alloc_name() ("%d" is expanded), and
 * __devinet_sysctl_register(), which has directories "all" and "default". "lo" is in
 * every namespace from its start (loopback_net_init()), and cannot be a master
 * (ipvlan_port_create()). */
struct err *canon_check_ifname(const char *name)
{
	const char *why = bad_name_byte(name);

	if (!*name)
		return err_new(ERR_INVALID, "a device's name cannot be empty");
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		why = "it would be a directory of /sys";
	else if (!strcmp(name, "all") || !strcmp(name, "default"))
		why = "the kernel keeps it for its sysctls";
	else if (!strcmp(name, "lo"))
		why = "every namespace has a `lo` of its own";
	if (why)
		return err_new(ERR_INVALID, "\"%s\" cannot be a device's name: %s", name,
			       why);
	if (strlen(name) > MODEL_NAME_MAX_BYTES)
		return err_hint(err_new(ERR_INVALID,
					"\"%s\" cannot be a device's name: it has %zu "
					"bytes, and the "
					"kernel takes %u at most",
					name, strlen(name), MODEL_NAME_MAX_BYTES),
				"shorten it, as in %.*s",
				(int)text_utf8_prefix(name, MODEL_NAME_MAX_BYTES), name);
	return NULL;
}

/* The kernel takes almost anything (Linux rtnl_alt_ifname()); `ip` and /sys do not. */
struct err *canon_check_altname(const char *name)
{
	const char *why = bad_name_byte(name);

	if (!*name)
		return err_new(ERR_INVALID, "an alternative name cannot be empty");
	if (!why && (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "lo")))
		why = "it would be a directory of /sys, or the loopback device";
	if (why)
		return err_new(ERR_INVALID, "\"%s\" cannot be an alternative name: %s",
			       name, why);
	if (strlen(name) > MODEL_ALTNAME_MAX_BYTES)
		return err_new(ERR_INVALID,
			       "an alternative name of %zu bytes is too long: the kernel "
			       "takes %u",
			       strlen(name), MODEL_ALTNAME_MAX_BYTES);
	return NULL;
}

struct err *canon_check_alias(const char *alias)
{
	if (strlen(alias) > MODEL_ALIAS_MAX_BYTES)
		return err_new(ERR_INVALID,
			       "an alias of %zu bytes is too long: the kernel takes %u",
			       strlen(alias), MODEL_ALIAS_MAX_BYTES);
	for (const char *p = alias; *p; p++) {
		if (is_control(*p))
			return err_new(ERR_INVALID,
				       "an alias cannot contain a control character");
	}
	return NULL;
}

struct err *canon_link_type(const char *name, const struct link_type **ret_type)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct link_type *t = link_type_find(name);
	struct err *e;

	if (t) {
		*ret_type = t;
		return NULL;
	}
	e = err_new(ERR_INVALID, "unknown datapath \"%s\": there are %s", name,
		    link_type_names(a));
	if (!strcmp(name, "kernel") || !strcmp(name, "sim"))
		return err_hint(e, "`ipvld --datapath %s` is for all masters", name);
	return err_hint(e, "`ipvl-ctl list-datapaths` shows why a plug-in is not loaded");
}

struct err *canon_check_source(const char *source)
{
	if (!*source)
		return err_new(ERR_INVALID, "a source cannot have an empty name");
	for (const char *p = source; *p; p++) {
		if (is_control(*p))
			return err_new(ERR_INVALID,
				       "a source's name cannot contain a control "
				       "character");
	}
	return NULL;
}
