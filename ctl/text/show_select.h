/* What `show` shows: everything, or what its words name. */
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
	bool is_whole; /* else its slaves alone were asked for, and are shown in detail */
};

/* A word is a master, a slave (all of that name), a namespace ("ns1/"), an address or a
 * subnet; without words it is everything. From the attempt's arena. ERR_NOT_FOUND for a
 * word that nothing goes by, with the nearest. */
struct err *show_select(const struct context *ctx, char *const *words, size_t n,
			struct shown **ret_shown, size_t *ret_n) MUST_CHECK;

#endif
