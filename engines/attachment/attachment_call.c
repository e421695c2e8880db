/* The steps of a call. Each is a transaction of its own: what goes in one can come back in the
 * next. */
#include "engines/attachment/attachment_call.h"

#include "config/rows.h"
#include "config/state.h"
#include "engines/attachment/attachment_device.h"
#include "engines/attachment/attachment_process.h"
#include "engines/attachment/attachment_rows.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void attachment_call_init(struct attachment_call *c, struct arena *a,
			  struct attachment *want)
{
	*c = (struct attachment_call){
		.a = a,
		.want = want,
		.deadline_ms = clock_now_ms() + ATTACHMENT_CALL_MS,
	};
}

void attachment_call_close(struct attachment_call *c)
{
	attachment_session_close(c->session);
	c->session = NULL;
}

struct err *attachment_call_open(struct attachment_call *c, const char *db)
{
	return attachment_session_open(db, c->deadline_ms, &c->session);
}

struct err *attachment_call_find_master(const struct attachment_call *c, const char *hint)
{
	if (!*c->want->master)
		c->want->master = attachment_device_of_default_route(c->a);
	if (*c->want->master)
		return NULL;
	return err_hint(err_new(ERR_NOT_FOUND,
				"network %s declares no `master`, and this host has no "
				"default route",
				c->want->network),
			"%s", hint);
}

struct err *attachment_call_find_netns(const struct attachment_call *c)
{
	if (!access(c->want->netns, F_OK))
		return NULL;
	return err_new(ERR_NOT_FOUND,
		       "the namespace %s of container %s cannot be opened (%s)",
		       c->want->netns, c->want->container, strerror(errno));
}

/* --- removing --- */

static struct err *sweep(void *aux, const struct attachment_edit *edit)
{
	const struct attachment_call *c = aux;

	attachment_rows_sweep(edit, c->want);
	return NULL;
}

static struct err *remove_one(void *aux, const struct attachment_edit *edit)
{
	struct attachment_call *c = aux;
	struct row *slave;

	while ((slave = attachment_rows_find(edit, c->want)))
		rows_remove_slave(edit->c, edit->txn, slave);
	return sweep(c, edit);
}

struct err *attachment_call_sweep(struct attachment_call *c)
{
	return attachment_session_edit(c->session, sweep, c);
}

/* The row first: no other container gets an address that this one's device has. */
struct err *attachment_call_detach(struct attachment_call *c)
{
	struct err *e = attachment_session_edit(c->session, remove_one, c);

	if (!e)
		e = attachment_call_sweep(c);
	return e ? e : attachment_session_flush(c->session);
}

/* --- adding --- */

static struct err *add_one(void *aux, const struct attachment_edit *edit)
{
	struct attachment_call *c = aux;
	struct row *slave;
	struct err *e =
		attachment_rows_add(edit, c->want, c->process, c->a, &slave, &c->model);

	if (!e)
		c->slave = *row_uuid(slave);
	return e;
}

static struct err *say_not_ready(const struct attachment_call *c)
{
	const struct attachment *want = c->want;
	enum row_state state = state_from_name(c->status.state);

	if (!c->status.exists)
		return err_new(ERR_BUSY,
			       "the row of container %s was removed before its device "
			       "was made",
			       want->container);
	if (state == STATE_PENDING || state == STATE_UNKNOWN)
		return err_hint(err_new(ERR_BUSY,
					"ipvld has not made %s of container %s within "
					"%d s",
					want->ifname, want->container,
					ATTACHMENT_CALL_MS / 1000),
				"see `ipvl-ctl status`");
	return err_new(ERR_ABORTED, "%s of container %s: %s", want->ifname,
		       want->container, c->status.message);
}

static struct err *settle(struct attachment_call *c)
{
	const char *mark = attachment_rows_key(c->a, c->want->engine, "pending");
	struct err *e =
		attachment_session_settle(c->session, &c->slave, mark, c->a, &c->status);

	if (e || (c->status.exists && state_from_name(c->status.state) == STATE_READY))
		return e;
	return say_not_ready(c);
}

struct err *attachment_call_attach(struct attachment_call *c)
{
	CLEANUP(freep) char *process = attachment_process_text();
	struct err *e;

	c->process = process;
	e = attachment_session_edit(c->session, c->want->replaces ? remove_one : sweep,
				    c);
	if (!e)
		e = attachment_session_edit(c->session, add_one, c);
	if (e)
		return e;
	e = settle(c);
	/* The call may be late: what follows is short. */
	if (e)
		err_free(attachment_call_detach(c));
	return e;
}
