/* Where HTTP is served: `unix:PATH` or `tcp:IP:PORT`, with options, as in `--http`. */
#ifndef RECONCILER_WEB_WEB_ADDRESS_H
#define RECONCILER_WEB_WEB_ADDRESS_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>

struct web_address {
	char *listen; /* passive, as in stream_address.h */
	bool is_unix;
	/* By which clients may call a TCP address, beside its numbers and localhost. */
	char **hosts;
	size_t n_hosts;
};

/* `,host=NAME` adds one of 'hosts'. An address that other machines can reach needs
 * `,anyone`: there is no login. ERR_INVALID in one sentence. */
struct err *web_address_parse(const char *text, struct web_address *ret_a) MUST_CHECK;
void web_address_clear(struct web_address *a);

/* True if a request may come with this Host header (NULL: none). A page of another site
 * that had its own name resolved to our address comes with that name. */
bool web_address_has_host(const struct web_address *a, const char *host);

#endif
