/* A master or a slave by (netns, name), as a hash key. */
#ifndef CONFIG_OBJECT_H
#define CONFIG_OBJECT_H 1

#include "lib/arena.h"

#include <stdbool.h>

/* One text for the pair; different pairs have different texts. On the heap, owned by the
 * caller; and the same in an arena. */
char *object_id(const char *netns, const char *name) __attribute__((warn_unused_result));
char *object_id_in(struct arena *a, const char *netns, const char *name);

/* A set of such pairs. */
struct object_set;

struct object_set *object_set_new(void) __attribute__((warn_unused_result));
void object_set_free(struct object_set *s); /* accepts NULL */
/* Adds the pair, or takes it out. */
void object_set_put(struct object_set *s, const char *netns, const char *name,
		    bool is_in);
bool object_set_has(const struct object_set *s, const char *netns, const char *name);
/* Calls 'fn' for each pair; one for which it returns false is taken out. */
typedef bool object_set_fn(void *aux, const char *netns, const char *name);
void object_set_each(struct object_set *s, object_set_fn *fn, void *aux);

#endif
