/* Labels of the IPv4 addresses of the simulated kernel: what a rename makes of them. */
#include "datapath/sim/twin/twin_label.h"

#include "lib/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The list of the kernel (Linux __inet_insert_ifa()): primary addresses by their scopes, then
 * secondary ones. */
static int place_cmp(const void *x, const void *y)
{
	const struct twin_addr *a = *(struct twin_addr *const *)x;
	const struct twin_addr *b = *(struct twin_addr *const *)y;

	if (a->is_secondary != b->is_secondary)
		return a->is_secondary - b->is_secondary;
	if (!a->is_secondary && a->scope != b->scope)
		return b->scope - a->scope;
	return (a > b) - (a < b);
}

/* Linux inetdev_changename(). 'number' is 1 for the first address. */
static void follow(struct twin_addr *a, const char *name, size_t number)
{
	char end[sizeof(a->label)] = "", text[2 * sizeof(a->label)];
	const char *colon = strchr(a->label, ':');
	size_t kept = strlen(name);

	if (number > 1 && colon)
		memcpy(end, colon, strlen(colon) + 1);
	else if (number > 1)
		snprintf(end, sizeof(end), ":%u", (unsigned int)number);
	if (kept + strlen(end) > MODEL_LABEL_MAX_BYTES)
		kept = MODEL_LABEL_MAX_BYTES - strlen(end);
	snprintf(text, sizeof(text), "%.*s%s", (int)kept, name, end);
	memcpy(a->label, text, sizeof(a->label));
	a->label[MODEL_LABEL_MAX_BYTES] = '\0';
}

void twin_label_follow_name(struct twin_link *l)
{
	CLEANUP(freep)
	struct twin_addr **all = xcalloc(l->n_addresses + 1, sizeof(struct twin_addr *));
	size_t n = 0;

	for (size_t i = 0; i < l->n_addresses; i++) {
		if (l->addresses[i].prefix.addr.family == AF_INET)
			all[n++] = &l->addresses[i];
	}
	qsort(all, n, sizeof(*all), place_cmp);
	for (size_t i = 0; i < n; i++)
		follow(all[i], l->name, i + 1);
}
