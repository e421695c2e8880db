/* txn_set() with C values instead of data, for code that has the schema built in. */
#include "ovsdb-lite/rows/txn.h"

void txn_set_string(struct txn *t, struct row *r, const struct column_schema *c,
		    const char *s)
{
	struct datum d = {0};

	datum_set_string(&d, &c->type, s);
	txn_set(t, r, c, &d);
}

void txn_set_strings(struct txn *t, struct row *r, const struct column_schema *c,
		     const char *const *s, size_t n)
{
	struct datum d = {0};

	datum_set_strings(&d, &c->type, s, n);
	txn_set(t, r, c, &d);
}

void txn_set_integer(struct txn *t, struct row *r, const struct column_schema *c,
		     int64_t i)
{
	struct datum d = {0};

	datum_set_integer(&d, &c->type, i);
	txn_set(t, r, c, &d);
}

void txn_set_integer_or_none(struct txn *t, struct row *r, const struct column_schema *c,
			     int64_t i)
{
	struct datum d = {0};

	if (i)
		datum_set_integer(&d, &c->type, i);
	txn_set(t, r, c, &d);
}
