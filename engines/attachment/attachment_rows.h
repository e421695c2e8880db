/* Attachments as rows. Each function works on one transaction; the caller commits it, and begins
 * again where another client was faster (attachment_session.h). */
#ifndef ENGINES_ATTACHMENT_ROWS_H
#define ENGINES_ATTACHMENT_ROWS_H 1

#include "engines/attachment/attachment.h"
#include "engines/attachment/attachment_edit.h"

/* The slave of the attachment, by its external_ids alone; NULL if there is none. */
struct row *attachment_rows_find(const struct attachment_edit *edit,
				 const struct attachment *of);
/* Makes the master, if there is no row of it, and the slave with its leases. Its external_ids
 * say that 'process' is at work on it (attachment_process.h). '*ret_slave' and '*ret_model' are
 * what it gets.
 * ERR_INVALID: the master has another mode or flag, and the message names who has it. ERR_EXISTS:
 * the container has it already, or a slave has one of the addresses. ERR_LIMIT: the pool is full.
 * ERR_NOT_FOUND: no such pool. */
struct err *attachment_rows_add(const struct attachment_edit *edit,
				const struct attachment *want, const char *process,
				struct arena *a, struct row **ret_slave,
				struct model_slave *ret_model) MUST_CHECK;
/* Removes the attachments of the network for which 'is_wanted' returns false. */
typedef bool attachment_is_wanted_fn(void *aux, const char *container,
				     const char *ifname);
void attachment_rows_collect(const struct attachment_edit *edit, const char *engine,
			     const char *network, attachment_is_wanted_fn *is_wanted,
			     void *aux);
/* Removes what calls of 'of->engine' have left that ended half-way, what was before this boot,
 * where 'of->replaces' also what has lost its namespace, and masters of networks without
 * attachments. To be called after each other edit: of two calls that remove the last two
 * attachments at the same time each sees that of the other. */
void attachment_rows_sweep(const struct attachment_edit *edit,
			   const struct attachment *of);

/* "cni-pending": a key of external_ids. From the arena. */
const char *attachment_rows_key(struct arena *a, const char *engine, const char *what);

/* The columns that these functions read, by table, for a replica: NULL at the end. */
extern const char *const attachment_rows_master_columns[];
extern const char *const attachment_rows_slave_columns[];

#endif
