/* Addresses and prefixes as values, from and to text. */
#include "lib/ip.h"

#include "lib/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

unsigned int ip_addr_bytes(const struct ip_addr *addr)
{
	return addr->family == AF_INET ? 4 : addr->family == AF_INET6 ? 16 : 0;
}

unsigned int ip_addr_bits(const struct ip_addr *addr)
{
	return ip_addr_bytes(addr) * 8;
}

/* RFC 4007 11: a scope behind '%' is no part of an address. */
static struct err *not_an_address(const char *text)
{
	struct err *e =
		err_new(ERR_INVALID, "\"%s\" is not an IPv4 or IPv6 address", text);
	const char *scope = strchr(text, '%');
	uint8_t bytes[16];
	char bare[IP_TEXT_BYTES];

	if (!scope || (size_t)(scope - text) >= sizeof(bare))
		return e;
	memcpy(bare, text, (size_t)(scope - text));
	bare[scope - text] = '\0';
	return inet_pton(AF_INET6, bare, bytes) == 1 ? err_hint(e, "leave out %s", scope)
						     : e;
}

struct err *ip_addr_parse(const char *text, struct ip_addr *ret_addr)
{
	struct ip_addr a = {0};

	a.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a.family, text, a.bytes) != 1)
		return not_an_address(text);
	*ret_addr = a;
	return NULL;
}

static struct err *missing_length(const char *text, const struct ip_addr *addr)
{
	unsigned int usual = addr->family == AF_INET ? 24 : 64;

	return err_hint(err_new(ERR_INVALID,
				"\"%s\" has no prefix length: without one the kernel "
				"would take it as "
				"/%u, a host alone with no neighbours",
				text, ip_addr_bits(addr)),
			"write the subnet's length, as in %s/%u (or %s/%u if a host "
			"alone is meant)",
			text, usual, text, ip_addr_bits(addr));
}

/* The length of a netmask's ones, where they stand together at its beginning. */
static bool netmask_length(const char *text, unsigned int *ret_length)
{
	uint8_t bytes[4];
	uint32_t mask = 0;

	if (inet_pton(AF_INET, text, bytes) != 1)
		return false;
	for (int i = 0; i < 4; i++)
		mask = mask << 8 | bytes[i];
	*ret_length = mask ? 32 - (unsigned int)__builtin_ctz(mask) : 0;
	return mask == (*ret_length ? UINT32_MAX << (32 - *ret_length) : 0);
}

static struct err *wrong_length(const char *text, const char *addr, const char *length,
				const struct ip_addr *a)
{
	struct err *e = err_new(ERR_INVALID, "the prefix length of %s must be 0 to %u",
				text, ip_addr_bits(a));
	unsigned int n;

	if (a->family == AF_INET && netmask_length(length, &n))
		e = err_hint(e, "write %s/%u", addr, n);
	return e;
}

struct err *ip_prefix_parse(const char *text, struct ip_prefix *ret_prefix)
{
	const char *slash = strchr(text, '/');
	struct ip_prefix p = {0};
	char addr[IP_TEXT_BYTES];
	uint64_t len;
	size_t n = slash ? (size_t)(slash - text) : strlen(text);

	if (n >= sizeof(addr))
		return not_an_address(text);
	memcpy(addr, text, n);
	addr[n] = '\0';
	struct err *e = ip_addr_parse(addr, &p.addr);
	if (e)
		return e;
	if (!slash)
		return missing_length(text, &p.addr);
	if (!text_to_uint(slash + 1, 0, ip_addr_bits(&p.addr), &len))
		return wrong_length(text, addr, slash + 1, &p.addr);
	p.len = (uint8_t)len;
	*ret_prefix = p;
	return NULL;
}

const char *ip_addr_format(const struct ip_addr *addr, char buf[IP_TEXT_BYTES])
{
	if (!inet_ntop(addr->family, addr->bytes, buf, IP_TEXT_BYTES))
		snprintf(buf, IP_TEXT_BYTES, "none");
	return buf;
}

const char *ip_prefix_format(const struct ip_prefix *prefix, char buf[IP_TEXT_BYTES])
{
	size_t n = strlen(ip_addr_format(&prefix->addr, buf));

	snprintf(buf + n, IP_TEXT_BYTES - n, "/%u", prefix->len);
	return buf;
}

int ip_addr_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, ip_addr_bytes(a));
}

int ip_prefix_cmp(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int c = ip_addr_cmp(&a->addr, &b->addr);

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

struct ip_prefix ip_prefix_network(const struct ip_prefix *prefix)
{
	struct ip_prefix net = *prefix;
	unsigned int whole = prefix->len / 8, rest = prefix->len % 8;

	if (whole < sizeof(net.addr.bytes)) {
		net.addr.bytes[whole] &= (uint8_t)(rest ? 0xff00 >> rest : 0);
		memset(net.addr.bytes + whole + 1, 0, sizeof(net.addr.bytes) - whole - 1);
	}
	return net;
}

bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr)
{
	struct ip_prefix other = {.addr = *addr, .len = prefix->len};
	struct ip_prefix a = ip_prefix_network(prefix), b = ip_prefix_network(&other);

	return ip_addr_cmp(&a.addr, &b.addr) == 0;
}

bool ip_prefix_is_default(const struct ip_prefix *prefix)
{
	return prefix->len == 0 && ip_addr_is_unspecified(&prefix->addr);
}

bool ip_addr_is_link_local(const struct ip_addr *addr)
{
	if (addr->family == AF_INET)
		return addr->bytes[0] == 169 && addr->bytes[1] == 254;
	return addr->family == AF_INET6 && addr->bytes[0] == 0xfe &&
	       (addr->bytes[1] & 0xc0) == 0x80;
}

bool ip_addr_is_multicast(const struct ip_addr *addr)
{
	if (addr->family == AF_INET)
		return (addr->bytes[0] & 0xf0) == 0xe0;
	return addr->family == AF_INET6 && addr->bytes[0] == 0xff;
}

bool ip_addr_is_unspecified(const struct ip_addr *addr)
{
	static const uint8_t zero[16];

	return !memcmp(addr->bytes, zero, ip_addr_bytes(addr));
}
