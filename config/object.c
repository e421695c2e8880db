/* Hash keys of (netns, name). Names hold no control characters: a newline separates
 * them. */
#include "config/object.h"

#include "lib/alloc.h"

char *object_id(const char *netns, const char *name)
{
	return xasprintf("%s\n%s", netns, name);
}

char *object_id_in(struct arena *a, const char *netns, const char *name)
{
	return arena_printf(a, "%s\n%s", netns, name);
}
