/* The conditions of `find` and `wait-until`: COLUMN[:KEY] RELATION VALUE, with the
 * relations of ovs-vsctl(8). */
#ifndef CTL_CONDITIONS_H
#define CTL_CONDITIONS_H 1

#include "ctl/line/args.h"
#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>
#include <stddef.h>

struct condition {
	const struct column_schema *column;
	enum args_relation relation;
	char *key; /* owned; NULL: the whole column is compared */
	/* Of both sides; with a key, a set of the map's values */
	struct column_type type;
	struct datum value;
};

/* ERR_INVALID with 'text' as its path. */
struct err *condition_parse(const struct table_schema *t, const char *text,
			    struct condition *ret_condition) MUST_CHECK;
void condition_clear(struct condition *c);

/* All of 'texts'. The array is owned by the caller: conditions_free(). */
struct err *conditions_parse(const struct table_schema *t, char *const *texts, size_t n,
			     struct condition **ret_conditions) MUST_CHECK;
void conditions_free(struct condition *c, size_t n);

/* The index of the first condition that the row does not meet; 'n' if it meets all. */
size_t conditions_find_breach(const struct condition *c, size_t n, const struct txn *t,
			      const struct row *r);

#endif
