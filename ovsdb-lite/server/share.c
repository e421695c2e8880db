/* Counts what clients use. A change of one client's number changes the sums above it. */
#include "ovsdb-lite/server/share.h"

#include <assert.h>

void share_set(struct share *s, enum share_kind kind, size_t n)
{
	size_t before = s->used[kind];

	for (; s; s = s->parent) {
		assert(s->used[kind] >= before);
		s->used[kind] += n - before;
	}
}

void share_clear(struct share *s)
{
	for (enum share_kind kind = 0; kind < SHARE_N; kind++)
		share_set(s, kind, 0);
}
