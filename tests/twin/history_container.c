/* See history_container.h. Each transaction is one of engines/attachment/, as a call of the
 * plug-in commits it; the waits of a call are not here. */
#include "tests/twin/history_container.h"

#include "config/pool/pool_rows.h"
#include "datapath/sim/sim.h"
#include "engines/attachment/attachment_rows.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

#define ENGINE "cni"

static const char *const networks[] = {"lan", "web"};

struct call {
	struct stage *s;
	struct arena *a;
	struct attachment want;
	bool dies; /* before it has seen its device */
};

static struct attachment_edit begin(const struct call *c)
{
	return (struct attachment_edit){.c = stage_columns(c->s),
					.txn = stage_txn(c->s),
					.attempt = 1,
					.extra = json_array()};
}

/* Takes the transaction, and 'e', with which nothing is committed. */
static struct err *end(const struct call *c, const struct attachment_edit *edit,
		       struct err *e)
{
	/* Expectations, of rows that no other client can change meanwhile. */
	json_free(edit->extra);
	if (!e)
		return stage_commit(c->s, edit->txn, c->a, NULL);
	txn_free(edit->txn);
	return e;
}

static struct err *sweep(const struct call *c)
{
	struct attachment_edit edit = begin(c);

	attachment_rows_sweep(&edit, &c->want);
	return end(c, &edit, NULL);
}

static struct err *add(const struct call *c)
{
	struct attachment_edit edit = begin(c);
	struct model_slave got;
	struct row *slave;

	return end(c, &edit,
		   attachment_rows_add(&edit, &c->want, c->dies ? "a dead one" : "", c->a,
				       &slave, &got));
}

static struct err *del(const struct call *c)
{
	struct attachment_edit edit = begin(c);
	struct row *slave = attachment_rows_find(&edit, &c->want);

	if (slave)
		rows_remove_slave(edit.c, edit.txn, slave);
	return end(c, &edit, NULL);
}

static void request(const struct call *c, enum twin_request_kind kind)
{
	const struct twin_request r = {.kind = kind, .netns = c->want.container};

	err_free(sim_request(stage_sim(c->s), &r));
}

static struct call any_call(struct stage *s, struct arena *a, struct dice *d)
{
	unsigned int n = dice_pick(d, ARRAY_SIZE(container_netnses)),
		     network = dice_pick(d, ARRAY_SIZE(networks));
	struct call c = {.s = s, .a = a};
	const char *text = arena_printf(a, "10.4.1.%u/24", 2 + n * 2 + network);
	struct ip_prefix *address = arena_alloc(a, sizeof(*address));

	c.want = (struct attachment){
		.engine = ENGINE,
		.network = networks[network],
		.container = container_netnses[n],
		.ifname = "eth0",
		.netns = arena_printf(a, "/run/netns/%s", container_netnses[n]),
		.master = dice_chance(d, 70) ? "eth0" : "eth1",
		.mode = MODEL_MODE_L2,
		.has_host_access = dice_chance(d, 10),
		.pool = pool_rows_find(stage_columns(s), NULL, "", "lan") ? "lan" : "",
		.is_addressed = true,
	};
	err_free(ip_prefix_parse(text, address));
	if (!*c.want.pool) {
		c.want.addresses = address;
		c.want.n_addresses = 1;
	}
	if (!strcmp(c.want.master, "eth0") && dice_chance(d, 15))
		c.want.vlan = 5;
	return c;
}

static const char *begin_one(struct call *c, struct dice *d)
{
	bool has_netns = dice_chance(d, 90);
	const char *refused = "";
	struct err *e;

	c->dies = dice_chance(d, 20);
	if (has_netns)
		request(c, TWIN_NETNS_ADD);
	e = sweep(c);
	if (!e)
		e = add(c);
	if (e)
		refused = arena_printf(c->a, ", refused: %s", e->message);
	err_free(e);
	return arena_printf(c->a, "container %s begins in network %s on %s%s%s%s",
			    c->want.container, c->want.network, c->want.master,
			    has_netns ? "" : ", without a namespace",
			    c->dies ? ", the call dies" : "", refused);
}

/* The row goes before the namespace, after it, or not at all: then the next call of its container
 * finds it. */
static const char *end_one(const struct call *c, struct dice *d)
{
	unsigned int what = dice_pick(d, 4);
	struct err *e = NULL;

	if (what == 1)
		request(c, TWIN_NETNS_DEL);
	if (what < 2)
		e = del(c);
	if (!e)
		e = sweep(c);
	err_free(e);
	if (what != 1)
		request(c, TWIN_NETNS_DEL);
	return arena_printf(c->a, "container %s of network %s ends, order %u",
			    c->want.container, c->want.network, what);
}

const char *history_container(struct stage *s, struct arena *a, struct dice *d)
{
	struct call c = any_call(s, a, d);

	return dice_chance(d, 60) ? begin_one(&c, d) : end_one(&c, d);
}

static bool is_wanted(void *aux, const char *container, const char *ifname)
{
	(void)aux;
	(void)container;
	(void)ifname;
	return false;
}

struct err *history_containers_end(struct stage *s, struct arena *a)
{
	const struct call c = {.s = s, .a = a, .want = {.engine = ENGINE}};
	struct attachment_edit edit = begin(&c);
	struct err *e;

	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		attachment_rows_collect(&edit, ENGINE, networks[i], is_wanted, NULL);
	e = end(&c, &edit, NULL);
	return e ? e : sweep(&c);
}
