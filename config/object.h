/* A master or a slave by (netns, name), as a hash key. */
#ifndef CONFIG_OBJECT_H
#define CONFIG_OBJECT_H 1

#include "lib/arena.h"

/* One text for the pair; different pairs have different texts. On the heap, owned by the
 * caller; and the same in an arena. */
char *object_id(const char *netns, const char *name) __attribute__((warn_unused_result));
char *object_id_in(struct arena *a, const char *netns, const char *name);

#endif
