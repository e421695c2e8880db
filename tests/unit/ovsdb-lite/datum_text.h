/* Data of a type under test, from JSON text and back. */
#ifndef TESTS_DATUM_TEXT_H
#define TESTS_DATUM_TEXT_H 1

#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/named_uuid.h"
#include "ovsdb-lite/values/schema.h"

#define SET_OF_INTEGERS "{\"key\":\"integer\",\"min\":0,\"max\":\"unlimited\"}"
#define SET_OF_STRINGS  "{\"key\":\"string\",\"min\":0,\"max\":\"unlimited\"}"
#define MAP             "{\"key\":\"string\",\"value\":\"string\",\"min\":0,\"max\":\"unlimited\"}"

/* A schema of one table T (and U, to refer to) whose column c has the type under test. */
struct datum_text {
	struct schema *schema;
	const struct column_type *type;
};

struct datum_text datum_text_type(const char *type);
/* The error of datum_from_json(); fails the test if 'text' is not JSON. */
struct err *datum_text_read(struct datum *d, const struct datum_text *f, const char *text,
			    struct named_uuids *names);
/* Fails the test on an error. */
struct datum datum_text_datum(const struct datum_text *f, const char *text);
/* Fails the test unless 'd' is 'want' as JSON. */
void datum_text_check(const struct datum_text *f, const struct datum *d,
		      const char *want);

#endif
