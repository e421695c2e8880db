/* Reads /proc/net/route and /proc/net/ipv6_route (Linux fib_route_seq_show(), rt6_info_route()). */
#include "engines/attachment/attachment_device.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES 16 /* IFNAMSIZ */

static const char *best_ipv4(struct arena *a)
{
	const char *best = "";
	uint64_t lowest = UINT64_MAX;
	char line[512], name[NAME_BYTES];
	FILE *f = fopen("/proc/net/route", "re");

	while (f && fgets(line, sizeof(line), f)) {
		uint32_t to, mask;
		uint64_t metric;

		if (sscanf(line, "%15s %" SCNx32 " %*x %*x %*u %*u %" SCNu64 " %" SCNx32,
			   name, &to, &metric, &mask) != 4 ||
		    to || mask || metric >= lowest)
			continue;
		lowest = metric;
		best = arena_strdup(a, name);
	}
	if (f)
		fclose(f);
	return best;
}

static const char *best_ipv6(struct arena *a)
{
	const char *best = "";
	uint32_t lowest = UINT32_MAX;
	char line[512], name[NAME_BYTES], to[33];
	FILE *f = fopen("/proc/net/ipv6_route", "re");

	while (f && fgets(line, sizeof(line), f)) {
		uint32_t len, metric;

		if (sscanf(line,
			   "%32s %" SCNx32 " %*32s %*x %*32s %" SCNx32
			   " %*x %*x %*x %15s",
			   to, &len, &metric, name) != 4 ||
		    len || strspn(to, "0") != 32 || !strcmp(name, "lo") ||
		    metric >= lowest)
			continue;
		lowest = metric;
		best = arena_strdup(a, name);
	}
	if (f)
		fclose(f);
	return best;
}

const char *attachment_device_of_default_route(struct arena *a)
{
	const char *best = best_ipv4(a);

	return *best ? best : best_ipv6(a);
}
