/* Counts the leases of a pool, and the addresses that it may give. */
#include "ctl/text/usage.h"

#include "config/pool/pool_rows.h"
#include "config/pool/pool_space.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

/* Leases of a pool, those of IPv6 apart. */
struct use {
	size_t n_ipv4, n_ipv6;
};

static struct use count_leases(const struct context *ctx, const struct row *pool)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct use use = {0};

	TXN_FOR_EACH_ROW (r, ctx->txn, c->lease.table) {
		const struct datum *of = txn_get(ctx->txn, r, c->lease.pool);

		if (!of->n || !uuid_equals(&datum_keys(of)->uuid, row_uuid(pool)))
			continue;
		if (strchr(context_text(ctx, r, c->lease.address), ':'))
			use.n_ipv6++;
		else
			use.n_ipv4++;
	}
	return use;
}

/* "12 of 253"; a subnet of IPv6 has more than anybody counts. */
static const char *count_text(const struct context *ctx, size_t n, uint64_t of)
{
	unsigned int bits = 0;

	if (of <= UINT32_MAX)
		return arena_printf(ctx->arena, "%zu of %" PRIu64, n, of);
	while (of >> bits > 1)
		bits++;
	return arena_printf(ctx->arena, "%zu of 2^%u", n, of == UINT64_MAX ? 64 : bits);
}

const char *usage_text(const struct context *ctx, const struct row *r)
{
	struct use use = count_leases(ctx, r);
	struct pool_space ipv4, ipv6;
	const char *text = "";
	struct pool p;
	struct err *e = pool_rows_read(&ctx->columns, ctx->txn, r, ctx->arena, &p);

	/* A foreign server keeps what it is given. */
	if (e) {
		err_free(e);
		return "";
	}
	pool_space_init(&p, AF_INET, ctx->arena, &ipv4);
	pool_space_init(&p, AF_INET6, ctx->arena, &ipv6);
	if (ipv4.n || use.n_ipv4)
		text = count_text(ctx, use.n_ipv4, pool_space_count(&ipv4));
	if (ipv6.n || use.n_ipv6)
		text = arena_printf(ctx->arena, "%s%s%s", text, *text ? ", " : "",
				    count_text(ctx, use.n_ipv6, pool_space_count(&ipv6)));
	return text;
}
