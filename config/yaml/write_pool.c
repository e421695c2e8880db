/* Pools as text: one key on a line, lists in brackets. */
#include "config/yaml/write_pool.h"

#include "config/yaml/scalar.h"
#include "lib/alloc.h"

#include <string.h>

static void print_item(FILE *out, size_t i, const char *text)
{
	fputs(i ? ", " : "", out);
	scalar_print_address(out, text);
}

static void print_ranges(FILE *out, const char *key, const struct pool_range *ranges,
			 size_t n)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();

	if (!n)
		return;
	fprintf(out, "    %s: [", key);
	for (size_t i = 0; i < n; i++)
		print_item(out, i, pool_range_text(a, &ranges[i]));
	fputs("]\n", out);
}

static void print_gateways(FILE *out, const struct pool *p)
{
	char buf[IP_TEXT_BYTES];

	if (!p->n_gateways)
		return;
	fputs(p->n_gateways > 1 ? "    gateway: [" : "    gateway: ", out);
	for (size_t i = 0; i < p->n_gateways; i++)
		print_item(out, i, ip_addr_format(&p->gateways[i], buf));
	fputs(p->n_gateways > 1 ? "]\n" : "\n", out);
}

static void print_pool(FILE *out, const struct pool *p)
{
	char buf[IP_TEXT_BYTES];

	fputs("  - name: ", out);
	scalar_print(out, p->name);
	fputs("\n    subnets: [", out);
	for (size_t i = 0; i < p->n_subnets; i++)
		print_item(out, i, ip_prefix_format(&p->subnets[i], buf));
	fputs("]\n", out);
	print_ranges(out, "ranges", p->ranges, p->n_ranges);
	print_ranges(out, "excluded", p->excluded, p->n_excluded);
	print_gateways(out, p);
}

void write_pools(FILE *out, const struct pool *pools, size_t n)
{
	if (n)
		fputs("pools:\n", out);
	for (size_t i = 0; i < n; i++)
		print_pool(out, &pools[i]);
}
