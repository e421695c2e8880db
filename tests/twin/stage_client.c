/* What clients of a stage's database do. */
#include "tests/twin/stage_private.h"

#include "config/yaml/declare_rows.h"
#include "config/yaml/document.h"
#include "lib/alloc.h"
#include "ovsdb-lite/rows/txn.h"

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
