/* The cost of a transaction and its limit: other clients wait while one runs.
 *
 * Work is counted, not timed: a transaction succeeds or fails regardless of the machine's
 * speed and load. A unit is about ten nanoseconds of a processor of 2020. Counted is what
 * can grow faster than the request: rows read, returned and changed, clauses and mutations
 * on each. An insert is not counted, because it costs about as much as parsing its text;
 * nor is the commit, which is in proportion to the changed rows.
 *
 * Work in proportion to the request or to the database is not refused: each operation of
 * a client that may write has some work free, and so has the first one that goes through
 * all rows of a table, a "pass". So 100,000 rows can be dumped, deleted, updated by their
 * UUIDs and restored, each in one transaction. */
#include "ovsdb-lite/exec/exec_private.h"

#include "lib/alloc.h"

#include <stdlib.h>

/* An operation costs UNITS_OPERATION. One of a client that may write has UNITS_FREE: enough
 * for a row that is found by its UUID, compared and written. */
#define UNITS_OPERATION 30
#define UNITS_FREE      500

void exec_work_begin(struct exec *x)
{
	const struct exec_request *request = x->request;
	struct err *e = rbac_check_right(&request->subject, RBAC_WRITE, "");

	x->work = (struct exec_work){
		.max = request->max_work ? request->max_work : EXEC_MAX_WORK,
		.free = e || request->read_only ? 0 : UNITS_FREE,
	};
	err_free(e);
}

void exec_work_end(struct exec *x)
{
	free(x->work.has_passed);
}

struct err *exec_work_exhausted(const struct exec *x)
{
	return err_hint(
		err_new(ERR_RESOURCES,
			"operation %zu of %zu: this transaction is more work than "
			"others can wait for",
			x->i, x->n),
		"name rows by _uuid or the columns of an index, or make several "
		"transactions of it");
}

/* Passes leave a third of the budget to the other operations. */
static uint64_t budget(const struct exec_work *w)
{
	uint64_t most = w->max / 3 * 2;

	return w->max - (w->passed < most ? w->passed : most);
}

bool exec_spend(struct exec *x, uint64_t units)
{
	struct exec_work *w = &x->work;
	uint64_t over;

	w->total += units;
	w->operation += units;
	if (w->operation <= w->free)
		return true;
	over = w->operation - w->free;
	w->done += units < over ? units : over;
	return w->done <= budget(w);
}

bool exec_spend_in_pass(struct exec *x, uint64_t units, uint64_t most)
{
	struct exec_work *w = &x->work;
	uint64_t passed = units < most ? units : most;

	if (!w->is_pass)
		return exec_spend(x, units);
	w->passed += passed;
	w->total += passed;
	return exec_spend(x, units - passed);
}

struct err *exec_work_begin_operation(struct exec *x)
{
	x->work.is_pass = false;
	x->work.operation = 0;
	return exec_spend(x, UNITS_OPERATION) ? NULL : exec_work_exhausted(x);
}

void exec_work_begin_pass(struct exec *x, const struct table *table)
{
	struct exec_work *w = &x->work;
	unsigned int i = table_schema(table)->index;

	if (!w->has_passed)
		w->has_passed =
			xcalloc(db_schema(x->request->db)->n_tables, sizeof(bool));
	w->is_pass = !w->has_passed[i];
	w->has_passed[i] = true;
}
