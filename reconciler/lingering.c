/* A set of masters by name: VLANs of ours that another program keeps from going. */
#include "reconciler/lingering.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "reconciler/wanted/key.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	char *id; /* key_id() of the master */
	UT_hash_handle hh;
};

struct lingering {
	struct entry *entries;
};

struct lingering *lingering_new(void)
{
	return xcalloc(1, sizeof(struct lingering));
}

static void drop(struct lingering *l, struct entry *e)
{
	HASH_DEL(l->entries, e);
	free(e->id);
	free(e);
}

void lingering_free(struct lingering *l)
{
	struct entry *e, *next;

	if (!l)
		return;
	HASH_ITER (hh, l->entries, e, next)
		drop(l, e); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
	free(l);
}

static struct entry *find(const struct lingering *l, const char *netns, const char *name)
{
	const struct key key = {.kind = KEY_MASTER, .netns = netns, .name = name};
	CLEANUP(freep) char *id = key_id(&key);
	struct entry *e;

	HASH_FIND_STR(l->entries, id, e);
	return e;
}

static void add(struct lingering *l, const char *netns, const char *name)
{
	const struct key key = {.kind = KEY_MASTER, .netns = netns, .name = name};
	struct entry *e = xcalloc(1, sizeof(*e));

	e->id = key_id(&key);
	HASH_ADD_KEYPTR(hh, l->entries, e->id, strlen(e->id), e);
}

bool lingering_has(const struct lingering *l, const char *netns, const char *name)
{
	return l->entries && find(l, netns, name);
}

static bool is_wanted(const struct model *want, const struct model_master *have)
{
	const struct model_master *m = model_find_master(want, have->netns, have->name);

	return m && m->intent != MODEL_GONE;
}

void lingering_note(struct lingering *l, const struct model *want,
		    const struct model *have)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];
		bool lingers = m->seen.presence == MODEL_OURS && !is_wanted(want, m);
		struct entry *e =
			lingers || l->entries ? find(l, m->netns, m->name) : NULL;

		if (e && !lingers)
			drop(l, e);
		else if (!e && lingers)
			add(l, m->netns, m->name);
	}
}
