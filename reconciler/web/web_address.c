/* The text of `--http`, and the names that a browser may use for the address. */
#include "reconciler/web/web_address.h"

#include "lib/alloc.h"
#include "lib/stream_address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static struct err *complain(const char *text, const char *what)
{
	return err_hint(err_new(ERR_INVALID, "--http=%s: %s", text, what),
			"give unix:PATH or tcp:IP:PORT, as in --http=tcp:127.0.0.1:9633");
}

static bool is_loopback(const struct stream_address *a)
{
	const struct sockaddr_in6 *v6 = &a->socket.sin6;

	if (a->socket.sa.sa_family == AF_INET)
		return ntohl(a->socket.sin.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static struct err *take_option(const char *text, char *option, struct web_address *a,
			       bool *anyone)
{
	if (!a->is_unix && !strcmp(option, "anyone")) {
		*anyone = true;
		return NULL;
	}
	if (a->is_unix || strncmp(option, "host=", 5) != 0 || !option[5])
		return complain(text, a->is_unix ? "a unix socket has no options"
						 : "the options are ,host=NAME ,anyone");
	a->hosts = xrealloc_array(a->hosts, a->n_hosts + 1, sizeof(*a->hosts));
	a->hosts[a->n_hosts++] = xstrdup(option + 5);
	return NULL;
}

/* "tcp:[::1]:80" is "ptcp:80:[::1]" of a listener. NULL if it is not an address. */
static char *passive_text(const char *address)
{
	const char *ip = address + strlen("tcp:"), *port;

	if (!strncmp(address, "unix:", 5))
		return xasprintf("p%s", address);
	if (strncmp(address, "tcp:", 4) != 0)
		return NULL;
	port = strrchr(ip, ':');
	if (!port || !port[1] || strchr(port, ']'))
		return NULL;
	return xasprintf("ptcp:%s:%.*s", port + 1, (int)(port - ip), ip);
}

static struct err *parse(const char *text, struct web_address *a)
{
	CLEANUP(freep) char *copy = xstrdup(text);
	char *rest = copy, *option;
	const char *address = strsep(&rest, ",");
	struct stream_address socket;
	bool anyone = false;
	struct err *e;

	a->listen = passive_text(address);
	if (!a->listen)
		return complain(text, "not an address");
	e = stream_address_parse_side(a->listen, true, &socket);
	if (e) {
		err_free(e);
		return complain(text, "not an address");
	}
	a->is_unix = socket.kind == STREAM_UNIX;
	while (!e && (option = strsep(&rest, ",")))
		e = take_option(text, option, a, &anyone);
	if (e)
		return e;
	if (!a->is_unix && !is_loopback(&socket) && !anyone)
		return err_hint(err_new(ERR_INVALID,
					"--http=%s: other machines can reach this "
					"address, and there is no login",
					text),
				"listen on tcp:127.0.0.1:PORT, or add ,anyone to let "
				"everyone read who can reach it");
	return NULL;
}

struct err *web_address_parse(const char *text, struct web_address *ret_a)
{
	struct err *e;

	*ret_a = (struct web_address){0};
	e = parse(text, ret_a);
	if (e)
		web_address_clear(ret_a);
	return e;
}

void web_address_clear(struct web_address *a)
{
	for (size_t i = 0; i < a->n_hosts; i++)
		free(a->hosts[i]);
	free(a->hosts);
	free(a->listen);
	*a = (struct web_address){0};
}

/* The host of "host:port", "[v6]:port" and the same without a port. */
static char *host_part(const char *host)
{
	if (*host == '[')
		return xstrndup(host + 1, strcspn(host + 1, "]"));
	return xstrndup(host, strcspn(host, ":"));
}

bool web_address_has_host(const struct web_address *a, const char *host)
{
	CLEANUP(freep) char *name = NULL;
	unsigned char bytes[sizeof(struct in6_addr)];

	if (a->is_unix)
		return true;
	if (!host)
		return false;
	name = host_part(host);
	if (inet_pton(AF_INET, name, bytes) == 1 ||
	    inet_pton(AF_INET6, name, bytes) == 1 || !strcasecmp(name, "localhost"))
		return true;
	for (size_t i = 0; i < a->n_hosts; i++) {
		if (!strcasecmp(name, a->hosts[i]))
			return true;
	}
	return false;
}
