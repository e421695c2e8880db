/* The commands, as edits of the database and waits for the daemon. */
#include "engines/cni/cni_verbs.h"

#include "config/rows.h"
#include "config/state.h"
#include "engines/attachment/attachment_call.h"
#include "engines/attachment/attachment_rows.h"
#include "engines/cni/cni_ipam.h"
#include "engines/cni/cni_result.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

struct call {
	struct arena *a;
	struct cni_request *request;
	struct attachment_call call;
	struct cni_ipam ipam;

	/* Of an edit. */
	struct uuid slave;
	struct model_slave model;
	bool is_found;
	struct uuid master;
	bool has_master;
};

/* What an edit or the daemon says, as a code of CNI. Takes 'e'; NULL is success. */
static const struct cni_error *in_words(const struct call *c, struct err *e)
{
	enum cni_code code = CNI_IO;

	if (!e)
		return NULL;
	/* The number of an operation is nothing to a user. */
	free(STEAL(e->path));
	switch ((int)e->code) {
	case ERR_INVALID:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_CONSTRAINT:
		code = CNI_BAD_CONFIG;
		break;
	case ERR_LIMIT:
	case ERR_BUSY:
	case ERR_CLOSED:
	case ERR_TIMED_OUT:
		code = CNI_TRY_AGAIN;
		break;
	case ERR_ABORTED:
		code = CNI_NOT_READY;
		break;
	default:
		break;
	}
	return cni_error_from(c->a, code, e);
}

static const struct cni_error *open_session(struct call *c)
{
	return in_words(c, attachment_call_open(&c->call, c->request->db));
}

static const struct cni_error *edit(struct call *c, attachment_edit_fn *fn)
{
	return in_words(c, attachment_session_edit(c->call.session, fn, c));
}

static const struct cni_error *find_master(struct call *c)
{
	return in_words(c, attachment_call_find_master(&c->call,
						       "write the name of a device, as "
						       "in \"master\": \"eth0\""));
}

/* --- DEL --- */

static const struct cni_error *run_del(struct call *c)
{
	const struct cni_error *e = open_session(c);

	if (!e)
		e = in_words(c, attachment_call_detach(&c->call));
	return e ? e : cni_ipam_call(c->a, c->request, "DEL", c->call.deadline_ms);
}

/* --- ADD --- */

static const struct cni_error *find_netns(struct call *c)
{
	struct err *e = attachment_call_find_netns(&c->call);

	return e ? cni_error_from(c->a, CNI_NO_CONTAINER, e) : NULL;
}

static struct json_object *result_of(const struct call *c)
{
	const struct cni_attached attached = {
		.slave = &c->call.model,
		.mac = c->call.status.mac,
		.mtu = c->call.status.mtu,
		.gateways = c->ipam.gateways,
		.n_gateways = c->ipam.n_gateways,
		.dns = c->ipam.dns,
	};

	return cni_result_new(c->request, &attached);
}

static const struct cni_error *run_add(struct call *c, struct json_object **ret_result)
{
	const struct cni_error *e = find_master(c);

	if (!e)
		e = find_netns(c);
	if (!e)
		e = open_session(c);
	if (!e)
		e = cni_ipam_add(c->a, c->request, c->call.deadline_ms, &c->ipam);
	if (e)
		return e;
	e = in_words(c, attachment_call_attach(&c->call));
	if (e)
		(void)cni_ipam_call(c->a, c->request, "DEL",
				    c->call.deadline_ms + ATTACHMENT_CALL_MS);
	else
		*ret_result = result_of(c);
	return e;
}

/* --- CHECK --- */

static struct err *find_one(void *aux, const struct attachment_edit *edit)
{
	struct call *c = aux;
	const struct row *slave = attachment_rows_find(edit, &c->request->want);

	c->is_found = slave;
	if (!slave)
		return NULL;
	c->slave = *row_uuid(slave);
	return rows_read_slave(edit->c, edit->txn, slave, c->a, &c->model);
}

static const struct cni_error *check_one(struct call *c)
{
	const struct attachment *want = &c->request->want;
	struct attachment_status status;
	struct err *e;

	if (!c->is_found)
		return cni_error_new(c->a, CNI_NO_CONTAINER, NULL,
				     "container %s has no %s of network %s",
				     want->container, want->ifname, want->network);
	e = attachment_session_status(c->call.session, "Slave", &c->slave, c->a, &status);
	if (e)
		return in_words(c, e);
	if (state_from_name(status.state) != STATE_READY)
		return cni_error_new(
			c->a, CNI_NOT_READY, NULL, "%s of container %s is %s%s%s",
			want->ifname, want->container,
			*status.state ? status.state : state_name(STATE_PENDING),
			*status.message ? ": " : "", status.message);
	return c->request->previous ? cni_result_check(c->a, c->request, &c->model)
				    : NULL;
}

