/* A client's copy of what it monitors: what it was told of rows, put together. Each
 * update must fit what was told before; that is half of the laws of a monitor. */
#ifndef TESTS_FUZZ_COPY_H
#define TESTS_FUZZ_COPY_H 1

#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/values/uuid.h"

#include <stdbool.h>
#include <stddef.h>

struct copy_row {
	const struct table_schema *table;
	struct uuid uuid;
	/* An object: name, value. Told as monitor_cond does, it has all columns of the
	 * schema, those that are not monitored at their defaults. */
	struct json_object *columns;
};

/* All bytes zero: empty. */
struct copy {
	const struct schema
		*schema; /* to be set; the server may have another one, as equal */
	bool is_plain;   /* told as RFC 7047 says, not as monitor_cond does */
	bool is_resumed; /* ephemeral columns may be told again, as they are */
	struct copy_row *rows;
	size_t n_rows, cap_rows;
};

void copy_clear(struct copy *c);
/* <table-updates> or <table-updates2>; 'is_first': of a reply that tells all rows. */
void copy_apply(struct copy *c, const struct json_object *updates, bool is_first);
/* The columns of a row; NULL if it is not there. */
const struct json_object *copy_find(const struct copy *c, const struct table_schema *t,
				    const struct uuid *uuid);

#endif
