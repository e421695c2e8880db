/* Identity to link group. What carries the mark, and what it protects, is
 * datapath/kernel's and the plan's affair; here is only that one database always gives
 * one number. */
#include "reconciler/mark.h"

#include <stddef.h>

uint32_t mark_of(const struct uuid *identity)
{
	uint32_t hash = 2166136261U; /* FNV-1a: it only has to stay the same for ever */

	for (size_t i = 0; i < sizeof(identity->bytes); i++)
		hash = (hash ^ identity->bytes[i]) * 16777619U;
	hash &= INT32_MAX;
	return hash ? hash : 1;
}
