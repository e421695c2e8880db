/* Which texts name one network namespace. Two rows may name one device by two texts (a
 * name, a path, a process); a pass about one row must look at the other.
 *
 * Kept in memory, from the last observation. A text too many costs a read; a missing
 * one is found by the audit. */
#ifndef RECONCILER_WANTED_ALIASES_H
#define RECONCILER_WANTED_ALIASES_H 1

#include "config/columns.h"
#include "datapath/model.h"
#include "reconciler/wanted/key.h"

struct aliases;

struct aliases *aliases_new(void) __attribute__((warn_unused_result));
void aliases_free(struct aliases *a); /* accepts NULL */

/* Records which namespaces an observation found. Texts that no row uses are
 * forgotten, but those of namespaces that ipvl has to remove. */
void aliases_note(struct aliases *a, const struct model *want, const struct model *have);

/* The inode that was recorded last, 0 if none, and whether there was an event since.
 * 'a' may be NULL. */
uint64_t aliases_last(const struct aliases *a, const char *text, bool *ret_has_changed);

/* After an event: 'text' appeared, vanished, or names another namespace. */
void aliases_note_change(struct aliases *a, const char *text);

/* After a step that made the namespace, or (inode 0) removed it. */
void aliases_note_made(struct aliases *a, const char *text, uint64_t inode);

/* Calls 'fn' with each text of the namespace that was recorded last, 'text' itself among
 * them. 'a' may be NULL. */
typedef void aliases_text_fn(void *aux, const char *text);
void aliases_each_text(const struct aliases *a, const char *text, aliases_text_fn *fn,
		       void *aux);

/* Calls 'fn' with the key of each row that names the device of an object of 'want' by
 * another text: by what 'have' shows, and by what was recorded last. */
typedef void aliases_key_fn(void *aux, const struct key *key);
void aliases_each(const struct aliases *a, const struct ipvl_columns *c,
		  const struct txn *txn, const struct model *want,
		  const struct model *have, aliases_key_fn *fn, void *aux);

#endif
