/* The last transaction of the history that changed one master or slave. */
#ifndef CTL_LAST_EDIT_H
#define CTL_LAST_EDIT_H 1

#include "ctl/session/context.h"
#include "ctl/past/past.h"

/* What is looked for: a row, or the removal of one that had this name. */
struct last_edit_of {
	const struct uuid *uuid;
	const char *label; /* "ns1/a", or "a" in any namespace; used without 'uuid' */
};

struct last_edit {
	const struct past *past; /* NULL: the history does not go back so far */
	const struct edit *edit; /* its change of the object */
	bool is_unsupported;     /* the server keeps no history */
};

/* From the attempt's arena, but for past->json, which is gone. May run the loop: rows that
 * were found before may be gone, too. The errors of past_read(). */
struct err *last_edit_find(struct context *ctx, const struct last_edit_of *of,
			   struct last_edit *ret_edit) MUST_CHECK;

#endif
