/* Names of the states of a row, and the state of one. */
#include "config/state.h"

#include "lib/alloc.h"

#include <string.h>

static const char *const names[] = {
	[STATE_UNKNOWN] = "",
	[STATE_READY] = "ready",
	[STATE_PENDING] = "pending",
	[STATE_WAITING] = "waiting",
	[STATE_CONFLICT] = "conflict",
	[STATE_ERROR] = "error",
	[STATE_CONTESTED] = "contested",
	[STATE_DRIFTED] = "drifted",
	[STATE_DISABLED] = "disabled",
};
_Static_assert(ARRAY_SIZE(names) == N_STATES, "each state has a name");

const char *state_name(enum row_state state)
{
	return names[state];
}

enum row_state state_from_name(const char *name)
{
	for (enum row_state s = 0; s < N_STATES; s++) {
		if (!strcmp(name, names[s]))
			return s;
	}
	return STATE_UNKNOWN;
}

bool state_is_well(enum row_state state)
{
	return state == STATE_READY || state == STATE_DISABLED || state == STATE_PENDING;
}

enum row_state state_of_row(const struct ipvl_columns *c, const struct row *r)
{
	bool is_master = row_table(r) == c->master.table;

	return state_from_name(
		datum_text(row_get(r, is_master ? c->master.state : c->slave.state)));
}
