/* Mutations (RFC 7047 5.1 <mutation>): [column, mutator, value]. */
#ifndef OVSDB_MUTATION_H
#define OVSDB_MUTATION_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"

struct json_object;
struct mutations;
struct named_uuids;

/* A list of them. ERR_UNKNOWN_COLUMN, ERR_UNKNOWN_MUTATOR, ERR_CONSTRAINT (immutable),
 * ERR_SYNTAX. */
struct err *mutations_from_json(const struct table_schema *t,
				const struct json_object *json, struct named_uuids *names,
				struct mutations **ret_mutations) MUST_CHECK;
void mutations_free(struct mutations *m); /* accepts NULL */

size_t mutations_count(const struct mutations *m);
const struct column_schema *mutation_column(const struct mutations *m, size_t i);
uint64_t mutation_weight(const struct mutations *m, size_t i); /* datum_weight() */
/* Applies number 'i' in place and checks the result: ERR_DOMAIN, ERR_RANGE,
 * ERR_CONSTRAINT. After an error 'd' may be half done: it can only be cleared. */
struct err *mutation_apply(const struct mutations *m, size_t i,
			   struct datum *d) MUST_CHECK;

#endif
