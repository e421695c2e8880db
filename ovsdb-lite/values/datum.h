/* Values of columns: atoms, and data that hold a set or a map of them (RFC 7047 5.1
 * <value>).
 *
 * A datum is a sorted array of distinct keys, with values beside them if it is a map. It
 * owns its strings. The column_type that most functions take has the type of the atoms. */
#ifndef OVSDB_DATUM_H
#define OVSDB_DATUM_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/type.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct column_schema;
struct json_object;
struct named_uuids; /* named-uuids of one transaction: named_uuid.h */

/* One element without values (most columns of most rows) lives inside the datum itself.
 */
struct datum {
	uint32_t n;
	uint32_t cap : 31; /* room in 'many'; 0: 'one' is in use. All bytes zero: empty */
	/* Arrays and strings are in a block of datum_pack_row(), not owned: reading, copying
	 * and clearing are allowed, changing is not. */
	uint32_t is_packed : 1;
	union {
		union atom one;
		struct {
			union atom *keys;
			union atom *values; /* NULL unless a map */
		} many;
	};
};

const union atom *datum_keys(const struct datum *d);
const union atom *datum_values(const struct datum *d);

void datum_init_empty(struct datum *d);
/* The default of RFC 7047 5.2.1: empty if n_min is 0, else one default atom (pair). */
void datum_init_default(struct datum *d, const struct column_type *t);
void datum_copy(struct datum *d, const struct datum *from, const struct column_type *t);
void datum_clear(struct datum *d, const struct column_type *t);
void datum_swap(struct datum *a, struct datum *b);

/* Moves the small strings and arrays of 'data' (one for each of 'columns') into one block,
 * which saves an allocation for each. The caller owns the block and frees it after the
 * data; NULL if there was nothing to move. */
void *datum_pack_row(struct datum *data, const struct column_schema *columns, size_t n)
	__attribute__((warn_unused_result));

bool datum_equals(const struct datum *a, const struct datum *b,
		  const struct column_type *t);
int datum_cmp(const struct datum *a, const struct datum *b, const struct column_type *t);
bool datum_is_default(const struct datum *d, const struct column_type *t);
uint32_t datum_hash(const struct datum *d, const struct column_type *t, uint32_t seed);

/* How much there is to copy or compare: elements, and one more for each 64 bytes of a
 * string. */
uint64_t datum_weight(const struct datum *d, const struct column_type *t);

/* Index of 'key' in datum_keys(), or -1. O(log n). */
int64_t datum_find(const struct datum *d, const union atom *key, enum atom_type key_type);
/* True if every element (pair) of 'a' is in 'b'. */
bool datum_includes_all(const struct datum *a, const struct datum *b,
			const struct column_type *t);
bool datum_excludes_all(const struct datum *a, const struct datum *b,
			const struct column_type *t);

/* Set algebra, in place. Union keeps a map's existing keys (RFC 7047 5.1 "insert"). */
void datum_union(struct datum *a, const struct datum *b, const struct column_type *t);
/* Removes b's keys; of a map only where the pair matches, if 'b' has values. */
void datum_subtract(struct datum *a, const struct datum *b, const struct column_type *t,
		    bool b_has_values);
/* The difference that update2 sends (ovsdb-wire.md 4), and its inverse: applying diff(old,
 * new) to old gives new. */
void datum_diff(struct datum *ret_diff, const struct datum *old, const struct datum *new,
		const struct column_type *t);
struct err *datum_apply_diff(struct datum *d, const struct datum *diff,
			     const struct column_type *t) MUST_CHECK;

/* Appends without order; datum_sort() must follow. Takes the atoms' contents. 'value'
 * NULL if no map. */
void datum_append(struct datum *d, union atom key, const union atom *value);
/* Sorts; ERR_CONSTRAINT on duplicates ("set contains duplicate"), which it leaves in. */
struct err *datum_sort(struct datum *d, const struct column_type *t) MUST_CHECK;

/* Range, length, enum of each atom, and the number of elements: ERR_CONSTRAINT. */
struct err *datum_check(const struct datum *d, const struct column_type *t) MUST_CHECK;
struct err *datum_check_count(const struct datum *d,
			      const struct column_type *t) MUST_CHECK;
/* Range, length, enum: ERR_CONSTRAINT. */
struct err *datum_check_atom(const union atom *a, const struct base_type *t) MUST_CHECK;

/* JSON (RFC 7047 5.1). 'names' resolves ["named-uuid", N]; NULL where none are allowed.
 * A bare atom is a set of one. Checks the constraints too: ERR_CONSTRAINT; all else is
 * ERR_SYNTAX, a wrong number of elements included. */
struct err *datum_atom_from_json(union atom *ret_atom, const struct base_type *t,
				 const struct json_object *json,
				 struct named_uuids *names) MUST_CHECK;
struct err *datum_from_json(struct datum *ret_datum, const struct column_type *t,
			    const struct json_object *json,
			    struct named_uuids *names) MUST_CHECK;
/* For mutations and conditions: the number of elements is not checked. */
struct err *datum_from_json_any_count(struct datum *ret_datum,
				      const struct column_type *t,
				      const struct json_object *json,
				      struct named_uuids *names) MUST_CHECK;
struct json_object *datum_atom_to_json(const union atom *a, enum atom_type type);
struct json_object *datum_to_json(const struct datum *d, const struct column_type *t);

/* The same as text, appended to 'b'. */
void datum_write(struct buffer *b, const struct datum *d, const struct column_type *t);
/* ["uuid","…"] */
void datum_write_uuid(struct buffer *b, const struct uuid *u);

/* Shortcuts for columns of a fixed schema. The getters lend and assert the shape. */
void datum_set_string(struct datum *d, const struct column_type *t,
		      const char *s); /* NULL: empty */
void datum_set_integer(struct datum *d, const struct column_type *t, int64_t i);
void datum_set_boolean(struct datum *d, const struct column_type *t, bool b);
void datum_set_strings(struct datum *d, const struct column_type *t, const char *const *s,
		       size_t n);
const char *datum_string(const struct datum *d); /* NULL if empty */
/* The same, "" if it is empty or 'd' is NULL (an image of a row that is not there). */
const char *datum_text(const struct datum *d);
int64_t datum_integer(const struct datum *d, int64_t if_empty);
bool datum_boolean(const struct datum *d, bool if_empty);

#endif
