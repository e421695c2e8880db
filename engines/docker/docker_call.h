/* One call of Docker: a method with its request, as JSON, and the answer to it. */
#ifndef ENGINES_DOCKER_CALL_H
#define ENGINES_DOCKER_CALL_H 1

#include "engines/attachment/attachment_session.h"
#include "lib/arena.h"
#include "lib/err.h"

#include <stdint.h>

struct json_object;

/* What is the engine in external_ids and sources of rows. */
#define DOCKER_ENGINE "docker"

/* Of a docker command; well before its user gives up. */
#define DOCKER_CALL_MS 25000

struct docker_call {
	struct arena *a; /* as long as the call */
	const char *db;  /* where ipvld listens */
	int64_t deadline_ms;
	const struct json_object *request;  /* an object */
	struct json_object *answer;         /* an object, empty before the method */
	struct attachment_session *session; /* NULL until docker_call_edit() */
};

typedef struct err *docker_method_fn(struct docker_call *call);

/* The text of a member, "" if there is none. Borrowed. */
const char *docker_call_text(const struct docker_call *call, const char *name);
/* The same of a member that Docker always sends. ERR_INVALID. */
struct err *docker_call_id(const struct docker_call *call, const char *name,
			   const char **ret_id) MUST_CHECK;
/* The first characters of an id, as `docker network ls` has them. From the arena. */
const char *docker_call_short_id(struct arena *a, const char *id);

/* Opens the session, if it is not open, and edits (attachment_session_edit()). */
struct err *docker_call_edit(struct docker_call *call, attachment_edit_fn *fn,
			     void *aux) MUST_CHECK;

#endif
