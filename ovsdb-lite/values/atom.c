/* Atoms: their types, order, copies and hashes. */
#include "ovsdb-lite/values/atom.h"

#include "lib/alloc.h"
#include "lib/hash.h"

#include <stdlib.h>
#include <string.h>

static const char *const atom_type_names[] = {
	[ATOM_INTEGER] = "integer", [ATOM_REAL] = "real", [ATOM_BOOLEAN] = "boolean",
	[ATOM_STRING] = "string",   [ATOM_UUID] = "uuid",
};

const char *atom_type_name(enum atom_type type)
{
	return atom_type_names[type];
}

bool atom_type_from_name(const char *name, enum atom_type *ret_type)
{
	for (size_t i = 0; i < ARRAY_SIZE(atom_type_names); i++) {
		if (!strcmp(name, atom_type_names[i])) {
			*ret_type = (enum atom_type)i;
			return true;
		}
	}
	return false;
}

int atom_cmp(const union atom *a, const union atom *b, enum atom_type type)
{
	switch (type) {
	case ATOM_INTEGER:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case ATOM_REAL:
		return (a->real > b->real) - (a->real < b->real);
	case ATOM_BOOLEAN:
		return a->boolean - b->boolean;
	case ATOM_STRING:
		return strcmp(a->string, b->string);
	case ATOM_UUID:
		return uuid_cmp(&a->uuid, &b->uuid);
	}
	abort();
}

bool atom_equals(const union atom *a, const union atom *b, enum atom_type type)
{
	return !atom_cmp(a, b, type);
}

union atom atom_default(enum atom_type type)
{
	union atom a;

	/* All of it: the bytes that a type leaves unused are never garbage. */
	memset(&a, 0, sizeof(a));
	if (type == ATOM_STRING)
		a.string = xstrdup("");
	return a;
}

union atom atom_copy(const union atom *a, enum atom_type type)
{
	union atom copy = *a;

	if (type == ATOM_STRING)
		copy.string = xstrdup(a->string);
	return copy;
}

void atom_clear(union atom *a, enum atom_type type)
{
	if (type == ATOM_STRING)
		free(a->string);
	memset(a, 0, sizeof(*a));
}

uint32_t atom_hash(const union atom *a, enum atom_type type, uint32_t seed)
{
	double real;
	uint64_t h = 0;

	switch (type) {
	case ATOM_INTEGER:
		h = hash_bytes(&a->integer, sizeof(a->integer), seed);
		break;
	case ATOM_REAL:
		real = a->real + 0.0; /* -0.0 becomes 0.0 */
		h = hash_bytes(&real, sizeof(real), seed);
		break;
	case ATOM_BOOLEAN:
		h = hash_bytes(a->boolean ? "1" : "0", 1, seed);
		break;
	case ATOM_STRING:
		h = hash_bytes(a->string, strlen(a->string), seed);
		break;
	case ATOM_UUID:
		h = hash_bytes(&a->uuid, sizeof(a->uuid), seed);
		break;
	}
	return (uint32_t)h;
}
