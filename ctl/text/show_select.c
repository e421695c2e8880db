/* Finds the masters and slaves that the arguments of `show` name. Unlike a command
 * that writes, `show` takes every slave of a name, since it changes nothing. */
#include "ctl/text/show_select.h"

#include "ctl/session/naming.h"
#include "ctl/text/describe.h"
#include "ctl/text/show_words.h"
#include "lib/ip.h"
#include "lib/text.h"

#include <string.h>

/* An argument, in all of its meanings. */
struct word {
	const char *text;
	bool is_address, is_subnet;
	/* Of the address or subnet; an address has its full length */
	struct ip_prefix prefix;
	bool is_netns;            /* all slaves of 'netns' */
	const char *netns, *name; /* as naming_split() gives them */
	bool is_uuid;
	struct uuid uuid;
	size_t n_found;
};

static bool read_address(const char *text, struct word *w)
{
	struct err *e = ip_addr_parse(text, &w->prefix.addr);

	w->is_address = !e;
	if (!e)
		w->prefix.len = (uint8_t)ip_addr_bits(&w->prefix.addr);
	err_free(e);
	if (w->is_address)
		return true;
	e = ip_prefix_parse(text, &w->prefix);
	if (!e) {
		struct ip_prefix network = ip_prefix_network(&w->prefix);

		/* 10.0.0.2/24 is an address as a slave has it, 10.0.0.0/24 a subnet. */
		w->is_subnet = !ip_prefix_cmp(&network, &w->prefix);
		w->is_address = !w->is_subnet;
	}
	err_free(e);
	return w->is_address || w->is_subnet;
}

static struct word read_word(const struct context *ctx, const char *text)
{
	struct word w = {.text = text};

	if (read_address(text, &w))
		return w;
	w.is_uuid = uuid_parse(text, &w.uuid);
	naming_split(text, ctx->arena, &w.netns, &w.name);
	w.is_netns = w.netns && !*w.name;
	return w;
}

/* The namespace of a device: a slave without one is in its master's. */
static const char *netns_of(const struct context *ctx, const struct row *master,
			    const struct row *slave)
{
	const char *its = slave ? context_text(ctx, slave, ctx->columns.slave.netns) : "";

	return *its ? its : context_text(ctx, master, ctx->columns.master.netns);
}

static bool is_named(const struct word *w, const struct row *r, const char *netns,
		     const char *place, const char *name)
{
	if (w->is_uuid && uuid_equals(row_uuid(r), &w->uuid))
		return true;
	if (w->is_netns)
		return !strcmp(place, w->netns);
	return !strcmp(name, w->name) && (!w->netns || !strcmp(netns, w->netns));
}

static bool is_master(const struct context *ctx, const struct word *w,
		      const struct row *master)
{
	const char *netns = context_text(ctx, master, ctx->columns.master.netns);

	/* "ns1/" means the slaves in the namespace, not the slaves elsewhere of a
	 * master in it. */
	return !w->is_address && !w->is_subnet && !w->is_netns &&
	       is_named(w, master, netns, netns,
			context_text(ctx, master, ctx->columns.master.name));
}

static bool has_address(const struct context *ctx, const struct word *w,
			const struct row *slave)
{
	const struct datum *d = txn_get(ctx->txn, slave, ctx->columns.slave.addresses);

	for (uint32_t i = 0; i < d->n; i++) {
		struct ip_prefix its;
		struct err *e = ip_prefix_parse(datum_keys(d)[i].string, &its);
		bool is_it =
			!e && (w->is_subnet ? ip_prefix_contains(&w->prefix, &its.addr)
					    : !ip_addr_cmp(&w->prefix.addr, &its.addr));

		err_free(e);
		if (is_it)
			return true;
	}
	return false;
}

static bool is_slave(const struct context *ctx, const struct word *w,
		     const struct row *master, const struct row *slave)
{
	if (w->is_address || w->is_subnet)
		return has_address(ctx, w, slave);
	return is_named(w, slave, context_text(ctx, slave, ctx->columns.slave.netns),
			netns_of(ctx, master, slave),
			context_text(ctx, slave, ctx->columns.slave.name));
}

/* Counts the matches of each word. */
static bool is_any_slave(const struct context *ctx, struct word *words, size_t n,
			 const struct row *master, const struct row *slave)
{
	bool is_any = false;

	for (size_t i = 0; i < n; i++) {
		bool is_it = is_slave(ctx, &words[i], master, slave);

		words[i].n_found += is_it;
		is_any = is_any || is_it;
	}
	return is_any;
}

static bool is_any_master(const struct context *ctx, struct word *words, size_t n,
			  const struct row *master)
{
	bool is_any = false;

	for (size_t i = 0; i < n; i++) {
		bool is_it = is_master(ctx, &words[i], master);

		words[i].n_found += is_it;
		is_any = is_any || is_it;
	}
	return is_any;
}

