/* IP addresses and prefixes: one value type and one canonical text each (RFC 4291, RFC
 * 5952; inet_ntop(3)). */
#ifndef LIB_IP_H
#define LIB_IP_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* AF_UNSPEC (0) means "none". Bytes in network order; an IPv4 address uses the first
 * four. */
struct ip_addr {
	uint8_t family; /* AF_UNSPEC, AF_INET or AF_INET6 */
	uint8_t bytes[16];
};

struct ip_prefix {
	struct ip_addr
		addr; /* host bits may be set: 10.0.0.2/24 is an interface's address */
	uint8_t len;  /* 0..32 or 0..128 */
};

/* Longest text, terminating NUL included: an IPv6 address, "/128". */
#define IP_TEXT_BYTES 64

/* ERR_INVALID with the reason ("not an IPv4 or IPv6 address"). IPv4 only as dotted quad.
 */
struct err *ip_addr_parse(const char *text, struct ip_addr *ret_addr) MUST_CHECK;
/* "ADDRESS/LENGTH"; a missing length is ERR_INVALID with a hint that names the usual one.
 */
struct err *ip_prefix_parse(const char *text, struct ip_prefix *ret_prefix) MUST_CHECK;

/* Write the canonical text into 'buf' and return it. */
const char *ip_addr_format(const struct ip_addr *addr, char buf[IP_TEXT_BYTES]);
const char *ip_prefix_format(const struct ip_prefix *prefix, char buf[IP_TEXT_BYTES]);

unsigned int ip_addr_bytes(const struct ip_addr *addr); /* 0, 4 or 16 */
unsigned int ip_addr_bits(const struct ip_addr *addr);  /* 0, 32 or 128 */

/* Total orders: family, address, length. Negative, 0, positive as strcmp(). */
int ip_addr_cmp(const struct ip_addr *a, const struct ip_addr *b);
int ip_prefix_cmp(const struct ip_prefix *a, const struct ip_prefix *b);

/* True where 'addr' lies in 'prefix' (same family, first 'len' bits equal). */
bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr);
/* 'prefix' with its host bits cleared. */
struct ip_prefix ip_prefix_network(const struct ip_prefix *prefix);
/* 0.0.0.0/0 or ::/0. */
bool ip_prefix_is_default(const struct ip_prefix *prefix);
/* fe80::/10 or 169.254/16. */
bool ip_addr_is_link_local(const struct ip_addr *addr);
bool ip_addr_is_multicast(const struct ip_addr *addr);
bool ip_addr_is_unspecified(const struct ip_addr *addr); /* 0.0.0.0 or :: */

#endif
