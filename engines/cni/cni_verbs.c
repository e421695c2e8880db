/* The commands, as edits of the database and waits for the daemon. */
#include "engines/cni/cni_verbs.h"

#include "config/rows.h"
#include "config/state.h"
#include "engines/attachment/attachment_process.h"
#include "engines/attachment/attachment_rows.h"
#include "engines/attachment/attachment_session.h"
#include "engines/cni/cni_device.h"
#include "engines/cni/cni_ipam.h"
#include "engines/cni/cni_result.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Engines give up after some 30 s to 2 min; this is well before. */
#define CALL_MS 25000

struct call {
	struct arena *a;
	struct cni_request *request;
	struct attachment_session *session;
	int64_t deadline_ms;
	struct cni_ipam ipam;

	/* Of an edit. */
	const char *process;
	struct uuid slave;
	struct model_slave model;
	bool is_found;
	struct uuid master;
	bool has_master;
};

/* What an edit or the daemon says, as a code of CNI. Takes 'e'. */
static const struct cni_error *in_words(const struct call *c, struct err *e)
{
	enum cni_code code = CNI_IO;

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
	default:
		break;
	}
	return cni_error_from(c->a, code, e);
}

static const struct cni_error *open_session(struct call *c)
{
	struct err *e =
		attachment_session_open(c->request->db, c->deadline_ms, &c->session);

	return e ? in_words(c, e) : NULL;
}

static const struct cni_error *edit(struct call *c, attachment_edit_fn *fn)
{
	struct err *e = attachment_session_edit(c->session, fn, c);

	return e ? in_words(c, e) : NULL;
}

/* --- DEL --- */

static struct err *sweep(void *aux, const struct attachment_edit *edit)
{
	const struct call *c = aux;

	attachment_rows_sweep(edit, c->request->want.engine);
	return NULL;
}

static struct err *remove_one(void *aux, const struct attachment_edit *edit)
{
	struct call *c = aux;
	struct row *slave;

	while ((slave = attachment_rows_find(edit, &c->request->want)))
		rows_remove_slave(edit->c, edit->txn, slave);
	return sweep(c, edit);
}

/* The row first: no other container gets an address that this one's device has. */
static const struct cni_error *remove_attachment(struct call *c)
{
	const struct cni_error *e = edit(c, remove_one);

	if (!e)
		e = edit(c, sweep);
	if (!e) {
		struct err *late = attachment_session_flush(c->session);

		if (late)
			e = in_words(c, late);
	}
	return e;
}

static const struct cni_error *run_del(struct call *c)
{
	const struct cni_error *e = open_session(c);

	if (!e)
		e = remove_attachment(c);
	return e ? e : cni_ipam_call(c->a, c->request, "DEL", c->deadline_ms);
}

/* --- ADD --- */

static const struct cni_error *find_master(struct call *c)
{
	struct attachment *want = &c->request->want;

	if (!*want->master)
		want->master = cni_device_of_default_route(c->a);
	if (*want->master)
		return NULL;
	return cni_error_new(c->a, CNI_BAD_CONFIG,
			     "write the name of a device, as in \"master\": \"eth0\"",
			     "network %s declares no `master`, and this host has no "
			     "default route",
			     want->network);
}

/* A name below /run/netns that is not there would be made. */
static const struct cni_error *check_netns(const struct call *c)
{
	const struct attachment *want = &c->request->want;

	if (!access(want->netns, F_OK))
		return NULL;
	return cni_error_new(c->a, CNI_NO_CONTAINER, NULL,
			     "the namespace %s of container %s cannot be opened (%s)",
			     want->netns, want->container, strerror(errno));
}

static struct err *add_one(void *aux, const struct attachment_edit *edit)
{
	struct call *c = aux;
	struct row *slave;
	struct err *e = attachment_rows_add(edit, &c->request->want, c->process, c->a,
					    &slave, &c->model);

	if (!e)
		c->slave = *row_uuid(slave);
	return e;
}

