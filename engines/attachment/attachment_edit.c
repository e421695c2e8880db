/* Which network, file or other source has declared a row, and who still does. */
#include "engines/attachment/attachment_edit.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

const char *attachment_edit_text(const struct attachment_edit *edit, const struct row *r,
				 const struct column_schema *c)
{
	return datum_text(txn_get(edit->txn, r, c));
}

static const struct column_schema *sources_of(const struct attachment_edit *edit,
					      const struct row *r)
{
	return row_table(r) == edit->c->master.table ? edit->c->master.sources
						     : edit->c->slave.sources;
}

bool attachment_edit_has_source(const struct attachment_edit *edit, const struct row *r,
				const char *source)
{
	const struct datum *d = txn_get(edit->txn, r, sources_of(edit, r));

	for (uint32_t i = 0; i < d->n; i++) {
		if (!strcmp(datum_keys(d)[i].string, source))
			return true;
	}
	return false;
}

void attachment_edit_put_source(const struct attachment_edit *edit, struct row *r,
				const char *source, bool is_in)
{
	const struct column_schema *c = sources_of(edit, r);
	struct datum d, one;

	datum_init_empty(&one);
	datum_append(&one, (union atom){.string = xstrdup(source)}, NULL);
	datum_copy(&d, txn_get(edit->txn, r, c), &c->type);
	if (is_in)
		datum_union(&d, &one, &c->type);
	else
		datum_subtract(&d, &one, &c->type, false);
	datum_clear(&one, &c->type);
	txn_set(edit->txn, r, c, &d);
}

void attachment_edit_share(const struct attachment_edit *edit, struct row *r,
			   const char *source)
{
	if (attachment_edit_has_sources(edit, r) &&
	    !attachment_edit_has_source(edit, r, source))
		attachment_edit_put_source(edit, r, source, true);
}

bool attachment_edit_has_sources(const struct attachment_edit *edit, const struct row *r)
{
	return txn_get(edit->txn, r, sources_of(edit, r))->n;
}

/* "cni:lan" is network lan of CNI. */
static const char *source_in_words(const char *source, struct arena *a)
{
	const char *network = strchr(source, ':');

	if (*source == '/' || !network)
		return source;
	return arena_printf(a, "network %s", network + 1);
}

const char *attachment_edit_owners(const struct attachment_edit *edit,
				   const struct row *r, struct arena *a)
{
	const struct datum *d = txn_get(edit->txn, r, sources_of(edit, r));
	const char *text = "";

	for (uint32_t i = 0; i < d->n; i++)
		text = arena_printf(a, "%s%s%s", text, i ? " and " : "",
				    source_in_words(datum_keys(d)[i].string, a));
	return d->n ? text : "`ipvl-ctl`";
}

/* RFC 7047 5.2.6. The row is there until the commit collects it. */
void attachment_edit_expect(const struct attachment_edit *edit, const struct row *r,
			    const struct column_schema *c)
{
	struct json_object *op =
		txn_operation_on("wait", table_schema(row_table(r))->name, row_uuid(r));
	struct json_object *columns = json_array(), *rows = json_array(),
			   *row = json_object();

	json_add(columns, json_string(c->name));
	json_put(row, c->name, datum_to_json(row_get(r, c), &c->type));
	json_add(rows, row);
	json_put(op, "columns", columns);
	json_put(op, "until", json_string("=="));
	json_put(op, "rows", rows);
	json_put(op, "timeout", json_integer(0));
	json_add(edit->extra, op);
}
