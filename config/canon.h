/* Canonical texts: how addresses, routes and lists of nameservers are written in the
 * database. A reader accepts every sensible form; the writer makes the one canonical
 * text. The columns of the database contain canonical texts only: the validator
 * refuses another form, and its message has the right one. */
#ifndef CONFIG_CANON_H
#define CONFIG_CANON_H 1

#include "datapath/link_type.h"
#include "datapath/model.h"
#include "lib/arena.h"
#include "lib/err.h"

/* From any text in the words of `ip route`; the canonical one is model_route_text().
 * ERR_INVALID. */
struct err *canon_route_parse(const char *text, struct model_route *ret_route) MUST_CHECK;

/* The same in steps, for a reader that has the parts of a route one by one (`to`,
 * `via`, `from` of the YAML). */
enum canon_route_part {
	CANON_ROUTE_TO,
	CANON_ROUTE_TYPE,
	CANON_ROUTE_VIA,
	CANON_ROUTE_FROM,
	CANON_ROUTE_MTU,
	CANON_ROUTE_SCOPE,
	CANON_ROUTE_N_PARTS
};
/* "default" (its family is AF_UNSPEC until canon_route_finish()), a network, or a host
 * without a length. */
struct err *canon_route_to(const char *text, struct ip_prefix *ret_to) MUST_CHECK;
/* A gateway or a source: an address of one host, without a length. */
struct err *canon_route_host(const char *text, const char *what,
			     struct ip_addr *ret_addr) MUST_CHECK;
/* The 'n' gateways of a route, in any order. */
struct err *canon_route_hops(struct model_route *r, struct model_hop *hops,
			     size_t n) MUST_CHECK;
/* Gives "default" its family, refuses parts of two families, and normalises what can
 * be written in two ways. On error '*ret_part' (may be NULL) is the part that is
 * wrong. */
struct err *canon_route_finish(struct model_route *r,
			       enum canon_route_part *ret_part) MUST_CHECK;
/* "unicast", "blackhole", "unreachable", "prohibit" or "throw". */
struct err *canon_route_type(const char *text,
			     enum model_route_type *ret_type) MUST_CHECK;
/* True of a route without a device; false if it is not a route. */
bool canon_route_is_reject(const char *text);
/* A number, or "main". */
struct err *canon_route_table(const char *text, uint32_t *ret_table) MUST_CHECK;
/* "global", "link" or "host". */
struct err *canon_route_scope(const char *text,
			      enum model_route_scope *ret_scope) MUST_CHECK;

/* From any text in the words of `ip rule add`; the canonical one is model_rule_text().
 * ERR_INVALID. */
struct err *canon_rule_parse(const char *text, struct model_rule *ret_rule) MUST_CHECK;
/* The same in steps. A rule begins with MODEL_RULE_PRIORITY, and no family. */
enum canon_rule_part { CANON_RULE_OBJECT, CANON_RULE_TO, CANON_RULE_TOS };
/* A network, or a host without a length. */
struct err *canon_rule_prefix(const char *text, struct ip_prefix *ret_prefix) MUST_CHECK;
struct err *canon_rule_mark(const char *text, uint32_t *ret_mark) MUST_CHECK;
struct err *canon_rule_tos(const char *text, uint8_t *ret_tos) MUST_CHECK;
/* Gives both prefixes the family, and checks the parts together. On error '*ret_part' (may be
 * NULL) is the part that is wrong. */
struct err *canon_rule_finish(struct model_rule *r,
			      enum canon_rule_part *ret_part) MUST_CHECK;

/* ADDRESS/LENGTH of an interface: not the network's own address, multicast, or
 * unspecified. */
struct err *canon_address_parse(const char *text,
				struct ip_prefix *ret_address) MUST_CHECK;
const char *canon_address_format(const struct ip_prefix *p, struct arena *a);

/* What is declared of an address beside it, in the words of `ip address`, into 'options', whose
 * 'address' is set and which is empty else; the canonical text is model_address_options_text().
 * ERR_INVALID. */
struct err *canon_address_options_parse(const char *text,
					struct model_address_options *options) MUST_CHECK;
/* The same in steps. */
struct err *canon_address_peer(const struct ip_prefix *address, const char *text,
			       struct ip_addr *ret_peer) MUST_CHECK;
struct err *canon_address_label(const struct ip_prefix *address, const char *text,
				char ret_label[MODEL_LABEL_MAX_BYTES + 1]) MUST_CHECK;
/* "link" or "host"; "global" is the default, and left out. */
struct err *canon_address_scope(const struct ip_prefix *address, const char *text,
				enum model_route_scope *ret_scope) MUST_CHECK;
/* "0" or "forever". */
struct err *canon_address_lifetime(const char *text,
				   enum model_lifetime *ret_lifetime) MUST_CHECK;

/* A list of nameservers or search domains. Resolvers read a handful. */
#define CANON_LIST_MAX_BYTES ((size_t)2048)

/* Words separated by blanks: addresses, or domain names. ERR_INVALID (ERR_LIMIT) names
 * the word. The canonical text is from 'a'. */
struct err *canon_nameservers(const char *text, struct arena *a,
			      const char **ret_text) MUST_CHECK;
struct err *canon_search(const char *text, struct arena *a,
			 const char **ret_text) MUST_CHECK;

/* One such word, canonical. ERR_INVALID. */
struct err *canon_nameserver(const char *word, struct arena *a,
			     const char **ret_text) MUST_CHECK;
struct err *canon_search_domain(const char *word, struct arena *a,
				const char **ret_text) MUST_CHECK;

/* A device's name that the kernel accepts (Linux dev_valid_name()): ERR_INVALID with
 * the rule. */
struct err *canon_check_ifname(const char *name) MUST_CHECK;
/* An alternative name, and the description `alias` of a device: ERR_INVALID with the rule. */
struct err *canon_check_altname(const char *name) MUST_CHECK;
struct err *canon_check_alias(const char *alias) MUST_CHECK;
/* "", a name below /run/netns, or another absolute path: /run/netns/X and /var/run/netns/X
 * become X; "pid:N" becomes /proc/N/ns/net; empty steps and "." of a path are removed.
 * ERR_INVALID. The canonical text is from 'a', or 'text' itself. */
struct err *canon_netns(const char *text, struct arena *a,
			const char **ret_text) MUST_CHECK;
/* The same rules for a text in any form. */
struct err *canon_check_netns(const char *netns) MUST_CHECK;
/* The value of a key of `match` (model_match_keys). ERR_INVALID. The canonical text is from 'a',
 * or 'value' itself. */
struct err *canon_match(const char *key, const char *value, struct arena *a,
			const char **ret_value) MUST_CHECK;
/* The name of a link type, "macvlan". ERR_INVALID names those that there are. */
struct err *canon_link_type(const char *name,
			    const struct link_type **ret_type) MUST_CHECK;
/* The name of a source of rows: one line of printable text, not empty. */
struct err *canon_check_source(const char *source) MUST_CHECK;
/* "ipv4.NAME" or "ipv6.NAME", NAME of [a-z0-9_]. */
struct err *canon_check_sysctl(const char *key) MUST_CHECK;
/* One line of printable text, not empty. */
struct err *canon_check_sysctl_value(const char *key, const char *value) MUST_CHECK;

#endif
