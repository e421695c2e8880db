/* The data of a committed row in one block of memory: arrays of atoms first, then the
 * texts. A row of ten short values is one allocation then and not twenty, each with its
 * header and its rounding. */
#include "ovsdb-lite/values/datum_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/values/schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A larger datum keeps its own memory: when a packed one is replaced, its place in the
 * block is lost until the row is deleted. */
#define PACKED_MAX_BYTES 256

/* A block, and where the next atoms and texts go; or, while it is measured, offsets. */
struct sizes {
	size_t atoms, text;
};

static size_t text_bytes(const union atom *atoms, uint32_t n, enum atom_type type)
{
	size_t bytes = 0;

	for (uint32_t i = 0; type == ATOM_STRING && i < n; i++)
		bytes += strlen(atoms[i].string) + 1;
	return bytes;
}

/* What a block must have for 'd'; zeros if it stays outside. */
static struct sizes measure(const struct datum *d, const struct column_type *t)
{
	struct sizes s = {0};

	if (d->is_packed)
		return s;
	if (d->cap)
		s.atoms = d->n * sizeof(union atom) * (t->is_map ? 2 : 1);
	s.text = text_bytes(datum_keys(d), d->n, t->key.type);
	if (t->is_map && d->n)
		s.text += text_bytes(d->many.values, d->n, t->value.type);
	return s.atoms + s.text <= PACKED_MAX_BYTES ? s : (struct sizes){0};
}

static void move_texts(union atom *atoms, uint32_t n, enum atom_type type, char **text)
{
	for (uint32_t i = 0; type == ATOM_STRING && i < n; i++) {
		size_t bytes = strlen(atoms[i].string) + 1;
		char *old = atoms[i].string;

		atoms[i].string = memcpy(*text, old, bytes);
		free(old);
		*text += bytes;
	}
}

static union atom *move_atoms(union atom *old, uint32_t n, union atom **atoms)
{
	union atom *moved = memcpy(*atoms, old, n * sizeof(*old));

	free(old);
	*atoms += n;
	return moved;
}

static void pack(struct datum *d, const struct column_type *t, union atom **atoms,
		 char **text)
{
	move_texts(datum_own_keys(d), d->n, t->key.type, text);
	if (d->cap && d->n) {
		d->many.keys = move_atoms(d->many.keys, d->n, atoms);
		if (t->is_map) {
			move_texts(d->many.values, d->n, t->value.type, text);
			d->many.values = move_atoms(d->many.values, d->n, atoms);
		}
		d->cap = d->n & INT32_MAX;
	}
	d->is_packed = true;
}

void *datum_pack_row(struct datum *data, const struct column_schema *columns, size_t n)
{
	struct sizes sum = {0};
	union atom *atoms;
	char *block, *text;

	for (size_t i = 0; i < n; i++) {
		struct sizes s = measure(&data[i], &columns[i].type);

		sum.atoms += s.atoms;
		sum.text += s.text;
	}
	if (!sum.atoms && !sum.text)
		return NULL;
	block = xmalloc(sum.atoms + sum.text);
	atoms = (union atom *)(void *)block;
	text = block + sum.atoms;
	for (size_t i = 0; i < n; i++) {
		struct sizes s = measure(&data[i], &columns[i].type);

		if (s.atoms || s.text)
			pack(&data[i], &columns[i].type, &atoms, &text);
	}
	return block;
}
