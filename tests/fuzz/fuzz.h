/* What the fuzz targets share: inputs as JSON values, databases that are the same in
 * every run, laws. A target is a fuzz_NAME.c with one LLVMFuzzerTestOneInput() that keeps
 * nothing from one input to the next; docs/fuzzing.md says how to add one. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H 1

#include "lib/alloc.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's, and replay.c's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must hold whatever the input; if it does not, the run ends there. */
#define LAW(condition)                                                                   \
	do {                                                                             \
		if (!(condition))                                                        \
			fuzz_broken(__FILE__, __LINE__, #condition);                     \
	} while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *law);

/* True without an error; takes it otherwise, having seen that it can be told. */
bool fuzz_ok(struct err *e);
/* No error is possible here. Takes it. */
void fuzz_must(struct err *e);

/* JSON values, one after another, white space between them or not. */
struct fuzz_input {
	const char *data;
	size_t n;
};
/* The next of them, owned by the caller; NULL at the end, or where it is no JSON. */
struct json_object *fuzz_next(struct fuzz_input *in);
/* Parses a text that is known to be good, with ' for ". Owned by the caller. */
struct json_object *fuzz_json(const char *text);
bool fuzz_same_text(const struct json_object *a, const struct json_object *b);

/* Databases in memory. UUIDs that are drawn from then on are
 * 00000010-0000-4000-8000-000000000010, 00000011-… and so on, that inputs can name rows.
 */
extern uint32_t fuzz_n_uuids; /* the last one drawn */
void fuzz_restart_uuids(void);
/* Of a text with ' for ". Owned by the caller. */
struct schema *fuzz_schema(const char *text);

/* Table R with a column of every type. */
extern const char fuzz_every_type[];
/* A new database of it; 00000010-… is drawn next. */
struct db *fuzz_db_every_type(void);
/* Inserts 00000001-… into R; NULL if these columns are refused. */
const struct row *fuzz_insert(struct db *db, const struct json_object *columns);

/* Tables Root, Leaf and Needy with references of every kind, indexes and maxRows; and R.
 */
extern const char fuzz_referring[];
/* Inserts 00000001-… (into Root) and 00000002-… to 00000004-… (into Leaf). */
void fuzz_insert_referring(struct db *db);
/* A new database of it, with those rows. */
struct db *fuzz_db_referring(void);

/* A folder of the process's own, which goes when the process does, and is empty again
 * after fuzz_empty_folder(). Files only. */
const char *fuzz_folder(void);
void fuzz_empty_folder(void);

/* The reply to `transact` with these operations; takes them. Owned by the caller; NULL
 * while a `wait` does not hold. */
struct json_object *fuzz_transact(struct db *db, struct json_object *operations);
/* True if no element of the reply is an error. */
bool fuzz_succeeded(const struct json_object *reply);

/* All rows of all tables, in the order of their UUIDs. Owned by the caller. */
char *fuzz_dump(const struct db *db, bool with_versions);
/* What RFC 7047 3.2 promises of a database, found the slow way: each datum fits its
 * column, each reference has its row and each row of no root table a reference, indexes
 * are unique and find their rows, no table is too large. */
void fuzz_check_db(const struct db *db);

#endif
