/* The rows that `show` prints: all, or those that its arguments name. */
#ifndef CTL_SHOW_SELECT_H
#define CTL_SHOW_SELECT_H 1

#include "ctl/session/context.h"

#include <stdbool.h>
#include <stddef.h>

/* A master with some of its slaves, or all. */
struct shown {
	struct row *master;
	struct row **slaves; /* sorted by label */
	size_t n_slaves;
	bool is_whole; /* false: only slaves were named, and are shown in detail */
};

/* A word is a master, a slave (all of that name), a namespace ("ns1/"), an address or
 * a subnet. Without words, all rows. From the attempt's arena. ERR_NOT_FOUND, with the
 * nearest name, for a word that matches nothing. */
struct err *show_select(const struct context *ctx, char *const *words, size_t n,
			struct shown **ret_shown, size_t *ret_n) MUST_CHECK;
/* Leaves of '*n' masters those that are not ready, or have slaves that are not, with these
 * slaves alone. What is disabled, or may differ (`drift: ignore`), is as it should be. */
void show_select_not_ready(const struct context *ctx, struct shown *shown, size_t *n);

#endif
