/* The states of a Master or Slave row, as the column `state` names them. */
#ifndef CONFIG_STATE_H
#define CONFIG_STATE_H 1

#include "config/columns.h"

enum row_state {
	/* "": ipvld has not reported on the row yet; or a word of a later version. */
	STATE_UNKNOWN,
	STATE_READY,
	STATE_PENDING,
	STATE_WAITING,
	STATE_CONFLICT,
	STATE_ERROR,
	STATE_CONTESTED,
	/* It differs from its row, and `drift` leaves it so. */
	STATE_DRIFTED,
	STATE_DISABLED,
	N_STATES
};

/* The column's text; "" for STATE_UNKNOWN. Static. */
const char *state_name(enum row_state state);
/* STATE_UNKNOWN if 'name' is none of them. */
enum row_state state_from_name(const char *name);

/* Nothing is wrong with the row: ready, disabled, or pending. */
bool state_is_well(enum row_state state);

/* The committed state of a row of Master or Slave. */
enum row_state state_of_row(const struct ipvl_columns *c, const struct row *r);

#endif
