/* A source is put into the set of a row that it declares, and taken out of it; those of container
 * engines are told from files by their prefix. */
#include "config/rows_source.h"

#include "config/rows.h"
#include "lib/alloc.h"

#include <string.h>

/* One for each program of engines/. */
static const char *const engines[] = {"cni", "podman", "docker"};

bool rows_source_has(const struct txn *txn, const struct row *r,
		     const struct column_schema *sources, const char *source)
{
	const struct datum *set = txn_get(txn, r, sources);

	for (uint32_t i = 0; i < set->n; i++) {
		if (!strcmp(datum_keys(set)[i].string, source))
			return true;
	}
	return false;
}

void rows_source_set(struct txn *txn, struct row *r, const struct column_schema *sources,
		     const char *source, bool is_in)
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

bool rows_source_is_of(const char *source, const char *engine)
{
	size_t n = strlen(engine);

	return !strncmp(source, engine, n) && source[n] == ':';
}

const char *rows_source_network(const char *source)
{
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		if (rows_source_is_of(source, engines[i]))
			return source + strlen(engines[i]) + 1;
	}
	return NULL;
}

bool rows_source_are_engines(const struct datum *sources)
{
	for (uint32_t i = 0; i < sources->n; i++) {
		if (!rows_source_network(datum_keys(sources)[i].string))
			return false;
	}
	return sources->n;
}

bool rows_source_is_attachment(const struct ipvl_columns *c, const struct txn *txn,
			       const struct row *slave)
{
	return rows_source_are_engines(rows_get(txn, slave, c->slave.sources));
}
