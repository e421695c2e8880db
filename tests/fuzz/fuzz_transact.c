/* Transactions: exec_transact() with all that a commit does.
 *
 * Input: arrays of operations, run one after another on a database with references of
 * every kind, indexes and maxRows. Laws: a reply has the shape of RFC 7047 4.1.3; after
 * each the database is whole; one with an error changed nothing; a dry run says what the
 * real one says and changes nothing; to update a row with what it has is no change. */
#include "fuzz.h"

#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdlib.h>
#include <string.h>

/* RFC 7047 4.1.3: an element for each operation, objects, then one error, then nulls; one
 * more than operations if the commit was the error. */
static void check_reply(const struct json_object *reply, size_t n_operations)
{
	size_t n = json_get_length(reply), i = 0;

	while (i < n && json_kind(json_at(reply, i)) == JSON_OBJECT &&
	       !json_member(json_at(reply, i), "error"))
		i++;
	LAW(n == n_operations || (n == n_operations + 1 && i == n_operations));
	if (i == n)
		return;
	LAW(json_kind(json_at(reply, i)) == JSON_OBJECT);
	LAW(json_kind(json_member(json_at(reply, i), "error")) == JSON_STRING);
	while (++i < n)
		LAW(json_kind(json_at(reply, i)) == JSON_NULL);
}

/* What a dry run would do. */
struct plan {
	bool is_good, would_change;
	struct json_object *operations; /* NULL if there is nothing to compare with */
};

/* The committed row has been in a ring of rows that keep each other. */
static bool is_in_ring(const struct row *leaf)
{
	const struct table *t = row_table(leaf);
	const struct column_schema *next = table_schema_find(table_schema(t), "next");
	const struct row *r = leaf;

	for (size_t i = 0; r && i < table_count(t); i++) {
		const struct datum *d = row_get(r, next);

		r = d->n ? table_find(t, &datum_keys(d)->uuid) : NULL;
		if (r == leaf)
			return true;
	}
	return false;
}

/* A ring that was broken open has been collected. txn_to_operations() leaves that to the
 * other server, but tells nothing of rows that go, so there the ring stays closed. */
static bool breaks_ring(const struct txn *txn)
{
	TXN_FOR_EACH_CHANGE (c, txn) {
		if (c.kind == CHANGE_DELETE &&
		    !strcmp(table_schema(c.table)->name, "Leaf") && is_in_ring(c.row))
			return true;
	}
	return false;
}

static void on_inspect(void *aux, const struct txn *txn)
{
	struct plan *plan = aux;

	plan->is_good = true;
	plan->would_change = !txn_is_empty(txn);
	if (!breaks_ring(txn))
		plan->operations = txn_to_operations(txn);
}

/* 'plan' NULL: in earnest. */
static struct exec_result execute(struct db *db, const struct json_object *params,
				  struct plan *plan)
{
	struct exec_request request = {.db = db,
				       .params = params,
				       .origin = {.uid = -1, .pid = -1},
				       .inspect = plan ? on_inspect : NULL,
				       .aux = plan};
	struct exec_result result;

	exec_transact(&request, &result);
	return result;
}

/* Takes 'operations'. */
static void follow(struct db *mirror, const struct db *db, struct json_object *operations)
{
	struct json_object *reply = fuzz_transact(mirror, operations);
	CLEANUP(freep)
	char *have = fuzz_dump(mirror, false), *want = fuzz_dump(db, false);

	LAW(reply && fuzz_succeeded(reply));
	LAW(!strcmp(have, want));
	json_free(reply);
}

/* 'mirror' may be NULL. False if it cannot follow any more. */
static bool check_transaction(struct db *db, struct db *mirror,
			      const struct json_object *operations)
{
	CLEANUP(freep) char *before = fuzz_dump(db, true), *between = NULL, *after = NULL;
	struct json_object *params = json_array();
	struct exec_result dry, real;
	uint32_t n_uuids = fuzz_n_uuids;
	struct plan plan = {0};

	json_add(params, json_string("D"));
	for (size_t i = 0; i < json_get_length(operations); i++)
		json_add(params, json_clone(json_at(operations, i)));
	dry = execute(db, params, &plan);
	between = fuzz_dump(db, true);
	LAW(!dry.changed && !strcmp(before, between));
	fuzz_n_uuids = n_uuids;
	real = execute(db, params, NULL);
	after = fuzz_dump(db, true);
	fuzz_check_db(db);
	LAW(!real.reply == !dry.reply && real.wait_ms == dry.wait_ms);
	LAW(real.changed == plan.would_change);
	LAW(real.changed == !!strcmp(before, after));
	if (real.reply) {
		LAW(fuzz_same_text(real.reply, dry.reply));
		check_reply(real.reply, json_get_length(operations));
		LAW(fuzz_succeeded(real.reply) == plan.is_good);
		json_free(real.reply);
		json_free(dry.reply);
	}
	if (plan.operations && mirror)
		follow(mirror, db, plan.operations);
	else
		json_free(plan.operations);
	json_free(params);
	return plan.operations || !plan.is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct db *db = fuzz_db_referring(), *mirror = fuzz_db_referring();
	struct json_object *json;

	while ((json = fuzz_next(&in))) {
		if (json_kind(json) == JSON_ARRAY &&
		    !check_transaction(db, mirror, json)) {
			db_close(mirror);
			mirror = NULL;
		}
		json_free(json);
	}
	db_close(db);
	db_close(mirror);
	return 0;
}
