/* Data as JSON text, without a tree in between: equal to the text of datum_to_json(). */
#include "ovsdb-lite/values/datum.h"

#include "lib/buffer.h"
#include "ovsdb-lite/json/json_write.h"

#include <stdlib.h>
#include <string.h>

void datum_write_uuid(struct buffer *b, const struct uuid *u)
{
	static const char before[] = "[\"uuid\",\"", behind[] = "\"]";
	char text[sizeof(before) + UUID_TEXT_BYTES + sizeof(behind)];

	memcpy(text, before, sizeof(before));
	uuid_format(u, text + sizeof(before) - 1);
	memcpy(text + sizeof(before) + UUID_TEXT_BYTES - 2, behind, sizeof(behind));
	buffer_put(b, text, sizeof(before) + UUID_TEXT_BYTES + sizeof(behind) - 3);
}

static void write_atom(struct buffer *b, const union atom *a, enum atom_type type)
{
	switch (type) {
	case ATOM_INTEGER:
		json_write_integer(b, a->integer);
		return;
	case ATOM_REAL:
		json_write_real(b, a->real);
		return;
	case ATOM_BOOLEAN:
		buffer_puts(b, a->boolean ? "true" : "false");
		return;
	case ATOM_STRING:
		json_write_string(b, a->string);
		return;
	case ATOM_UUID:
		datum_write_uuid(b, &a->uuid);
		return;
	}
	abort();
}

void datum_write(struct buffer *b, const struct datum *d, const struct column_type *t)
{
	const union atom *keys = datum_keys(d), *values = datum_values(d);

	if (d->n == 1 && !t->is_map) {
		write_atom(b, keys, t->key.type);
		return;
	}
	buffer_puts(b, t->is_map ? "[\"map\",[" : "[\"set\",[");
	for (uint32_t i = 0; i < d->n; i++) {
		if (i)
			buffer_putc(b, ',');
		if (t->is_map)
			buffer_putc(b, '[');
		write_atom(b, &keys[i], t->key.type);
		if (t->is_map) {
			buffer_putc(b, ',');
			write_atom(b, &values[i], t->value.type);
			buffer_putc(b, ']');
		}
	}
	buffer_puts(b, "]]");
}
