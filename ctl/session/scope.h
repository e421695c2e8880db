/* Which slaves a line is about, so that no others need be fetched from the daemon. */
#ifndef CTL_SCOPE_H
#define CTL_SCOPE_H 1

#include "ctl/line/parse.h"

struct json_object;

/* A condition on table Slave (clauses, any of which must hold) that every slave fulfils
 * that the line may look at, name or change; [false] if it looks at none. NULL: it may be
 * any. Drift is looked at only where it is NULL. Owned by the caller. */
struct json_object *scope_of_line(const struct line *l)
	__attribute__((warn_unused_result));

#endif
