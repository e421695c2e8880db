/* Which texts of namespaces stand for one namespace: two rows may name one device by two
 * texts, and a pass about the one must look at the other.
 *
 * Memory only, from what was observed last: one too many costs a look, one too few is
 * found by the audit. */
#ifndef RECONCILER_ALIASES_H
#define RECONCILER_ALIASES_H 1

#include "config/columns.h"
#include "datapath/model.h"
#include "reconciler/key.h"

struct aliases;

struct aliases *aliases_new(void) __attribute__((warn_unused_result));
void aliases_free(struct aliases *a); /* accepts NULL */

/* Remembers what the namespaces of an observation are; those that no row names are
 * forgotten. */
void aliases_note(struct aliases *a, const struct model *want, const struct model *have);

/* The inode that was noted last, 0 if none was, and whether an event told of a change
 * since. 'a' may be NULL. */
uint64_t aliases_last(const struct aliases *a, const char *text, bool *ret_has_changed);

/* An event: 'text' came, went, or stands for another namespace. */
void aliases_note_change(struct aliases *a, const char *text);

/* The same for one that was made meanwhile. */
void aliases_note_made(struct aliases *a, const char *text, uint64_t inode);

/* Calls 'fn' with the key of each row that has the place of an object of 'want' by
 * another text: as 'have' shows it, and as it was noted last. */
typedef void aliases_key_fn(void *aux, const struct key *key);
void aliases_each(const struct aliases *a, const struct ipvl_columns *c,
		  const struct txn *txn, const struct model *want,
		  const struct model *have, aliases_key_fn *fn, void *aux);

#endif
