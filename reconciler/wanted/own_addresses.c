/* A copy for each master. Masters are few, and have few addresses. */
#include "reconciler/wanted/own_addresses.h"

#include "config/object.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>

struct own_entry {
	char *id; /* hash key */
	struct ip_prefix *addresses;
	size_t n;
	UT_hash_handle hh;
};

struct own_addresses {
	struct own_entry *entries;
};

struct own_addresses *own_addresses_new(void)
{
	return xcalloc(1, sizeof(struct own_addresses));
}

void own_addresses_free(struct own_addresses *o)
{
	struct own_entry *e, *next;

	if (!o)
		return;
	HASH_ITER (hh, o->entries, e, next) {
		HASH_DEL(o->entries, e);
		free(e->addresses);
		free(e->id);
		free(e);
	}
	free(o);
}

static struct own_entry *entry_of(struct own_addresses *o, const struct model_master *m)
{
	char *id = object_id(m->netns, m->name);
	struct own_entry *e;

	HASH_FIND_STR(o->entries, id, e);
	if (e) {
		free(id);
		return e;
	}
	e = xcalloc(1, sizeof(*e));
	e->id = id;
	HASH_ADD_KEYPTR(hh, o->entries, e->id, strlen(e->id), e);
	return e;
}

static bool has_same(const struct own_entry *e, const struct model_master *have)
{
	if (e->n != have->seen.n_addresses)
		return false;
	for (size_t i = 0; i < e->n; i++) {
		if (ip_prefix_cmp(&e->addresses[i], &have->seen.addresses[i]) != 0)
			return false;
	}
	return true;
}

bool own_addresses_note(struct own_addresses *o, const struct model_master *have)
{
	struct own_entry *e = entry_of(o, have);

	if (has_same(e, have))
		return false;
	free(e->addresses);
	e->n = have->seen.n_addresses;
	e->addresses = e->n ? xmalloc(e->n * sizeof(*e->addresses)) : NULL;
	if (e->n)
		memcpy(e->addresses, have->seen.addresses, e->n * sizeof(*e->addresses));
	return true;
}
