/* Hash keys of (netns, name). Names hold no control characters: a newline separates
 * them. */
#include "config/object.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>

char *object_id(const char *netns, const char *name)
{
	return xasprintf("%s\n%s", netns, name);
}

char *object_id_in(struct arena *a, const char *netns, const char *name)
{
	return arena_printf(a, "%s\n%s", netns, name);
}

struct object {
	char *id; /* hash key: object_id() */
	char *netns, *name;
	UT_hash_handle hh;
};

struct object_set {
	struct object *objects;
};

struct object_set *object_set_new(void)
{
	return xcalloc(1, sizeof(struct object_set));
}

static void drop(struct object_set *s, struct object *o)
{
	HASH_DEL(s->objects, o);
	free(o->id);
	free(o->netns);
	free(o->name);
	free(o);
}

void object_set_free(struct object_set *s)
{
	struct object *o, *next;

	if (!s)
		return;
	HASH_ITER (hh, s->objects, o, next)
		drop(s, o); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
	free(s);
}

static struct object *find(const struct object_set *s, const char *netns,
			   const char *name)
{
	CLEANUP(freep) char *id = s->objects ? object_id(netns, name) : NULL;
	struct object *o = NULL;

	if (id)
		HASH_FIND_STR(s->objects, id, o);
	return o;
}

void object_set_put(struct object_set *s, const char *netns, const char *name, bool is_in)
{
	struct object *o = find(s, netns, name);

	if (o && !is_in)
		drop(s, o);
	if (o || !is_in)
		return;
	o = xcalloc(1, sizeof(*o));
	o->id = object_id(netns, name);
	o->netns = xstrdup(netns);
	o->name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, s->objects, o->id, strlen(o->id), o);
}

bool object_set_has(const struct object_set *s, const char *netns, const char *name)
{
	return find(s, netns, name);
}

void object_set_each(struct object_set *s, object_set_fn *fn, void *aux)
{
	struct object *o, *next;

	HASH_ITER (hh, s->objects, o, next) {
		if (!fn(aux, o->netns, o->name))
			drop(s, o);
	}
}
