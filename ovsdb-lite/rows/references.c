/* The difference between two values of a column, as references gained and lost. Data are
 * sorted by key, so one pass over both values finds it. */
#include "ovsdb-lite/rows/references.h"

#include <assert.h>

bool references_in_column(const struct column_schema *c, enum ref_kind kind)
{
	return c->type.key.ref == kind || (c->type.is_map && c->type.value.ref == kind);
}

static struct err *call_for_element(const struct column_schema *c, enum ref_kind kind,
				    const struct datum *d, uint32_t i, int delta,
				    reference_fn *fn, void *aux)
{
	const struct column_type *t = &c->type;
	struct err *e = NULL;

	if (t->key.ref == kind)
		e = fn(aux, t->key.ref_table, &datum_keys(d)[i].uuid, delta);
	if (!e && t->is_map && t->value.ref == kind)
		e = fn(aux, t->value.ref_table, &datum_values(d)[i].uuid, delta);
	return e;
}

struct err *references_diff(const struct column_schema *c, enum ref_kind kind,
			    const struct datum *old, const struct datum *new,
			    reference_fn *fn, void *aux)
{
	const struct column_type *t = &c->type;
	uint32_t n_old = old ? old->n : 0, n_new = new ? new->n : 0;
	uint32_t i = 0, j = 0;
	struct err *e = NULL;

	assert(references_in_column(c, kind));
	while (!e && (i < n_old || j < n_new)) {
		int cmp = i == n_old   ? 1
			  : j == n_new ? -1
				       : atom_cmp(&datum_keys(old)[i],
						  &datum_keys(new)[j], t->key.type);

		if (!cmp &&
		    (!t->is_map || atom_equals(&datum_values(old)[i],
					       &datum_values(new)[j], t->value.type))) {
			i++;
			j++;
			continue;
		}
		if (cmp <= 0)
			e = call_for_element(c, kind, old, i++, -1, fn, aux);
		if (!e && cmp >= 0)
			e = call_for_element(c, kind, new, j++, 1, fn, aux);
	}
	return e;
}
