/* The addresses of streams, from and to text. No name is looked up. */
#include "lib/stream_address.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

static const struct scheme {
	const char *prefix;
	enum stream_kind kind;
	bool is_passive;
	const char *form;
} schemes[] = {
	{"unix:", STREAM_UNIX, false, "unix:PATH"},
	{"tcp:", STREAM_TCP, false, "tcp:IP:PORT"},
	{"ssl:", STREAM_TLS, false, "ssl:IP:PORT"},
	{"punix:", STREAM_UNIX, true, "punix:PATH"},
	{"ptcp:", STREAM_TCP, true, "ptcp:PORT[:IP]"},
	{"pssl:", STREAM_TLS, true, "pssl:PORT[:IP]"},
};

static const struct scheme *find_scheme(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (!strncmp(text, schemes[i].prefix, strlen(schemes[i].prefix)))
			return &schemes[i];
	}
	return NULL;
}

bool stream_address_has_scheme(const char *text)
{
	return find_scheme(text) != NULL;
}

static struct err *parse_path(const char *text, const char *path,
			      const struct scheme *scheme, struct stream_address *a)
{
	size_t room = sizeof(a->socket.sun.sun_path) - 1;

	if (!*path)
		return err_hint(
			err_new(ERR_INVALID, "%s: the socket's path is missing", text),
			"write %s", scheme->form);
	if (strlen(path) > room)
		return err_hint(err_new(ERR_INVALID,
					"%s: the path has %zu bytes, a unix socket's can "
					"have %zu",
					text, strlen(path), room),
				"use a shorter path");
	a->socket.sun.sun_family = AF_UNIX;
	memcpy(a->socket.sun.sun_path, path, strlen(path) + 1);
	a->length = sizeof(a->socket.sun);
	return NULL;
}

static struct err *parse_port(const char *text, const char *port,
			      const struct scheme *scheme, in_port_t *ret_port)
{
	uint64_t n = STREAM_DEFAULT_PORT, min = scheme->is_passive ? 0 : 1;

	if (*port && !text_to_uint(port, min, 65535, &n))
		return err_hint(
			err_new(ERR_INVALID,
				"%s: \"%s\" is not a port, a number from %d to 65535",
				text, port, (int)min),
			"write %s", scheme->form);
	*ret_port = htons((in_port_t)n);
	return NULL;
}

/* getaddrinfo(3): inet_pton(3) accepts no scope, as in fe80::1%eth0. */
static bool parse_ipv6(const char *ip, struct stream_address *a)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET6};
	struct addrinfo *found;

	if (getaddrinfo(ip, NULL, &hints, &found))
		return false;
	memcpy(&a->socket, found->ai_addr, found->ai_addrlen);
	a->length = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

/* 'ip' is changed. */
static struct err *parse_ip(const char *text, char *ip, const struct scheme *scheme,
			    struct stream_address *a)
{
	size_t n = strlen(ip);
	bool is_known;

	if (n > 1 && ip[0] == '[' && ip[n - 1] == ']') {
		ip[n - 1] = '\0';
		is_known = parse_ipv6(++ip, a);
	} else {
		a->socket.sin.sin_family = AF_INET;
		a->length = sizeof(a->socket.sin);
		is_known = inet_pton(AF_INET, ip, &a->socket.sin.sin_addr) == 1;
	}
	if (is_known)
		return NULL;
	return err_hint(err_new(ERR_INVALID, "%s: \"%s\" is not an IP address", text, ip),
			"write %s, an IPv6 address in square brackets; names are not "
			"looked up",
			scheme->form);
}

static void set_port(struct stream_address *a, in_port_t port)
{
	if (a->socket.sa.sa_family == AF_INET6)
		a->socket.sin6.sin6_port = port;
	else
		a->socket.sin.sin_port = port;
}

/* The colon between the IP and the port, not one of an IPv6 address; NULL if there is
 * none. */
static char *find_colon(char *rest, bool is_passive)
{
	char *bracket = strrchr(rest, ']');

	if (is_passive)
		return strchr(rest, ':');
	return bracket ? strchr(bracket, ':') : strrchr(rest, ':');
}

static struct err *parse_inet(const char *text, const char *from,
			      const struct scheme *scheme, struct stream_address *a)
{
	CLEANUP(freep) char *rest = xstrdup(from);
	char *colon = find_colon(rest, scheme->is_passive);
	char any[] = "0.0.0.0", none[] = "";
	char *ip = rest, *port = none;
	in_port_t n;
	struct err *e;

	if (colon)
		*colon = '\0';
	if (colon)
		port = colon + 1;
	if (scheme->is_passive) {
		ip = colon ? port : any;
		port = rest;
	}
	e = parse_port(text, port, scheme, &n);
	if (!e)
		e = parse_ip(text, ip, scheme, a);
	if (!e)
		set_port(a, n);
	return e;
}

struct err *stream_address_parse(const char *text, struct stream_address *ret_address)
{
	const struct scheme *scheme = find_scheme(text);
	struct stream_address a = {0};
	const char *rest;
	struct err *e;

	if (!scheme)
		return err_hint(err_new(ERR_INVALID, "%s: not an address", text),
				"write unix:PATH, tcp:IP:PORT or ssl:IP:PORT to connect, "
				"punix:PATH, ptcp:PORT[:IP] or pssl:PORT[:IP] to listen");
	rest = text + strlen(scheme->prefix);
	a.kind = scheme->kind;
	a.is_passive = scheme->is_passive;
	e = a.kind == STREAM_UNIX ? parse_path(text, rest, scheme, &a)
				  : parse_inet(text, rest, scheme, &a);
	if (!e)
		*ret_address = a;
	return e;
}

struct err *stream_address_parse_side(const char *text, bool is_passive,
				      struct stream_address *ret_address)
{
	struct stream_address a;
	struct err *e = stream_address_parse(text, &a);

	if (e)
		return e;
	if (a.is_passive != is_passive)
		return err_hint(err_new(ERR_INVALID, "%s: an address to %s", text,
					is_passive ? "connect to, not to listen on"
						   : "listen on, not to connect to"),
				is_passive ? "write punix:PATH, ptcp:PORT[:IP] or "
					     "pssl:PORT[:IP]"
					   : "write unix:PATH, tcp:IP:PORT or "
					     "ssl:IP:PORT");
	*ret_address = a;
	return NULL;
}

static const char *prefix_of(const struct stream_address *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (schemes[i].kind == a->kind && schemes[i].is_passive == a->is_passive)
			return schemes[i].prefix;
	}
	abort();
}

char *stream_address_text(const struct stream_address *a)
{
	const char *prefix = prefix_of(a), *left = "", *right = "";
	char ip[NI_MAXHOST], port[NI_MAXSERV];

	if (a->kind == STREAM_UNIX)
		return xasprintf("%s%s", prefix, a->socket.sun.sun_path);
	if (getnameinfo(&a->socket.sa, a->length, ip, sizeof(ip), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return xasprintf("%s?", prefix);
	if (a->socket.sa.sa_family == AF_INET6) {
		left = "[";
		right = "]";
	}
	if (a->is_passive)
		return xasprintf("%s%s:%s%s%s", prefix, port, left, ip, right);
	return xasprintf("%s%s%s%s:%s", prefix, left, ip, right, port);
}
