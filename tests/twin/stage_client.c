/* What clients of a stage's database do. */
#include "tests/twin/stage_private.h"

#include "config/yaml/declare_rows.h"
#include "config/yaml/document.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/preview.h"
#include "reconciler/requirement.h"

#include <stdlib.h>
#include <string.h>

struct txn *stage_txn(const struct stage *s)
{
	static const struct txn_origin client = {
		.uid = 0, .pid = -1, .command = "ipvl-ctl apply"};

	return txn_new(s->db, &client);
}

static struct err *errors_to_err(struct document_errors *errors)
{
	CLEANUP(freep) char *text = document_errors_text(errors);

	return err_new(ERR_INVALID, "%s", text);
}

struct err *stage_declare(const struct stage *s, const char *source, const char *yaml,
			  struct txn **ret_t)
{
	struct document_errors errors = {0};
	struct document *d = document_parse(source, yaml, strlen(yaml), &errors);
	struct txn *t = stage_txn(s);
	struct row *host = rows_ensure_host(&s->columns, t, NULL);
	struct err *e = NULL;

	if (!d || !declare_rows(&s->columns, t, host, source, d, NULL, 0, &errors)) {
		e = errors_to_err(&errors);
		txn_free(t);
	} else {
		*ret_t = t;
	}
	document_free(d);
	document_errors_clear(&errors);
	return e;
}

struct err *stage_commit(struct stage *s, struct txn *t, struct arena *a,
			 struct foretold *ret_foretold)
{
	struct err *e = NULL;

	if (rows_changes_config(&s->columns, t))
		rows_bump_next_cfg(&s->columns, t,
				   rows_ensure_host(&s->columns, t, NULL));
	if (ret_foretold) {
		e = db_commit_check(t);
		if (!e)
			e = stage_foretell(s, t, a, ret_foretold);
	}
	if (!e)
		e = db_commit(t);
	txn_free(t);
	return e;
}

struct err *stage_apply(struct stage *s, const char *source, const char *yaml,
			struct arena *a, struct foretold *ret_foretold)
{
	struct txn *t;
	struct err *e = stage_declare(s, source, yaml, &t);

	return e ? e : stage_commit(s, t, a, ret_foretold);
}

/* A master of that name, else a slave. */
static struct row *find_row(const struct stage *s, const struct txn *t, struct arena *a,
			    const char *label)
{
	const char *slash = strrchr(label, '/');
	const char *netns =
		slash ? arena_printf(a, "%.*s", (int)(slash - label), label) : "";
	const char *name = slash ? slash + 1 : label;
	struct row *r = rows_find_master(&s->columns, t, netns, name);

	return r ? r : rows_find_slave(&s->columns, t, netns, name);
}

/* As the operation `ipvl_require` of the commands. */
static struct err *check(struct stage *s, const struct txn *t, struct arena *a)
{
	CLEANUP(json_freep) struct json_object *operation = json_object();
	struct desired_source source = reconciler_source(s->reconciler);
	struct preview *preview;
	struct err *e;

	json_put(operation, "op", json_string(REQUIREMENT_OP));
	json_put(operation, "transfer", json_boolean(true));
	source.txn = t;
	e = preview_build(&source, s->witness, a, &preview);
	return e ? e : requirement_check(operation, preview);
}

struct err *stage_transfer(struct stage *s, const struct lines *labels,
			   const char *transfer, struct arena *a,
			   struct foretold *ret_foretold)
{
	struct txn *t = stage_txn(s);
	struct err *e = NULL;

	for (size_t i = 0; !e && i < labels->n; i++) {
		struct row *r = find_row(s, t, a, labels->lines[i]);

		if (r)
			rows_set_transfer(&s->columns, t, r, transfer);
		else
			e = err_new(ERR_NOT_FOUND, "there is no row %s",
				    labels->lines[i]);
	}
	if (!e)
		e = db_commit_check(t);
	if (!e)
		e = check(s, t, a);
	if (!e)
		return stage_commit(s, t, a, ret_foretold);
	txn_free(t);
	return e;
}
