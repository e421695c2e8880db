/* Describes the contents of rows for show, diff and the lists, as the attempt sees
 * them. */
#include "ctl/text/describe.h"

#include "config/rows_source.h"
#include "ctl/output/value.h"

#include <inttypes.h>
#include <string.h>

const char *describe_join(struct arena *a, const char *all, const char *word)
{
	if (!*word)
		return all;
	return *all ? arena_printf(a, "%s, %s", all, word) : word;
}

const char *describe_count(struct arena *a, size_t n, const char *noun)
{
	return arena_printf(a, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

const char *describe_addresses(const struct context *ctx, const struct row *slave)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct datum *d = txn_get(ctx->txn, slave, c->slave.addresses);
	const char *all = "";

	if (!d->n)
		return strcmp(context_text(ctx, slave, c->slave.addressing), "external")
			       ? "no address"
			       : "external addresses";
	for (uint32_t i = 0; i < d->n; i++)
		all = arena_printf(ctx->arena, "%s%s%s", all, i ? " " : "",
				   datum_keys(d)[i].string);
	return all;
}

/* A route without a gateway is marked "on-link", since "default" alone seems
 * incomplete. */
static const char *route(struct arena *a, const char *text)
{
	return strstr(text, " via ") ? text : arena_printf(a, "%s on-link", text);
}

const char *describe_routes(const struct context *ctx, const struct row *r)
{
	bool is_slave = row_table(r) == ctx->columns.slave.table;
	const struct datum *d = txn_get(ctx->txn, r,
					is_slave ? ctx->columns.slave.routes
						 : ctx->columns.master.routes);
	const char *defaults = "", *others = "";

	for (uint32_t i = 0; i < d->n; i++) {
		const char *text = datum_keys(d)[i].string;
		const char **list = strncmp(text, "default", 7) ? &others : &defaults;

		*list = describe_join(ctx->arena, *list, route(ctx->arena, text));
	}
	return *defaults ? describe_join(ctx->arena, defaults, others) : others;
}

/* The rules of its namespace, and source routing. */
static const char *describe_policy(const struct context *ctx, const struct row *slave,
				   const char *all)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct datum *rules = txn_get(ctx->txn, slave, c->slave.routing_policy);
	const char *source = context_text(ctx, slave, c->slave.source_routing);

	for (uint32_t i = 0; i < rules->n; i++)
		all = describe_join(
			ctx->arena, all,
			arena_printf(ctx->arena, "rule %s", datum_keys(rules)[i].string));
	if (!*source)
		return all;
	return describe_join(ctx->arena, all,
			     strcmp(source, "true") ? arena_printf(ctx->arena,
								   "source routing by "
								   "table %s",
								   source)
						    : "source routing");
}

/* Of container engines, which have it. */
static const char *describe_networks(const struct context *ctx, const struct row *slave,
				     const char *all)
{
	const struct datum *d = txn_get(ctx->txn, slave, ctx->columns.slave.sources);

	for (uint32_t i = 0; i < d->n; i++) {
		const char *source = datum_keys(d)[i].string;
		const char *network = rows_source_network(source);

		if (network)
			all = describe_join(ctx->arena, all,
					    arena_printf(ctx->arena, "%.*s network %s",
							 (int)strcspn(source, ":"),
							 source, network));
	}
	return all;
}

