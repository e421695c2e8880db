/* A change of one row, in words: what `diff`, `history` and the commands that edit print. */
#ifndef CTL_EDIT_H
#define CTL_EDIT_H 1

#include "ctl/output/layout.h"
#include "lib/arena.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

/* Edits of one object are sorted in this order. */
enum edit_kind { EDIT_ADDED, EDIT_REMOVED, EDIT_CHANGED };

struct edit {
	enum edit_kind kind;
	const char *object; /* "ns1/ipvl1", "Host"; of a removed row its last name */
	const char *what;   /* "mode l2 -> l3", "10.0.0.2/24, default on-link"; "" */
};

/* "+", "-" or "~". Static. */
const char *edit_sign(const struct edit *edit);
enum style edit_style(const struct edit *edit);
/* "added", "removed" or "changed". Static. */
const char *edit_verb(enum edit_kind kind);
/* "~ eno2 mode l2 -> l3". From the arena. */
const char *edit_text(struct arena *a, const struct edit *edit);

/* For 'what': "mode l2 -> l3", "addresses -10.0.0.2/24 +10.0.0.3/24". From the arena. */
const char *edit_column_text(struct arena *a, const struct column_schema *c,
			     const struct datum *old, const struct datum *new);

#endif
