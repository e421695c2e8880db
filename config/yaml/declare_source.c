/* A source is put into the set of a row that it declares, and taken out of it. */
#include "config/yaml/declare_source.h"

#include "lib/alloc.h"

#include <string.h>

bool declare_source_has(const struct txn *txn, const struct row *r,
			const struct column_schema *sources, const char *source)
{
	const struct datum *set = txn_get(txn, r, sources);

	for (uint32_t i = 0; i < set->n; i++) {
		if (!strcmp(datum_keys(set)[i].string, source))
			return true;
	}
	return false;
}

void declare_source_set(struct txn *txn, struct row *r,
			const struct column_schema *sources, const char *source,
			bool is_in)
{
	struct datum set, one;

	datum_copy(&set, txn_get(txn, r, sources), &sources->type);
	datum_init_empty(&one);
	datum_append(&one, (union atom){.string = xstrdup(source)}, NULL);
	if (is_in)
		datum_union(&set, &one, &sources->type);
	else
		datum_subtract(&set, &one, &sources->type, false);
	datum_clear(&one, &sources->type);
	txn_set(txn, r, sources, &set);
}

const struct document *declare_source_find(const struct document *const *all, size_t n,
					   const char *source)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(document_source(all[i]), source))
			return all[i];
	}
	return NULL;
}
