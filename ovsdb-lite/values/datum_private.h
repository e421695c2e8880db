/* How data are stored: shared by datum.c, datum_set.c, datum_json.c and mutation.c alone.
 */
#ifndef OVSDB_DATUM_PRIVATE_H
#define OVSDB_DATUM_PRIVATE_H 1

#include "ovsdb-lite/values/datum.h"

/* The same as datum_keys(), to be written to. Values: d->many.values. */
union atom *datum_own_keys(struct datum *d);
/* Makes room for 'n' elements in all. */
void datum_reserve(struct datum *d, size_t n, bool is_map);
/* Gives arrays back that became too small to need: call it after removing elements. */
void datum_tidy(struct datum *d);
/* Sorts; true if two keys are equal. */
bool datum_sort_finds_duplicate(struct datum *d, const struct column_type *t);

#endif
