/* Endpoints, as rows of Slave. */
#ifndef ENGINES_DOCKER_ENDPOINT_H
#define ENGINES_DOCKER_ENDPOINT_H 1

#include "engines/attachment/attachment_edit.h"
#include "engines/docker/docker_network.h"
#include "ovsdb-lite/values/uuid.h"

/* The name that the device has in the host. From the arena. */
const char *docker_endpoint_device(struct arena *a, const char *id);
/* By its id; NULL if there is none. */
struct row *docker_endpoint_find(const struct attachment_edit *edit, const char *id);
/* Makes the row, if there is none of this endpoint. Dead ones that have one of the addresses go.
 * ERR_EXISTS: a living one has an address; '*ret_holder' is its row. */
struct err *docker_endpoint_add(const struct attachment_edit *edit, struct arena *a,
				const struct docker_network *n,
				const struct attachment *want,
				struct uuid *ret_holder) MUST_CHECK;
/* Removes each that no container can have: of an earlier boot; created, and never joined; or
 * with its device still, or again, in the host. */
void docker_endpoint_sweep(const struct attachment_edit *edit);
void docker_endpoint_remove_all(const struct attachment_edit *edit, const char *network);

#endif
