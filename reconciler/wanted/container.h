/* Namespaces of containers. */
#ifndef RECONCILER_WANTED_CONTAINER_H
#define RECONCILER_WANTED_CONTAINER_H 1

#include "reconciler/wanted/slave_index.h"

/* True if a slave in the namespace is an attachment of a container engine: the namespace is the
 * engine's to make. False of a path, which ipvl never makes. As committed. */
bool container_has_netns(const struct slave_index *slaves, const struct ipvl_columns *c,
			 const char *netns);

/* True if an attachment has left the namespace of its old row: another slave that waits for an
 * engine to make that one waits for ipvl now. */
bool container_is_left(const struct ipvl_columns *c, const struct change *change);

#endif
