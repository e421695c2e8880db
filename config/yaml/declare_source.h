/* Sources: the set of those of a row, their documents. Private to config/yaml/. */
#ifndef CONFIG_DECLARE_SOURCE_H
#define CONFIG_DECLARE_SOURCE_H 1

#include "config/yaml/document.h"
#include "ovsdb-lite/rows/txn.h"

bool declare_source_has(const struct txn *txn, const struct row *r,
			const struct column_schema *sources, const char *source);
void declare_source_set(struct txn *txn, struct row *r,
			const struct column_schema *sources, const char *source,
			bool is_in);

/* The document of this source among 'n'; NULL if there is none. */
const struct document *declare_source_find(const struct document *const *all, size_t n,
					   const char *source);

#endif
