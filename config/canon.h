/* Canonical texts: how addresses, routes, nameserver lists stand in the database, and
 * their readers. A reader accepts every sensible form; the writer gives the one canonical
 * text. A database column holds canonical texts only (valid.c refuses another form and
 * names the right one). */
#ifndef CONFIG_CANON_H
#define CONFIG_CANON_H 1

#include "datapath/model.h"
#include "lib/arena.h"
#include "lib/err.h"

/* In `ip route`'s words: "default", "10.0.0.0/8 via 10.1.1.1 src 10.1.1.2 metric 100
 * table 7 onlink". "default" without a gateway is IPv4's; IPv6's on-link default is
 * "::/0". ERR_INVALID. */
struct err *canon_route_parse(const char *text, struct model_route *ret_route) MUST_CHECK;
const char *canon_route_format(const struct model_route *r, struct arena *a);

/* The same in steps, for a reader that has a route's parts one by one (the YAML's `to`,
 * `via`, `from`). */
enum canon_route_part {
	CANON_ROUTE_TO,
	CANON_ROUTE_VIA,
	CANON_ROUTE_FROM,
	CANON_ROUTE_N_PARTS
};
/* "default" (its family is AF_UNSPEC until canon_route_finish()), a network, or a host
 * without a length. */
struct err *canon_route_to(const char *text, struct ip_prefix *ret_to) MUST_CHECK;
/* A gateway or a source: an address of one host, without a length. */
struct err *canon_route_host(const char *text, const char *what,
			     struct ip_addr *ret_addr) MUST_CHECK;
/* Gives "default" its family, refuses parts of two families, and normalises what can be
 * said in two ways. On error '*ret_part' (may be NULL) is the part to blame. */
struct err *canon_route_finish(struct model_route *r,
			       enum canon_route_part *ret_part) MUST_CHECK;
/* A number, or "main". */
struct err *canon_route_table(const char *text, uint32_t *ret_table) MUST_CHECK;

/* ADDRESS/LENGTH of an interface: not a network's own address, multicast, unspecified. */
struct err *canon_address_parse(const char *text,
				struct ip_prefix *ret_address) MUST_CHECK;
const char *canon_address_format(const struct ip_prefix *p, struct arena *a);

/* A list of nameservers or search domains; resolvers read a handful. */
#define CANON_LIST_MAX_BYTES ((size_t)2048)

/* Words separated by blanks: addresses; domain names. ERR_INVALID (ERR_LIMIT) names the
 * word. Canonical text from 'a'. */
struct err *canon_nameservers(const char *text, struct arena *a,
			      const char **ret_text) MUST_CHECK;
struct err *canon_search(const char *text, struct arena *a,
			 const char **ret_text) MUST_CHECK;

/* One word of them, canonical. ERR_INVALID. */
struct err *canon_nameserver(const char *word, struct arena *a,
			     const char **ret_text) MUST_CHECK;
struct err *canon_search_domain(const char *word, struct arena *a,
				const char **ret_text) MUST_CHECK;

/* A device's name as the kernel takes it (dev_valid_name(), kernel.md "Names"):
 * ERR_INVALID with the rule. */
struct err *canon_check_ifname(const char *name) MUST_CHECK;
/* "", a name below /run/netns, or another absolute path: /run/netns/X and
 * /var/run/netns/X become X, empty steps and "." of a path go. ERR_INVALID. Canonical
 * text from 'a', or 'text' itself. */
struct err *canon_netns(const char *text, struct arena *a,
			const char **ret_text) MUST_CHECK;
/* The same rules for a text in whatever form. */
struct err *canon_check_netns(const char *netns) MUST_CHECK;
/* Who declares a row: one line of printable text, not empty. */
struct err *canon_check_source(const char *source) MUST_CHECK;
/* "ipv4.NAME" or "ipv6.NAME", NAME of [a-z0-9_]. */
struct err *canon_check_sysctl(const char *key) MUST_CHECK;
/* One line of printable text, not empty. */
struct err *canon_check_sysctl_value(const char *key, const char *value) MUST_CHECK;

#endif
