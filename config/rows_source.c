/* Whose a row is, by its column `sources`: a file's, or that of a container engine's network. */
#include "config/rows.h"

#include <string.h>

bool rows_is_attachment(const struct ipvl_columns *c, const struct txn *txn,
			const struct row *slave)
{
	const struct datum *sources = rows_get(txn, slave, c->slave.sources);
	static const char cni[] = "cni:";

	for (uint32_t i = 0; i < sources->n; i++) {
		if (strncmp(datum_keys(sources)[i].string, cni, strlen(cni)) != 0)
			return false;
	}
	return sources->n;
}
