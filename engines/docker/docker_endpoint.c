/* Endpoints: which row is whose, and which are dead. A device that is gone takes its row along by
 * itself (the row is transient); here are those whose device is still somewhere. */
#include "engines/docker/docker_endpoint.h"

#include "config/rows.h"
#include "config/rows_engine.h"
#include "engines/attachment/attachment_rows.h"
#include "engines/docker/docker_call.h"

#include <net/if.h>
#include <string.h>

/* With the prefix as long as a name may be. */
#define DEVICE_ID_BYTES 12
/* In external_ids from CreateEndpoint to Join. */
#define CREATED "created"

const char *docker_endpoint_device(struct arena *a, const char *id)
{
	return arena_printf(a, "ipv%.*s", DEVICE_ID_BYTES, id);
}

static const char *id_of(const struct attachment_edit *edit, const struct row *slave,
			 const char *what)
{
	return rows_engine_id(edit->c, edit->txn, slave, DOCKER_ENGINE, what);
}

struct row *docker_endpoint_find(const struct attachment_edit *edit, const char *id)
{
	TXN_FOR_EACH_ROW (slave, edit->txn, edit->c->slave.table) {
		if (!strcmp(id_of(edit, slave, "container"), id))
			return slave;
	}
	return NULL;
}

/* --- dead ones, besides those of an earlier boot --- */

/* Docker takes the device from the host after Join, and brings it back after Leave. */
static bool is_in_host(const struct rows_engine_sweep *sweep, const struct row *slave)
{
	return if_nametoindex(
		datum_text(txn_get(sweep->txn, slave, sweep->c->slave.name)));
}

static bool is_joined(const struct rows_engine_sweep *sweep, const struct row *slave)
{
	return !*rows_engine_id(sweep->c, sweep->txn, slave, DOCKER_ENGINE, "pending");
}

static size_t sweep(const struct attachment_edit *edit,
		    bool (*is_dead)(const struct rows_engine_sweep *sweep,
				    const struct row *slave, const char *engine),
		    const void *aux)
{
	const struct rows_engine_sweep all = {
		.c = edit->c,
		.txn = edit->txn,
		.engine = DOCKER_ENGINE,
		.is_dead = is_dead,
		.aux = aux,
		.expectations = edit->extra,
	};

	return rows_engine_sweep(&all);
}

static bool is_left(const struct rows_engine_sweep *sweep, const struct row *slave,
		    const char *engine)
{
	(void)engine;
	return !is_joined(sweep, slave) || is_in_host(sweep, slave);
}

void docker_endpoint_sweep(const struct attachment_edit *edit)
{
	(void)sweep(edit, is_left, NULL);
}

static bool is_of_network(const struct rows_engine_sweep *sweep, const struct row *slave,
			  const char *engine)
{
	return !strcmp(rows_engine_id(sweep->c, sweep->txn, slave, engine, "network"),
		       sweep->aux);
}

void docker_endpoint_remove_all(const struct attachment_edit *edit, const char *network)
{
	(void)sweep(edit, is_of_network, network);
}

/* --- a new one --- */

struct wish {
	const struct attachment *want;
	struct arena *a;
	const struct row **holder; /* of a living one that has an address of it */
};

static bool has_address(const struct rows_engine_sweep *sweep, const struct row *slave,
			const struct wish *w)
{
	struct model_slave s;
	struct err *e = rows_read_slave(sweep->c, sweep->txn, slave, w->a, &s);
	bool has = false;

	for (size_t i = 0; !e && i < w->want->n_addresses; i++)
		has |= model_slave_has_address(&s, &w->want->addresses[i].addr);
	err_free(e);
	return has;
}

static bool is_in_the_way(const struct rows_engine_sweep *sweep, const struct row *slave,
			  const char *engine)
{
	const struct wish *w = sweep->aux;

	if (strcmp(rows_engine_id(sweep->c, sweep->txn, slave, engine, "network"),
		   w->want->network) != 0 ||
	    !has_address(sweep, slave, w))
		return false;
	if (is_joined(sweep, slave) && is_in_host(sweep, slave))
		return true;
	*w->holder = slave;
	return false;
}

struct err *docker_endpoint_add(const struct attachment_edit *edit, struct arena *a,
				const struct docker_network *n,
				const struct attachment *want, struct uuid *ret_holder)
{
	const struct row *holder = NULL;
	const struct wish w = {.want = want, .a = a, .holder = &holder};
	struct model_slave model;
	struct row *slave;

	if (docker_endpoint_find(edit, want->container))
		return NULL;
	(void)sweep(edit, is_in_the_way, &w);
	if (holder) {
		*ret_holder = *row_uuid(holder);
		return err_new(ERR_EXISTS, "endpoint %s of network %s has that address",
			       docker_call_short_id(a, id_of(edit, holder, "container")),
			       docker_call_short_id(a, n->id));
	}
	return attachment_rows_add(edit, want, CREATED, a, &slave, &model);
}