static const struct cni_error *say_not_ready(const struct call *c,
					     const struct attachment_status *s)
{
	const struct attachment *want = &c->request->want;
	bool is_open = s->exists && (state_from_name(s->state) == STATE_PENDING ||
				     state_from_name(s->state) == STATE_UNKNOWN);

	if (!s->exists)
		return cni_error_new(c->a, CNI_TRY_AGAIN, NULL,
				     "the row of container %s was removed before its "
				     "device was made",
				     want->container);
	if (is_open)
		return cni_error_new(c->a, CNI_TRY_AGAIN, "see `ipvl-ctl status`",
				     "ipvld has not made %s of container %s within %d s",
				     want->ifname, want->container, CALL_MS / 1000);
	return cni_error_new(c->a, CNI_NOT_READY, NULL, "%s of container %s: %s",
			     want->ifname, want->container, s->message);
}

static const struct cni_error *settle(struct call *c, struct attachment_status *status)
{
	const char *mark = attachment_rows_key(c->a, c->request->want.engine, "pending");
	struct err *e =
		attachment_session_settle(c->session, &c->slave, mark, c->a, status);

	if (e)
		return in_words(c, e);
	return status->exists && state_from_name(status->state) == STATE_READY
		       ? NULL
		       : say_not_ready(c, status);
}

static struct json_object *result_of(const struct call *c,
				     const struct attachment_status *status)
{
	const struct cni_attached attached = {
		.slave = &c->model,
		.mac = status->mac,
		.mtu = status->mtu,
		.gateways = c->ipam.gateways,
		.n_gateways = c->ipam.n_gateways,
		.dns = c->ipam.dns,
	};

	return cni_result_new(c->request, &attached);
}

static const struct cni_error *attach(struct call *c, struct json_object **ret_result)
{
	struct attachment_status status;
	CLEANUP(freep) char *process = attachment_process_text();
	const struct cni_error *e;

	c->process = process;
	/* In a transaction of its own: a name or a master that goes can come back in the next. */
	e = edit(c, sweep);
	if (!e)
		e = edit(c, add_one);
	if (e)
		return e;
	e = settle(c, &status);
	if (e) {
		/* The call may be late: what follows is short. */
		(void)remove_attachment(c);
		return e;
	}
	*ret_result = result_of(c, &status);
	return NULL;
}

static const struct cni_error *run_add(struct call *c, struct json_object **ret_result)
{
	const struct cni_error *e = find_master(c);

	if (!e)
		e = check_netns(c);
	if (!e)
		e = open_session(c);
	if (!e)
		e = cni_ipam_add(c->a, c->request, c->deadline_ms, &c->ipam);
	if (e)
		return e;
	e = attach(c, ret_result);
	if (e)
		(void)cni_ipam_call(c->a, c->request, "DEL", c->deadline_ms + CALL_MS);
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
	e = attachment_session_status(c->session, "Slave", &c->slave, c->a, &status);
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
	return e ? e : cni_ipam_call(c->a, c->request, "CHECK", c->deadline_ms);
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
	return sweep(c, edit);
}

static const struct cni_error *run_gc(struct call *c)
{
	const struct cni_error *e = open_session(c), *of_ipam;

	if (!e)
		e = edit(c, collect);
	if (!e)
		e = edit(c, sweep);
	/* The specification wants it to go on after errors. */
	of_ipam = cni_ipam_call(c->a, c->request, "GC", c->deadline_ms);
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
		struct err *why = attachment_session_status(c->session, "Master",
							    &c->master, c->a, &status);

		e = why ? in_words(c, why) : say_status(c, &status);
	}
	return e ? e : cni_ipam_call(c->a, c->request, "STATUS", c->deadline_ms);
}

const struct cni_error *cni_verbs_run(struct arena *a, struct cni_request *request,
				      struct json_object **ret_result)
{
	struct call c = {
		.a = a,
		.request = request,
		.deadline_ms = clock_now_ms() + CALL_MS,
	};
	const struct cni_error *e = NULL;

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
	attachment_session_close(c.session);
	json_free(c.ipam.answer);
	return e;
}
