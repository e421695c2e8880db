/* What was meant by a word that is no column, or no COLUMN=VALUE. */
#ifndef CTL_ARGS_HINT_H
#define CTL_ARGS_HINT_H 1

#include "lib/arena.h"
#include "ovsdb-lite/values/schema.h"

/* What takes the place of a key of other programs (ip, netplan, nmcli, docker); NULL: nothing. */
const char *args_hint_column(const struct table_schema *t, const char *name);

/* "mode=l2" for "l2"; NULL if no column of this table is meant. */
const char *args_hint_assignment(struct arena *a, const struct table_schema *t,
				 const char *word);

#endif
