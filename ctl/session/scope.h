/* The slaves that a line can concern: others are not fetched from the daemon. */
#ifndef CTL_SCOPE_H
#define CTL_SCOPE_H 1

#include "ctl/line/parse.h"

struct json_object;

/* A condition on table Slave: a list of clauses, of which one must match. It matches
 * every slave that the line can read or write; [false] matches none. NULL: all slaves,
 * and drift too. Owned by the caller. */
struct json_object *scope_of_line(const struct line *l)
	__attribute__((warn_unused_result));

#endif