/* The slaves of 'master' that a word names; all of them if the master is shown whole. */
static struct shown choose(const struct context *ctx, struct word *words, size_t n_words,
			   struct row *master)
{
	struct shown s = {.master = master};
	size_t n;
	struct row **slaves = naming_slaves(ctx, master, &n);

	s.slaves = arena_array(ctx->arena, n + 1, sizeof(struct row *));
	s.is_whole = !n_words || is_any_master(ctx, words, n_words, master);
	for (size_t i = 0; i < n; i++) {
		if (is_any_slave(ctx, words, n_words, master, slaves[i]) || s.is_whole)
			s.slaves[s.n_slaves++] = slaves[i];
	}
	return s;
}

/* A name is compared with names, a label with labels. */
static const char *nearest_label(const struct context *ctx, const struct word *w)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct table *tables[] = {c->master.table, c->slave.table};
	const struct column_schema *names[] = {c->master.name, c->slave.name};
	size_t n = 0, max = table_count(tables[0]) + table_count(tables[1]) + 1;
	const char **words = arena_array(ctx->arena, max, sizeof(*words)), *nearest;
	const char **labels = arena_array(ctx->arena, max, sizeof(*labels));

	for (size_t i = 0; i < 2; i++) {
		TABLE_FOR_EACH (r, tables[i]) {
			labels[n] = naming_label(ctx, r);
			words[n] = w->netns ? labels[n] : context_text(ctx, r, names[i]);
			n++;
		}
	}
	nearest = text_nearest(w->text, words);
	for (size_t i = 0; nearest && i < n; i++) {
		if (words[i] == nearest)
			return labels[i];
	}
	return NULL;
}

/* "ns1" for "ns1/". */
static bool is_netns_of_some(const struct context *ctx, const char *text)
{
	TABLE_FOR_EACH (r, ctx->columns.slave.table) {
		if (!strcmp(context_text(ctx, r, ctx->columns.slave.netns), text))
			return *text;
	}
	return false;
}

static struct err *not_found(const struct context *ctx, const struct word *w)
{
	const char *nearest;
	struct err *e;

	if (w->is_address || w->is_subnet)
		return err_hint(err_new(ERR_NOT_FOUND, "no slave has %s %s",
					w->is_subnet ? "an address in" : "the address",
					w->text),
				"addresses that a DHCP client or a CNI plug-in sets are "
				"not in the database");
	if (w->is_netns)
		return err_new(ERR_NOT_FOUND, "no slave is in the namespace %s",
			       *w->netns ? w->netns : "of ipvld");
	e = err_new(ERR_NOT_FOUND, "no such master or slave: %s", w->text);
	if (is_netns_of_some(ctx, w->text))
		return err_hint(e, "`ipvl-ctl show %s/` shows the namespace", w->text);
	nearest = nearest_label(ctx, w);
	if (nearest && !strcmp(nearest, w->text)) /* show --at */
		return err_hint(e, "it was added later");
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "`ipvl-ctl show` shows all of them");
}

struct err *show_select(const struct context *ctx, char *const *words, size_t n,
			struct shown **ret_shown, size_t *ret_n)
{
	size_t n_masters, n_shown = 0;
	struct row **masters = naming_masters(ctx, &n_masters);
	struct shown *shown = arena_array(ctx->arena, n_masters + 1, sizeof(*shown));
	struct word *read = arena_array(ctx->arena, n + 1, sizeof(*read));

	for (size_t i = 0; i < n; i++)
		read[i] = read_word(ctx, words[i]);
	for (size_t i = 0; i < n_masters; i++) {
		shown[n_shown] = choose(ctx, read, n, masters[i]);
		n_shown += shown[n_shown].is_whole || shown[n_shown].n_slaves;
	}
	for (size_t i = 0; i < n; i++) {
		/* What was there once may come again. */
		if (!read[i].n_found && !ctx->is_again)
			return not_found(ctx, &read[i]);
	}
	*ret_shown = shown;
	*ret_n = n_shown;
	return NULL;
}

static bool is_not_ready(const struct context *ctx, const struct row *r,
			 enum row_state state)
{
	return state != STATE_READY && state != STATE_DISABLED &&
	       !(state == STATE_DRIFTED && describe_is_ignored(&ctx->columns, r));
}

void show_select_not_ready(const struct context *ctx, struct shown *shown, size_t *n)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < *n; i++) {
		struct shown s = shown[i];
		size_t n_slaves = 0;

		for (size_t k = 0; k < s.n_slaves; k++) {
			if (is_not_ready(ctx, s.slaves[k],
					 show_words_state_of(ctx, s.slaves[k])))
				s.slaves[n_slaves++] = s.slaves[k];
		}
		s.n_slaves = n_slaves;
		if (n_slaves ||
		    is_not_ready(ctx, s.master, show_words_state_of(ctx, s.master)))
			shown[n_kept++] = s;
	}
	*n = n_kept;
}
