/* From the database's identity to a link group. The same database always gives the
 * same number. */
#include "reconciler/mark.h"

#include <stddef.h>

uint32_t mark_of(const struct uuid *identity)
{
	uint32_t hash = 2166136261U; /* FNV-1a: it only has to stay the same */

	for (size_t i = 0; i < sizeof(identity->bytes); i++)
		hash = (hash ^ identity->bytes[i]) * 16777619U;
	hash &= INT32_MAX;
	return hash ? hash : 1;
}