const char *describe_extras(const struct context *ctx, const struct row *slave)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *nameservers = context_text(ctx, slave, c->slave.nameservers);
	const char *search = context_text(ctx, slave, c->slave.search);
	const char *drift = context_text(ctx, slave, c->slave.drift);
	const struct datum *sysctl = txn_get(ctx->txn, slave, c->slave.sysctl);
	const struct datum *altnames = txn_get(ctx->txn, slave, c->slave.altnames);
	const struct datum *options = txn_get(ctx->txn, slave, c->slave.address_options);
	const char *alias = context_text(ctx, slave, c->slave.alias);
	const char *vrf = context_text(ctx, slave, c->slave.vrf);
	const char *pool = context_text(ctx, slave, c->slave.pool);
	int64_t mtu = datum_integer(txn_get(ctx->txn, slave, c->slave.mtu), 0);
	const char *all = "";

	if (mtu)
		all = arena_printf(ctx->arena, "mtu %" PRId64, mtu);
	all = describe_policy(ctx, slave, all);
	if (datum_boolean(txn_get(ctx->txn, slave, c->slave.host_access), false))
		all = describe_join(ctx->arena, all, "host access");
	if (datum_boolean(txn_get(ctx->txn, slave, c->slave.handed_over), false))
		all = describe_join(ctx->arena, all, "handed over");
	if (datum_boolean(txn_get(ctx->txn, slave, c->slave.transient), false))
		all = describe_join(ctx->arena, all, "transient");
	if (*nameservers)
		all = describe_join(
			ctx->arena, all,
			arena_printf(ctx->arena, "nameservers %s", nameservers));
	if (*search)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "search %s", search));
	if (*drift && strcmp(drift, model_drift_name(MODEL_DRIFT_REPAIR)) != 0)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "drift %s", drift));
	for (uint32_t i = 0; i < options->n; i++)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "%s %s",
						 datum_keys(options)[i].string,
						 datum_values(options)[i].string));
	for (uint32_t i = 0; i < altnames->n; i++)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "also called %s",
						 datum_keys(altnames)[i].string));
	if (*alias)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "alias \"%s\"", alias));
	if (*pool)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "pool %s", pool));
	all = describe_networks(ctx, slave, all);
	if (*vrf)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "VRF %s", vrf));
	if (sysctl->n)
		all = describe_join(
			ctx->arena, all,
			value_text(ctx->arena, sysctl, &c->slave.sysctl->type));
	return all;
}

const char *describe_port(const struct context *ctx, const struct row *master)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *link = context_text(ctx, master, c->master.vlan_link);
	const char *kind = context_text(ctx, master, c->master.kind);
	const struct datum *match = txn_get(ctx->txn, master, c->master.match);
	const char *datapath = datum_text(txn_get(ctx->txn, master, c->master.datapath));
	const char *port =
		arena_printf(ctx->arena, "%s%s%s %s", datapath, *datapath ? " " : "",
			     context_text(ctx, master, c->master.mode),
			     context_text(ctx, master, c->master.flag));

	if (match->n)
		return arena_printf(
			ctx->arena, "%s, match %s", port,
			value_text(ctx->arena, match, &c->master.match->type));
	if (!*link)
		return *kind ? arena_printf(ctx->arena, "%s, %s", port, kind) : port;
	return arena_printf(
		ctx->arena, "%s, vlan %" PRId64 " of %s", port,
		datum_integer(txn_get(ctx->txn, master, c->master.vlan_id), 0), link);
}

enum style describe_state_style(enum row_state state)
{
	switch (state) {
	case STATE_READY:
		return STYLE_GOOD;
	case STATE_CONFLICT:
	case STATE_ERROR:
		return STYLE_BAD;
	case STATE_PENDING:
	case STATE_WAITING:
	case STATE_CONTESTED:
	case STATE_DRIFTED:
		return STYLE_WARNING;
	case STATE_DISABLED:
		return STYLE_FAINT;
	case STATE_UNKNOWN:
	case N_STATES:
		break;
	}
	return STYLE_PLAIN;
}

const char *describe_state(enum row_state state)
{
	return state == STATE_ERROR      ? "in error"
	       : state == STATE_CONFLICT ? "in conflict"
					 : state_name(state);
}

const char *describe_with_message(struct arena *a, enum row_state state,
				  const char *message)
{
	const char *name = state == STATE_UNKNOWN ? "unknown" : state_name(state);

	if (!*message)
		return name;
	return strncmp(message, name, strlen(name))
		       ? arena_printf(a, "%s: %s", name, message)
		       : message;
}

bool describe_is_ignored(const struct ipvl_columns *c, const struct row *r)
{
	bool is_master = row_table(r) == c->master.table;
	const char *drift =
		datum_text(row_get(r, is_master ? c->master.drift : c->slave.drift));

	return !strcmp(drift, model_drift_name(MODEL_DRIFT_IGNORE));
}
