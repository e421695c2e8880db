/* Copies of keys, and their texts for hash tables. */
#include "reconciler/wanted/key.h"

#include "config/object.h"
#include "lib/alloc.h"

struct key key_of_master(const char *netns, const char *name, unsigned int causes)
{
	return (struct key){.kind = KEY_MASTER,
			    .netns = netns,
			    .name = name,
			    .master_netns = "",
			    .master_name = "",
			    .causes = causes};
}

struct key key_copy(const struct key *k, struct arena *a)
{
	struct key copy = *k;

	copy.netns = arena_strdup(a, k->netns);
	copy.name = arena_strdup(a, k->name);
	copy.master_netns = arena_strdup(a, k->master_netns);
	copy.master_name = arena_strdup(a, k->master_name);
	return copy;
}

char *key_id(const struct key *k)
{
	CLEANUP(freep) char *object = object_id(k->netns, k->name);

	return xasprintf("%d\n%s", (int)k->kind, object);
}

char *key_id_in(struct arena *a, const struct key *k)
{
	return arena_printf(a, "%d\n%s", (int)k->kind,
			    object_id_in(a, k->netns, k->name));
}
