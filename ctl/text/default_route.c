/* Changes the on-link default routes of a row to IPv6 if its slave has only IPv6
 * addresses. A user who types 0.0.0.0/0 means IPv4. */
#include "ctl/text/default_route.h"

#include "config/canon.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"

#include <string.h>

#define WORD "default"

/* The destination, behind a type of route ("blackhole"). */
static const char *destination_in(const char *route)
{
	const char *blank = strchr(route, ' ');

	return canon_route_is_reject(route) && blank ? blank + 1 : route;
}

/* The text after "default" or the prefix in an on-link default route: "" or " metric
 * 5"; NULL for another route. */
static const char *rest_of_default(const char *route)
{
	const char *rest;

	route = destination_in(route);
	rest = route + strlen(WORD);
	if (strncmp(route, WORD, strlen(WORD)) != 0 || (*rest && *rest != ' '))
		return NULL;
	return strstr(rest, " via ") || strstr(rest, " src ") ? NULL : rest;
}

static const char *find_default(const struct datum *routes)
{
	for (uint32_t i = 0; i < routes->n; i++) {
		if (rest_of_default(datum_keys(routes)[i].string))
			return datum_keys(routes)[i].string;
	}
	return NULL;
}

static void count_families(const struct datum *addresses, size_t *ret_ipv4,
			   size_t *ret_ipv6)
{
	*ret_ipv4 = *ret_ipv6 = 0;
	for (uint32_t i = 0; i < addresses->n; i++) {
		if (strchr(datum_keys(addresses)[i].string, ':'))
			++*ret_ipv6;
		else
			++*ret_ipv4;
	}
}

/* Makes each on-link default route of the row an IPv6 one. */
static void write_ipv6(struct context *ctx, struct row *slave)
{
	const struct column_schema *c = ctx->columns.slave.routes;
	const struct datum *routes = txn_get(ctx->txn, slave, c);
	const char **texts = arena_array(ctx->arena, routes->n + 1, sizeof(*texts));
	size_t n = routes->n;

	for (size_t i = 0; i < n; i++) {
		const char *text = datum_keys(routes)[i].string;
		const char *rest = rest_of_default(text);
		struct model_route route;
		struct err *e;

		texts[i] = arena_strdup(ctx->arena, text);
		if (!rest)
			continue;
		text = arena_printf(ctx->arena, "%.*s::/0%s",
				    (int)(destination_in(text) - text), text, rest);
		e = canon_route_parse(text, &route);
		if (!e)
			texts[i] = model_route_text(ctx->arena, &route);
		err_free(e);
	}
	txn_set_strings(ctx->txn, slave, c, texts, n);
}

struct err *default_route_settle(struct context *ctx, struct row *slave,
				 const char *typed)
{
	const struct ipvl_columns *c = &ctx->columns;
	size_t n_ipv4, n_ipv6;

	if (strstr(typed, "0.0.0.0/0") ||
	    !find_default(txn_get(ctx->txn, slave, c->slave.routes)))
		return NULL;
	count_families(txn_get(ctx->txn, slave, c->slave.addresses), &n_ipv4, &n_ipv6);
	if (n_ipv4 && n_ipv6)
		return err_hint(err_new(ERR_INVALID,
					"`default` may be IPv4 or IPv6, since %s has "
					"addresses of both",
					naming_label(ctx, slave)),
				"write 0.0.0.0/0 or ::/0, or a route for each");
	if (n_ipv6)
		write_ipv6(ctx, slave);
	return NULL;
}
