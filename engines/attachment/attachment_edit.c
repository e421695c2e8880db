/* Which network, file or other source has declared a row, and who still does. */
#include "engines/attachment/attachment_edit.h"

#include "config/rows_source.h"
#include "lib/arena.h"

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

void attachment_edit_declare(const struct attachment_edit *edit, struct row *r,
			     const char *source)
{
	rows_source_set(edit->txn, r, sources_of(edit, r), source, true);
}

void attachment_edit_share(const struct attachment_edit *edit, struct row *r,
			   const char *source)
{
	const struct column_schema *c = sources_of(edit, r);

	if (txn_get(edit->txn, r, c)->n && !rows_source_has(edit->txn, r, c, source))
		attachment_edit_declare(edit, r, source);
}

/* "cni:lan" is network lan. */
static const char *source_in_words(const char *source, struct arena *a)
{
	const char *network = rows_source_network(source);

	return network ? arena_printf(a, "network %s", network) : source;
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
