/* Atoms: single values of one of five types (RFC 7047 3.1, 5.1 <atom>). */
#ifndef OVSDB_ATOM_H
#define OVSDB_ATOM_H 1

#include "ovsdb-lite/values/uuid.h"

#include <stdbool.h>
#include <stdint.h>

enum atom_type { ATOM_INTEGER, ATOM_REAL, ATOM_BOOLEAN, ATOM_STRING, ATOM_UUID };
const char *atom_type_name(enum atom_type type);
bool atom_type_from_name(const char *name, enum atom_type *ret_type);

union atom {
	int64_t integer;
	double real;
	bool boolean;
	char *string; /* owned, UTF-8 */
	struct uuid uuid;
};

/* A total order. Reals: -0.0 equals 0.0. Strings: by bytes. */
int atom_cmp(const union atom *a, const union atom *b, enum atom_type type);
bool atom_equals(const union atom *a, const union atom *b, enum atom_type type);
union atom atom_default(enum atom_type type); /* 0, 0.0, false, "", zeros */
union atom atom_copy(const union atom *a, enum atom_type type);
void atom_clear(union atom *a, enum atom_type type);
uint32_t atom_hash(const union atom *a, enum atom_type type, uint32_t seed);

#endif
