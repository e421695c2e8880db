/* What the methods share: members of requests, and the session with ipvld. */
#include "engines/docker/docker_call.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

#define SHORT_ID_BYTES 12

const char *docker_call_text(const struct docker_call *call, const char *name)
{
	return json_member_text(call->request, name);
}

struct err *docker_call_id(const struct docker_call *call, const char *name,
			   const char **ret_id)
{
	*ret_id = docker_call_text(call, name);
	if (**ret_id)
		return NULL;
	return err_new(ERR_INVALID, "the request has no `%s`", name);
}

const char *docker_call_short_id(struct arena *a, const char *id)
{
	return arena_printf(a, "%.*s", SHORT_ID_BYTES, id);
}

struct err *docker_call_edit(struct docker_call *call, attachment_edit_fn *fn, void *aux)
{
	struct err *e = call->session
				? NULL
				: attachment_session_open(call->db, call->deadline_ms,
							  &call->session);

	if (!e)
		e = attachment_session_edit(call->session, fn, aux);
	/* The number of an operation is nothing to a user. */
	if (e && e->path && !strncmp(e->path, "operation", strlen("operation")))
		free(STEAL(e->path));
	return e;
}
