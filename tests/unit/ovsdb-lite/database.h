/* A small database and transactions as JSON text, for the tests of exec, txn, integrity
 * and store. */
#ifndef TEST_DATABASE_H
#define TEST_DATABASE_H 1

#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/values/schema.h"

extern const struct txn_origin nobody;

struct json_object *parse(const char *text);
struct schema *make_schema(const char *text);
/* Fails the test with the error's sentence. */
void expect_ok(struct err *e);
/* Fails the test unless it is an error of this code whose sentence has 'words' (NULL:
 * any) in it. */
void expect_err(struct err *e, enum err_code code, const char *words);

/* The reply's text to `transact` of 'operations' (a JSON array with ' for "), owned by
 * the caller. */
char *transact(struct db *db, const char *operations);
/* The same by a client with a role. */
char *transact_as(struct db *db, struct rbac_subject subject, const char *operations);
/* Runs it and fails the test if the reply has an error in it. */
void must_transact(struct db *db, const char *operations);
/* All rows of all tables, in the order of their UUIDs, with their versions if asked for.
 */
char *dump(struct db *db, bool with_versions);

#endif