static const struct cni_error *run_check(struct call *c)
{
	const struct cni_error *e = open_session(c);

	if (!e)
		e = edit(c, find_one);
	if (!e)
		e = check_one(c);
	return e ? e : cni_ipam_call(c->a, c->request, "CHECK", c->call.deadline_ms);
}

/* --- GC --- */

static bool is_valid(void *aux, const char *container, const char *ifname)
{
	const struct call *c = aux;

	for (size_t i = 0; i < c->request->n_valid; i++) {
		if (!strcmp(c->request->valid[i].container, container) &&
		    !strcmp(c->request->valid[i].ifname, ifname))
			return true;
	}
	return false;
}

static struct err *collect(void *aux, const struct attachment_edit *edit)
{
	struct call *c = aux;
	const struct attachment *want = &c->request->want;

	attachment_rows_collect(edit, want->engine, want->network, is_valid, c);
	attachment_rows_sweep(edit, want);
	return NULL;
}

static const struct cni_error *run_gc(struct call *c)
{
	const struct cni_error *e = open_session(c), *of_ipam;

	if (!e)
		e = edit(c, collect);
	if (!e)
		e = in_words(c, attachment_call_sweep(&c->call));
	/* The specification wants it to go on after errors. */
	of_ipam = cni_ipam_call(c->a, c->request, "GC", c->call.deadline_ms);
	return e ? e : of_ipam;
}

/* --- STATUS --- */

/* The master, if it has a row; and that its network could be on it. */
static struct err *look_at_master(void *aux, const struct attachment_edit *edit)
{
	struct call *c = aux;
	const struct attachment *want = &c->request->want;
	const char *name = want->vlan
				   ? arena_printf(c->a, "%s.%u", want->master, want->vlan)
				   : want->master;
	const struct row *master = rows_find_master(edit->c, edit->txn, "", name);

	c->has_master = master && !want->is_inside;
	if (c->has_master)
		c->master = *row_uuid(master);
	return NULL;
}

static const struct cni_error *say_status(const struct call *c,
					  const struct attachment_status *s)
{
	enum row_state state = state_from_name(s->state);

	if (!s->exists || state == STATE_READY || state == STATE_PENDING ||
	    state == STATE_UNKNOWN)
		return NULL;
	/* Those that are on it are cut off, too. */
	return cni_error_new(c->a,
			     state == STATE_DISABLED ? CNI_NOT_AVAILABLE : CNI_LIMITED,
			     NULL, "the master of network %s is %s: %s",
			     c->request->want.network, s->state, s->message);
}

static const struct cni_error *unavailable(const struct call *c,
					   const struct cni_error *e)
{
	return cni_error_new(c->a, CNI_NOT_AVAILABLE, e->details, "%s", e->message);
}

static const struct cni_error *run_status(struct call *c)
{
	const struct cni_error *e = find_master(c);
	struct attachment_status status;

	if (!e)
		e = open_session(c);
	if (e)
		return unavailable(c, e);
	e = edit(c, look_at_master);
	if (!e && c->has_master) {
		struct err *why = attachment_session_status(c->call.session, "Master",
							    &c->master, c->a, &status);

		e = why ? in_words(c, why) : say_status(c, &status);
	}
	return e ? e : cni_ipam_call(c->a, c->request, "STATUS", c->call.deadline_ms);
}

const struct cni_error *cni_verbs_run(struct arena *a, struct cni_request *request,
				      struct json_object **ret_result)
{
	struct call c = {.a = a, .request = request};
	const struct cni_error *e = NULL;

	attachment_call_init(&c.call, a, &request->want);
	*ret_result = NULL;
	switch (request->verb) {
	case CNI_ADD:
		e = run_add(&c, ret_result);
		break;
	case CNI_DEL:
		e = run_del(&c);
		break;
	case CNI_CHECK:
		e = run_check(&c);
		break;
	case CNI_GC:
		e = run_gc(&c);
		break;
	case CNI_STATUS:
		e = run_status(&c);
		break;
	case CNI_VERSIONS:
		*ret_result = cni_result_versions();
		break;
	case CNI_N_VERBS:
		break;
	}
	attachment_call_close(&c.call);
	json_free(c.ipam.answer);
	return e;
}
