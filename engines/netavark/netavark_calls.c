/* The calls, as edits of the database and waits for the daemon. */
#include "engines/netavark/netavark_calls.h"

#include "engines/attachment/attachment_call.h"
#include "engines/attachment/attachment_master.h"
#include "engines/netavark/netavark_answer.h"
#include "lib/alloc.h"

/* A network that cannot be on its master is better refused when it is defined. */
static struct err *check(void *aux, const struct attachment_edit *edit)
{
	struct attachment_call *c = aux;

	return attachment_master_check(edit, c->want, c->a);
}

static struct err *run_create(struct attachment_call *c,
			      const struct netavark_request *request,
			      struct json_object **ret_answer)
{
	struct err *e = attachment_call_open(c, request->db);

	if (!e)
		e = attachment_session_edit(c->session, check, c);
	/* It is seen at `setup`. */
	if (e && e->code == ERR_BUSY)
		err_free(STEAL(e));
	if (!e)
		*ret_answer = netavark_answer_network(request);
	return e;
}

static struct err *run_setup(struct attachment_call *c,
			     const struct netavark_request *request,
			     struct json_object **ret_answer)
{
	struct err *e = attachment_call_find_netns(c);

	if (!e)
		e = attachment_call_open(c, request->db);
	if (!e)
		e = attachment_call_attach(c);
	if (!e)
		*ret_answer = netavark_answer_status(request, &c->model, c->status.mac);
	return e;
}

static struct err *run_teardown(struct attachment_call *c,
				const struct netavark_request *request)
{
	struct err *e = attachment_call_open(c, request->db);

	return e ? e : attachment_call_detach(c);
}

struct err *netavark_calls_run(struct arena *a, struct netavark_request *request,
			       struct json_object **ret_answer)
{
	static const char hint[] =
		"name a device: `podman network create --interface-name=eth0`";
	struct attachment_call c;
	struct err *e = NULL;

	*ret_answer = NULL;
	attachment_call_init(&c, a, &request->want);
	if (request->call != NETAVARK_TEARDOWN)
		e = attachment_call_find_master(&c, hint);
	if (e)
		return e;
	switch (request->call) {
	case NETAVARK_CREATE:
		e = run_create(&c, request, ret_answer);
		break;
	case NETAVARK_SETUP:
		e = run_setup(&c, request, ret_answer);
		break;
	case NETAVARK_TEARDOWN:
		e = run_teardown(&c, request);
		break;
	case NETAVARK_N_CALLS:
		break;
	}
	attachment_call_close(&c);
	return e;
}
