/* The canonical text of what is declared of an address beside it, in the words of `ip address add`
 * (ip-address(8)), but for `lifetime`, which is netplan's. */
#include "config/canon.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char words_hint[] = "options of an address are written: [peer ADDRESS] "
				 "[scope global|link|host] [label LABEL] "
				 "[lifetime 0|forever]";

struct err *canon_address_peer(const struct ip_prefix *address, const char *text,
			       struct ip_addr *ret_peer)
{
	struct ip_addr peer;
	struct err *e = canon_route_host(text, "peer", &peer);

	if (e)
		return e;
	if (peer.family != address->addr.family)
		return err_hint(
			err_new(ERR_INVALID, "the peer %s is of the other family", text),
			"an address and its peer are both IPv4, or both IPv6");
	if (!ip_addr_cmp(&peer, &address->addr))
		return err_hint(err_new(ERR_INVALID,
					"%s is the address itself, not its peer", text),
				"write the address of the other end, or leave it out");
	*ret_peer = peer;
	return NULL;
}

static struct err *refuse_ipv6(const struct ip_prefix *address, const char *what)
{
	return address->addr.family == AF_INET
		       ? NULL
		       : err_new(ERR_INVALID, "only an IPv4 address has a %s", what);
}

/* Linux inet_ifa_policy, ifa_ipv4_policy: any bytes. `ip` and its readers print it as one word. */
struct err *canon_address_label(const struct ip_prefix *address, const char *text,
				char ret_label[MODEL_LABEL_MAX_BYTES + 1])
{
	size_t n = strlen(text);
	struct err *e = refuse_ipv6(address, "label");

	if (e)
		return e;
	for (size_t i = 0; i < n; i++) {
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return err_new(ERR_INVALID,
				       "a label is one word of printable ASCII");
	}
	if (!n || n > MODEL_LABEL_MAX_BYTES)
		return err_hint(err_new(ERR_INVALID,
					"label \"%s\" has %zu bytes, and the kernel "
					"takes 1 to %u",
					text, n, MODEL_LABEL_MAX_BYTES),
				"the usual form is DEVICE:WORD, as in eth0:1");
	memcpy(ret_label, text, n + 1);
	return NULL;
}

struct err *canon_address_scope(const struct ip_prefix *address, const char *text,
				enum model_route_scope *ret_scope)
{
	enum model_route_scope scope = MODEL_SCOPE_DERIVED;
	struct err *e = refuse_ipv6(address, "scope");

	if (!e)
		e = canon_route_scope(text, &scope);
	if (!e)
		*ret_scope = scope == MODEL_SCOPE_GLOBAL ? MODEL_SCOPE_DERIVED : scope;
	return e;
}

struct err *canon_address_lifetime(const char *text, enum model_lifetime *ret_lifetime)
{
	for (int i = MODEL_LIFETIME_FOREVER; i <= MODEL_LIFETIME_DEPRECATED; i++) {
		if (!strcmp(model_lifetime_name((enum model_lifetime)i), text)) {
			*ret_lifetime = (enum model_lifetime)i;
			return NULL;
		}
	}
	return err_hint(err_new(ERR_INVALID, "unknown lifetime \"%s\"", text),
			"choose 0 (programs prefer other addresses as the source) or "
			"forever; without it, what other programs set stays");
}

static struct err *set_word(struct model_address_options *o, const char *word,
			    const char *value)
{
	if (!strcmp(word, "peer"))
		return canon_address_peer(&o->address, value, &o->peer);
	if (!strcmp(word, "scope"))
		return canon_address_scope(&o->address, value, &o->scope);
	if (!strcmp(word, "label"))
		return canon_address_label(&o->address, value, o->label);
	if (!strcmp(word, "lifetime"))
		return canon_address_lifetime(value, &o->lifetime);
	return err_hint(err_new(ERR_INVALID, "unknown word \"%s\"", word), "%s",
			words_hint);
}

struct err *canon_address_options_parse(const char *text,
					struct model_address_options *options)
{
	static const char blanks[] = " \t\n\r\v\f";
	CLEANUP(freep) char *copy = xstrdup(text);
	char *save, *word = strtok_r(copy, blanks, &save);
	struct err *e = NULL;

	if (!word)
		return err_hint(err_new(ERR_INVALID, "nothing is declared"), "%s",
				words_hint);
	for (; !e && word; word = strtok_r(NULL, blanks, &save)) {
		const char *value = strtok_r(NULL, blanks, &save);

		if (!value)
			return err_hint(err_new(ERR_INVALID, "`%s` has no value", word),
					"%s", words_hint);
		e = set_word(options, word, value);
	}
	return e;
}
