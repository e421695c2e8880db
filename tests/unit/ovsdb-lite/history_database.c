/* The database of test_history.c and test_history_bounds.c. */
#include "history_database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

const char history_tables[] =
	"'Root': {'isRoot': true, 'columns': {"
	"  'name': {'type': 'string'},"
	"  'kids': {'type': {'key': {'type': 'uuid', 'refTable': 'Kid'}, 'min': 0, "
	"'max': "
	"'unlimited'}},"
	"  'friends': {'type': {'key': {'type': 'uuid', 'refTable': 'Root', 'refType': "
	"'weak'}, 'min': 0, 'max': 'unlimited'}},"
	"  'notes': {'type': {'key': {'type': 'uuid', 'refTable': 'Kid', 'refType': "
	"'weak'}, 'value': 'string', 'min': 0, 'max': 'unlimited'}},"
	"  'state': {'type': 'string', 'ephemeral': true},"
	"  'counts': {'type': {'key': 'string', 'value': 'integer', 'min': 0, 'max': "
	"'unlimited'}, 'ephemeral': true}},"
	"  'indexes': [['name']]},"
	"'Kid': {'columns': {"
	"  'n': {'type': 'integer'},"
	"  'next': {'type': {'key': {'type': 'uuid', 'refTable': 'Kid'}, 'min': 0}},"
	"  'state': {'type': 'string', 'ephemeral': true}}},"
	"'Brief': {'isRoot': true, 'columns': {"
	"  'n': {'type': 'integer', 'ephemeral': true}}}";

int history_setup(void **state)
{
	struct fixture *f;
	CLEANUP(freep) char *text = schema_text("T", "1.0.0", history_tables);

	assert_int_equal(store_setup(state), 0);
	f = *state;
	db_close(STEAL(f->db));
	schema_free(f->schema);
	free(f->path);
	f->path = xasprintf("%s/history.db", f->folder);
	f->schema = make_schema(text);
	expect_ok(db_open(f->path, f->schema, &f->db));
	return 0;
}

struct err *try_undo(struct db *db, int64_t serial)
{
	const struct txn_origin origin = {.uid = 0, .pid = 1, .command = "undoer"};
	struct txn *t = txn_new(db, &origin);
	struct err *e = history_undo(t, serial, NULL, 0);

	if (!e)
		e = db_commit(t);
	txn_free(t);
	return e;
}

int64_t last_serial(const struct db *db)
{
	struct history_entry *entries;
	int64_t serial;
	size_t n;

	expect_ok(history_read(db, 0, 1, false, &entries, &n));
	serial = n ? entries->serial : 0;
	history_entries_free(entries, n);
	return serial;
}
