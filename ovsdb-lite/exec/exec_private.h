/* The inside of `transact`, for exec*.c. */
#ifndef OVSDB_EXEC_PRIVATE_H
#define OVSDB_EXEC_PRIVATE_H 1

#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/json/json_fields.h"
#include "ovsdb-lite/values/named_uuid.h"
#include "ovsdb-lite/rows/txn.h"

/* What the transaction has cost (exec_work.c). */
struct exec_work {
	uint64_t max;
	uint64_t free; /* of each operation */
	uint64_t done; /* what was not free, and in no pass */
	uint64_t passed;
	uint64_t total;
	uint64_t operation; /* of the running one, passes left out */
	bool is_pass;       /* it is the first to go through all rows of its table */
	bool *has_passed;   /* by table; NULL: none */
};

/* One transaction while its operations run. */
struct exec {
	const struct exec_request *request;
	struct txn *txn;
	struct named_uuids *names;
	size_t i, n;                     /* operation 'i' (from 1) of 'n' */
	const struct json_object *guard; /* the operation of request->guard; NULL: none */
	bool is_durable;
	bool is_waiting; /* a `wait` does not hold yet: everything is dropped */
	int64_t wait_ms; /* as exec_result's */
	struct exec_work work;
};

void exec_work_begin(struct exec *x);
void exec_work_end(struct exec *x);
/* ERR_RESOURCES. */
struct err *exec_work_begin_operation(struct exec *x) MUST_CHECK;
/* The operation is going to read all rows of 'table'. */
void exec_work_begin_pass(struct exec *x, const struct table *table);
/* False if that is too much: then exec_work_exhausted() is the operation's error. */
bool exec_spend(struct exec *x, uint64_t units) __attribute__((warn_unused_result));
/* The same for a row; in a pass, up to 'most' of it is free. */
bool exec_spend_in_pass(struct exec *x, uint64_t units, uint64_t most)
	__attribute__((warn_unused_result));
struct err *exec_work_exhausted(const struct exec *x) MUST_CHECK;

/* Takes its members out of 'f', ends 'f', and puts its results into 'result'. */
typedef struct err *exec_op_fn(struct exec *x, struct json_fields *f,
			       struct json_object *result);

exec_op_fn exec_insert, exec_select, exec_update, exec_mutate, exec_delete, exec_wait;

/* ERR_SYNTAX for an operation or a table that does not exist. */
struct err *exec_unknown_name(const struct exec *x, const struct json_object *operation,
			      const char *what, const char *name) MUST_CHECK;
/* Takes the member "table" and finds it; NULL after an error, which is in 'f' then. */
struct table *exec_take_table(struct exec *x, struct json_fields *f);

/* The rows of a table that a `where` selects. */
struct exec_rows {
	struct row **rows;
	size_t n, cap;
};
struct err *exec_find_rows(struct exec *x, struct table *table,
			   const struct json_object *where,
			   struct exec_rows *ret_rows) MUST_CHECK;
/* By the values of 'columns', a list. ERR_SYNTAX if it is not one. */
struct err *exec_rows_sort(struct exec_rows *rows, struct exec *x,
			   const struct table *table,
			   const struct json_object *columns) MUST_CHECK;
void exec_rows_clear(struct exec_rows *rows);

/* The member "columns": the columns of a row to read. */
struct projection {
	const struct column_schema **columns;
	size_t n;
	bool has_uuid, has_version;
};
/* 'json' NULL: all columns, with _uuid and _version if 'with_internal'. */
struct err *projection_from_json(const struct table_schema *ts,
				 const struct json_object *json, bool with_internal,
				 struct projection *ret_projection) MUST_CHECK;
void projection_clear(struct projection *p);
/* An object of the row's values. Equal values give equal texts. ERR_RESOURCES if that is
 * too much work. */
struct err *projection_read(const struct projection *p, struct exec *x,
			    const struct row *r, struct json_object **ret_row) MUST_CHECK;
/* The same of a row given as JSON; what it leaves out has its default value. */
struct err *projection_normalise(const struct projection *p,
				 const struct table_schema *ts,
				 const struct json_object *row, struct named_uuids *names,
				 struct json_object **ret_row) MUST_CHECK;

/* A set of JSON values, compared by their text. */
struct exec_set;
struct exec_set *exec_set_new(void);
void exec_set_free(struct exec_set *s);
bool exec_set_add(struct exec_set *s,
		  const struct json_object *v); /* false if it was there */
bool exec_set_has(const struct exec_set *s, const struct json_object *v);
size_t exec_set_count(const struct exec_set *s);

#endif
