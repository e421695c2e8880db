/* Who declares a row: its column `sources`. A source is the path of a file, a name that its user
 * chose, or the network of a container engine, "cni:lan" (engines/). A row without any is an
 * administrator's. */
#ifndef CONFIG_ROWS_SOURCE_H
#define CONFIG_ROWS_SOURCE_H 1

#include "config/columns.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>

/* 'sources' is that column of the row's table. */
bool rows_source_has(const struct txn *txn, const struct row *r,
		     const struct column_schema *sources, const char *source);
void rows_source_set(struct txn *txn, struct row *r, const struct column_schema *sources,
		     const char *source, bool is_in);

/* The network of a source of one of ipvl's engines ("cni:lan": "lan"), in the text itself; NULL:
 * it is no engine's. */
const char *rows_source_network(const char *source);
/* The same of one engine alone. */
bool rows_source_is_of(const char *source, const char *engine);
/* True if container engines declare the slave that has these sources, and nobody else. */
bool rows_source_are_engines(const struct datum *sources);
/* The same of its row. */
bool rows_source_is_attachment(const struct ipvl_columns *c, const struct txn *txn,
			       const struct row *slave);

#endif
