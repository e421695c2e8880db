/* The named-uuids of one transaction (RFC 7047 5.1 <named-uuid>): a name stands for the
 * UUID of the row that an `insert` makes under it, and may be used before that. */
#ifndef OVSDB_NAMED_UUID_H
#define OVSDB_NAMED_UUID_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/uuid.h"

struct named_uuids;

struct named_uuids *named_uuids_new(void) __attribute__((warn_unused_result));
void named_uuids_free(struct named_uuids *names); /* accepts NULL */

/* The UUID that 'name' stands for: a random one at the first use. ERR_SYNTAX if 'name' is
 * no <id>. */
struct err *named_uuids_use(struct named_uuids *names, const char *name,
			    struct uuid *ret_uuid) MUST_CHECK;
/* For an insert of the row 'name'. 'wanted' is the row's UUID if the client chose one,
 * else NULL. ERR_DUPLICATE_NAME if an earlier insert has the name; ERR_SYNTAX if it is no
 * <id>, or if it was used before and so has another UUID than 'wanted'. */
struct err *named_uuids_define(struct named_uuids *names, const char *name,
			       const struct uuid *wanted,
			       struct uuid *ret_uuid) MUST_CHECK;
/* A name that was used but never inserted, for the error at commit. NULL if there is
 * none. Borrowed. */
const char *named_uuids_undefined(const struct named_uuids *names);

#endif
