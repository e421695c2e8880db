/* What `apply` of a file and of a folder have in common. */
#include "ctl/source.h"

#include "ctl/naming.h"
#include "lib/alloc.h"

#include <string.h>

struct err *source_refuse(struct context *ctx, struct document_errors *errors)
{
	CLEANUP(freep) char *text = document_errors_text(errors);

	ctx->complaints = arena_strdup(ctx->arena, text);
	document_errors_clear(errors);
	return err_new(ERR_INVALID, "there are errors");
}

void source_note_declared(struct context *ctx, const char *source)
{
	const struct ipvl_columns *c = &ctx->columns;
	const union atom key = {.string = arena_strdup(ctx->arena, source)};
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		if (datum_find(txn_get(ctx->txn, masters[i], c->master.sources), &key,
			       ATOM_STRING) >= 0)
			context_concern(ctx, masters[i]);
		for (size_t k = 0; k < n_slaves; k++) {
			if (datum_find(txn_get(ctx->txn, slaves[k], c->slave.sources),
				       &key, ATOM_STRING) >= 0)
				context_concern(ctx, slaves[k]);
		}
	}
}

static void add_other(struct context *ctx, struct source_others *o, const char *source,
		      const char *own)
{
	struct document_errors errors = {0};
	const struct document *d;

	if (*source != '/' || (own && !strcmp(source, own)))
		return;
	for (size_t i = 0; i < o->n; i++) {
		if (!strcmp(document_file(o->documents[i]), source))
			return;
	}
	d = context_read_document(ctx, source, &errors);
	document_errors_clear(&errors);
	if (!d)
		return;
	o->documents = arena_grow(ctx->arena, o->documents, o->n, &o->cap,
				  sizeof(const struct document *));
	o->documents[o->n++] = d;
}

struct source_others source_read_others(struct context *ctx, const char *own)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct {
		const struct table *table;
		const struct column_schema *sources;
	} tables[] = {{c->master.table, c->master.sources},
		      {c->slave.table, c->slave.sources}};
	struct source_others o = {0};

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		TABLE_FOR_EACH (r, tables[t].table) {
			const struct datum *d = row_get(r, tables[t].sources);

			for (uint32_t i = 0; i < d->n; i++)
				add_other(ctx, &o, datum_keys(d)[i].string, own);
		}
	}
	return o;
}
