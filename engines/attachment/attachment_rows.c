/* Rows of attachments: found by external_ids, made, removed. */
#include "engines/attachment/attachment_rows.h"

#include "config/canon.h"
#include "config/pool/lease.h"
#include "config/rows.h"
#include "config/rows_engine.h"
#include "config/state.h"
#include "engines/attachment/attachment_master.h"
#include "engines/attachment/attachment_process.h"
#include "lib/alloc.h"
#include "lib/process.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const attachment_rows_master_columns[] = {
	"host",    "netns", "name",     "match",  "mode",    "flag",   "vlan_link",
	"vlan_id", "kind",  "datapath", "slaves", "sources", "device", NULL,
};
const char *const attachment_rows_slave_columns[] = {
	"host", "netns",  "name",    "addressing",   "addresses", "host_access",
	"pool", "leases", "sources", "external_ids", "state",     NULL,
};

const char *attachment_rows_key(struct arena *a, const char *engine, const char *what)
{
	return arena_printf(a, "%s-%s", engine, what);
}

static const char *id_of(const struct attachment_edit *edit, const struct row *slave,
			 const char *engine, const char *what)
{
	return rows_engine_id(edit->c, edit->txn, slave, engine, what);
}

static bool is_attachment_of(const struct attachment_edit *edit, const struct row *slave,
			     const struct attachment *of)
{
	return !strcmp(id_of(edit, slave, of->engine, "container"), of->container) &&
	       !strcmp(id_of(edit, slave, of->engine, "ifname"), of->ifname) &&
	       !strcmp(id_of(edit, slave, of->engine, "network"), of->network);
}

struct row *attachment_rows_find(const struct attachment_edit *edit,
				 const struct attachment *of)
{
	TXN_FOR_EACH_ROW (slave, edit->txn, edit->c->slave.table) {
		if (is_attachment_of(edit, slave, of))
			return slave;
	}
	return NULL;
}

/* --- adding --- */

static void add_id(struct datum *d, const char *key, const char *value)
{
	union atom k = {.string = xstrdup(key)}, v = {.string = xstrdup(value)};

	datum_append(d, k, &v);
}

static struct err *write_ids(const struct attachment_edit *edit, struct row *slave,
			     const struct attachment *want, const char *process,
			     struct arena *a)
{
	const struct column_schema *c = edit->c->slave.external_ids;
	char boot[PROCESS_BOOT_ID_BYTES];
	struct datum d;
	struct err *e = process_boot_id(boot);

	if (e)
		return e;
	datum_init_empty(&d);
	add_id(&d, attachment_rows_key(a, want->engine, "container"), want->container);
	add_id(&d, attachment_rows_key(a, want->engine, "ifname"), want->ifname);
	add_id(&d, attachment_rows_key(a, want->engine, "network"), want->network);
	add_id(&d, attachment_rows_key(a, want->engine, "pending"), process);
	add_id(&d, attachment_rows_key(a, want->engine, "boot"), boot);
	for (size_t i = 0; i < want->n_labels; i++)
		add_id(&d, want->labels[i].key, want->labels[i].value);
	e = datum_sort(&d, &c->type);
	assert(!e); /* by contract of 'labels' */
	txn_set(edit->txn, slave, c, &d);
	return NULL;
}

static int prefix_cmp(const void *a, const void *b)
{
	return ip_prefix_cmp(a, b);
}

static int route_cmp(const void *a, const void *b)
{
	return model_route_key_cmp(a, b);
}

/* An address without a length has that of the subnet of its pool. */
static struct err *find_length(const struct attachment *want,
			       const struct lease_source *source, struct ip_prefix *p)
{
	char text[IP_TEXT_BYTES];
	const struct ip_prefix *in;

	if (p->len != ATTACHMENT_NO_LENGTH)
		return NULL;
	in = source ? pool_subnet_of(&source->p, &p->addr) : NULL;
	if (in) {
		p->len = in->len;
		return NULL;
	}
	ip_addr_format(&p->addr, text);
	if (*want->pool)
		return err_new(ERR_INVALID, "%s is outside every subnet of pool %s", text,
			       want->pool);
	return err_hint(err_new(ERR_INVALID, "%s has no length, and network %s no pool",
				text, want->network),
			"write it as ADDRESS/LENGTH");
}

static void find_gateway(const struct lease_source *source, struct model_route *r)
{
	for (size_t i = 0; source && i < source->p.n_gateways && !r->via.family; i++) {
		if (source->p.gateways[i].family == r->to.addr.family)
			r->via = source->p.gateways[i];
	}
}

/* The slave that is wanted, as far as the pool does not complete it. */
static struct err *read_wish(const struct attachment *want, struct leases *l,
			     const struct row *master, struct arena *a,
			     struct model_slave *s)
{
	struct lease_source *source = NULL;
	struct err *e =
		want->is_handed_over ? NULL : canon_netns(want->netns, a, &s->netns);

