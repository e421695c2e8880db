/* who: which row, ipvlan or master has an address, or addresses of a subnet. The rows are
 * those of the database; what the kernel has is told by ipvld (`ipvl_who`). */
#include "ctl/commands/cmd.h"
#include "ctl/session/ask.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/ip.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

/* An address, and who has it. */
struct holder {
	struct ip_prefix address;
	const char *device; /* "ns1/a" */
	const char *what, *state;
};

struct holders {
	struct context *ctx;
	struct ip_prefix in;
	struct holder *list;
	size_t n, cap;
};

/* ADDRESS, ADDRESS/LENGTH as a slave has it, or SUBNET/LENGTH. */
static struct err *read_prefix(const char *text, struct ip_prefix *ret_in)
{
	struct ip_prefix p, network;
	struct err *e;

	if (strchr(text, '/')) {
		e = ip_prefix_parse(text, &p);
		network = e ? p : ip_prefix_network(&p);
		if (!e && ip_prefix_cmp(&network, &p))
			p.len = (uint8_t)ip_addr_bits(&p.addr);
	} else {
		e = ip_addr_parse(text, &p.addr);
		p.len = e ? 0 : (uint8_t)ip_addr_bits(&p.addr);
	}
	if (!e) {
		*ret_in = p;
		return NULL;
	}
	err_free(e);
	return err_hint(
		err_new(ERR_INVALID, "%s is neither an address nor a subnet", text),
		"`ipvl-ctl show %s` shows a master, a slave or a namespace", text);
}

static void add(struct holders *h, const struct ip_prefix *address, const char *device,
		const char *what, const char *state)
{
	if (!ip_prefix_contains(&h->in, &address->addr))
		return;
	h->list = arena_grow(h->ctx->arena, h->list, h->n, &h->cap, sizeof(*h->list));
	h->list[h->n++] = (struct holder){
		.address = *address, .device = device, .what = what, .state = state};
}

static bool is_listed(const struct holders *h, const struct ip_prefix *address,
		      const char *device)
{
	for (size_t i = 0; i < h->n; i++) {
		if (!strcmp(h->list[i].device, device) &&
		    !ip_prefix_cmp(&h->list[i].address, address))
			return true;
	}
	return false;
}

static void add_row(struct holders *h, const struct row *slave, const struct row *master)
{
	const struct ipvl_columns *c = &h->ctx->columns;
	const struct datum *d = txn_get(h->ctx->txn, slave, c->slave.addresses);

	for (uint32_t i = 0; i < d->n; i++) {
		struct ip_prefix address;
		struct err *e = ip_prefix_parse(datum_keys(d)[i].string, &address);

		if (!e)
			add(h, &address, naming_label(h->ctx, slave),
			    arena_printf(h->ctx->arena, "slave of %s",
					 naming_label(h->ctx, master)),
			    context_text(h->ctx, slave, c->slave.state));
		err_free(e);
	}
}

static void add_rows(struct holders *h)
{
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(h->ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(h->ctx, masters[i], &n_slaves);

		for (size_t k = 0; k < n_slaves; k++)
			add_row(h, slaves[k], masters[i]);
	}
}

/* One that the kernel has and no row of its device declares. */
static void add_found(struct holders *h, const struct json_object *o)
{
	struct arena *a = h->ctx->arena;
	const char *netns = json_member_text(o, "netns"),
		   *what = json_member_text(o, "what");
	const char *device = arena_printf(a, "%s%s%s", netns, *netns ? "/" : "",
					  json_member_text(o, "name"));
	const char *master = arena_strdup(a, json_member_text(o, "master"));
	const char *where = *master ? arena_printf(a, " on %s", master) : "";
	struct ip_prefix address;
	struct err *e = ip_prefix_parse(json_member_text(o, "address"), &address);

	if (e || is_listed(h, &address, device)) {
		err_free(e);
		return;
	}
	if (!strcmp(what, "master"))
		add(h, &address, device, "the master's own", "");
	else if (rows_find_slave(&h->ctx->columns, h->ctx->txn, arena_strdup(a, netns),
				 arena_strdup(a, json_member_text(o, "name"))))
		add(h, &address, device,
		    arena_printf(a, "slave%s, by another program", where), "");
	else
		add(h, &address, device,
		    arena_printf(a, "ipvlan%s, %s", where,
				 !strcmp(what, "ours") ? "of no row"
						       : "of another program"),
		    "");
}

/* A server that is not ipvld has no such method: the rows are the answer then. */
static struct err *add_kernel(struct holders *h)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct json_object *question = json_object();
	const struct json_object *list;
	char buf[IP_TEXT_BYTES];
	struct err *e;

	json_put(question, "in", json_string(ip_prefix_format(&h->in, buf)));
	e = ask_daemon(h->ctx, "ipvl_who", question, "", &result);
	if (e && e->code == ERR_UNSUPPORTED) {
		fputs("warning: no ipvld was asked: only rows are shown\n",
		      h->ctx->warnings);
		err_free(e);
		return NULL;
	}
	if (e)
		return e;
	list = json_member(result, "addresses");
	for (size_t i = 0; list && i < json_get_length(list); i++)
		add_found(h, json_at(list, i));
	return NULL;
}

static int holder_cmp(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;
	int cmp = ip_prefix_cmp(&x->address, &y->address);

	return cmp ? cmp : strcmp(x->device, y->device);
}

static void print(struct holders *h)
{
	static const char *const headings[] = {"address", "device", "what", "state"};
	struct writer *w =
		context_writer(h->ctx, FORMAT_TABLE, headings, ARRAY_SIZE(headings));
	char buf[IP_TEXT_BYTES];

	qsort(h->list, h->n, sizeof(*h->list), holder_cmp);
	for (size_t i = 0; i < h->n; i++) {
		writer_text(w, STYLE_PLAIN, ip_prefix_format(&h->list[i].address, buf));
		writer_text(w, STYLE_STRONG, h->list[i].device);
		writer_text(w, STYLE_PLAIN, h->list[i].what);
		writer_text(w, STYLE_PLAIN, h->list[i].state);
	}
	writer_finish(w);
}

struct err *cmd_who(struct context *ctx, const struct call *call)
{
	struct holders h = {.ctx = ctx};
	struct err *e = read_prefix(call->args[0], &h.in);

	if (e)
		return e;
	add_rows(&h);
	if (ctx->replica)
		e = add_kernel(&h);
	if (!e && !h.n)
		e = err_new(ERR_NOT_FOUND, "%s %s",
			    ctx->replica ? "no slave, no other ipvlan and no master has"
					 : "no row has",
			    call->args[0]);
	if (!e)
		print(&h);
	return e;
}