	s->is_handed_over = s->is_transient = want->is_handed_over;
	if (!e && *want->pool)
		e = lease_source_find(l, master, want->pool, &source);
	s->mtu = want->mtu;
	s->pool = want->pool;
	s->addresses_managed = want->is_addressed;
	s->addresses = arena_array(a, want->n_addresses + 1, sizeof(*s->addresses));
	s->routes = arena_array(a, want->n_routes + 1, sizeof(*s->routes));
	s->n_addresses = want->n_addresses;
	s->n_routes = want->n_routes;
	for (size_t i = 0; i < want->n_addresses && !e; i++) {
		s->addresses[i] = want->addresses[i];
		e = find_length(want, source, &s->addresses[i]);
	}
	for (size_t i = 0; i < want->n_routes; i++) {
		s->routes[i] = want->routes[i];
		find_gateway(source, &s->routes[i]);
	}
	qsort(s->addresses, s->n_addresses, sizeof(*s->addresses), prefix_cmp);
	qsort(s->routes, s->n_routes, sizeof(*s->routes), route_cmp);
	return e;
}

static struct err *check_free(const struct attachment_edit *edit,
			      const struct attachment *want, const struct model_slave *s)
{
	const struct row *its = attachment_rows_find(edit, want);
	const struct row *other = rows_find_slave(edit->c, edit->txn, s->netns, s->name);

	if (its)
		return err_hint(err_new(ERR_EXISTS,
					"container %s has %s of network %s already",
					want->container, want->ifname, want->network),
				"DEL comes before another ADD");
	if (other)
		return err_hint(
			err_new(ERR_EXISTS,
				"%s already has a slave called %s in the database",
				want->netns, want->ifname),
			"`ipvl-ctl show` has it");
	return NULL;
}

static struct err *complete(const struct attachment_edit *edit,
			    const struct attachment *want, struct row *master,
			    struct arena *a, struct model_slave *s)
{
	struct leases *l = lease_new(edit->c, edit->txn, edit->attempt);
	struct err *e = read_wish(want, l, master, a, s);

	if (!e)
		e = check_free(edit, want, s);
	if (!e && *want->pool) {
		struct model_route *routes = s->routes;
		size_t n = s->n_routes;

		e = lease_complete(l, master, NULL, a, s);
		if (want->has_routes) {
			s->routes = routes;
			s->n_routes = n;
		}
	}
	lease_free(l);
	return e;
}

struct err *attachment_rows_add(const struct attachment_edit *edit,
				const struct attachment *want, const char *process,
				struct arena *a, struct row **ret_slave,
				struct model_slave *ret_model)
{
	struct model_slave s = model_slave_named("", want->ifname);
	struct row *master, *slave;
	struct leases *l;
	struct err *e = attachment_master_ensure(edit, want, a, &master);

	if (!e)
		e = attachment_master_give_access(edit, want, master, a);
	if (!e)
		e = complete(edit, want, master, a, &s);
	if (e)
		return e;
	slave = rows_add_slave(edit->c, edit->txn, master, &s);
	l = lease_new(edit->c, edit->txn, edit->attempt);
	lease_write(l, slave);
	lease_free(l);
	attachment_edit_declare(edit, slave, attachment_source(a, want));
	e = write_ids(edit, slave, want, process, a);
	if (e)
		return e;
	*ret_slave = slave;
	*ret_model = s;
	return NULL;
}

/* --- removing --- */

/* The attachments of the engine, as they are before any is removed. From the arena. */
static struct row **list(const struct attachment_edit *edit, const char *engine,
			 struct arena *a, size_t *ret_n)
{
	struct row **all = arena_array(
		a, txn_scan_length(edit->txn, edit->c->slave.table) + 1, sizeof(*all));
	size_t n = 0;

	TXN_FOR_EACH_ROW (slave, edit->txn, edit->c->slave.table) {
		if (*id_of(edit, slave, engine, "container"))
			all[n++] = slave;
	}
	*ret_n = n;
	return all;
}

void attachment_rows_collect(const struct attachment_edit *edit, const char *engine,
			     const char *network, attachment_is_wanted_fn *is_wanted,
			     void *aux)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t n;
	struct row **all = list(edit, engine, a, &n);

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(id_of(edit, all[i], engine, "network"), network) &&
		    !is_wanted(aux, id_of(edit, all[i], engine, "container"),
			       id_of(edit, all[i], engine, "ifname")))
			rows_remove_slave(edit->c, edit->txn, all[i]);
	}
}

/* A row that the daemon has found to be without its namespace, as this program does. */
static bool has_lost_netns(const struct rows_engine_sweep *sweep, const struct row *slave)
{
	const char *state = datum_text(txn_get(sweep->txn, slave, sweep->c->slave.state));
	const char *netns = datum_text(txn_get(sweep->txn, slave, sweep->c->slave.netns));
	CLEANUP(freep) char *path = NULL;

	if (state_from_name(state) != STATE_WAITING || !*netns)
		return false;
	path = *netns == '/' ? xstrdup(netns) : xasprintf("/run/netns/%s", netns);
	return access(path, F_OK) && errno == ENOENT;
}

/* A call that ended half-way, or a container whose removal failed. */
static bool is_dead(const struct rows_engine_sweep *sweep, const struct row *slave,
		    const char *engine)
{
	const struct attachment *of = sweep->aux;
	const char *process =
		rows_engine_id(sweep->c, sweep->txn, slave, engine, "pending");

	if (*process)
		return !attachment_process_lives(process);
	return of->replaces && has_lost_netns(sweep, slave);
}

void attachment_rows_sweep(const struct attachment_edit *edit,
			   const struct attachment *of)
{
	const struct rows_engine_sweep sweep = {
		.c = edit->c,
		.txn = edit->txn,
		.engine = of->engine,
		.is_dead = is_dead,
		.aux = of,
		.expectations = edit->extra,
	};

	(void)rows_engine_sweep(&sweep);
}
