/* Candidates from the database: names of rows, columns and their values. */
#include "ctl/complete_rows.h"

#include "ctl/line/args.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

/* A shell waits for it after each Tab. */
#define TIMEOUT_MS 3000

/* A text that was offered. */
struct offered {
	const char *text;
	UT_hash_handle hh;
};

void complete_offer_with(const struct complete_word *w, const char *candidate,
			 const char *end)
{
	if (!strncmp(candidate, w->begun, strlen(w->begun)))
		fprintf(w->out, "%s%s%s\n", w->before, candidate, end);
}

void complete_offer(const struct complete_word *w, const char *candidate)
{
	complete_offer_with(w, candidate, "");
}

/* What several rows have is offered once. 'text' is a row's. */
static void offer_once(struct context *ctx, const struct complete_word *w,
		       const char *text, const char *end, struct offered **seen)
{
	struct offered *o;

	HASH_FIND_STR(*seen, text, o);
	if (!*text || o)
		return;
	o = arena_alloc(ctx->arena, sizeof(*o));
	o->text = text;
	HASH_ADD_KEYPTR(hh, *seen, o->text, strlen(o->text), o);
	complete_offer_with(w, text, end);
}

static void offer_set(struct context *ctx, const struct complete_word *w,
		      const struct row *r, const struct column_schema *c,
		      struct offered **seen)
{
	const struct datum *d = txn_get(ctx->txn, r, c);

	for (uint32_t i = 0; i < d->n; i++)
		offer_once(ctx, w, datum_keys(d)[i].string, "", seen);
}

static void offer_slave(struct context *ctx, const struct complete_word *w,
			const struct row *slave, unsigned int kinds,
			struct offered **netns, struct offered **sources)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct offered *own = NULL;

	if (kinds & COMPLETE_SLAVES)
		complete_offer(w, naming_label(ctx, slave));
	if (kinds & COMPLETE_NAMESPACES)
		offer_once(ctx, w, context_text(ctx, slave, c->slave.netns), "/", netns);
	if (kinds & COMPLETE_ADDRESSES)
		offer_set(ctx, w, slave, c->slave.addresses, &own);
	if (kinds & COMPLETE_SOURCES)
		offer_set(ctx, w, slave, c->slave.sources, sources);
	HASH_CLEAR(hh, own);
}

static void offer_names(struct context *ctx, const struct complete_word *w,
			unsigned int kinds)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct offered *netns = NULL, *sources = NULL;
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		if (kinds & COMPLETE_MASTERS)
			complete_offer(w, naming_label(ctx, masters[i]));
		if (kinds & COMPLETE_SOURCES)
			offer_set(ctx, w, masters[i], c->master.sources, &sources);
		for (size_t k = 0; k < n_slaves; k++)
			offer_slave(ctx, w, slaves[k], kinds, &netns, &sources);
	}
	HASH_CLEAR(hh, netns);
	HASH_CLEAR(hh, sources);
}

static void offer_pools(struct context *ctx, const struct complete_word *w)
{
	size_t n;
	struct row **pools = naming_pools(ctx, &n);

	for (size_t i = 0; i < n; i++)
		complete_offer(w, context_text(ctx, pools[i], ctx->columns.pool.name));
}

static void offer_values(struct context *ctx, const struct complete_word *w,
			 const struct column_schema *c)
{
	const struct base_type *b = &c->type.key;
	struct offered *seen = NULL;

	for (uint32_t i = 0; b->allowed && b->type == ATOM_STRING && i < b->allowed->n;
	     i++)
		complete_offer(w, datum_keys(b->allowed)[i].string);
	if (b->type == ATOM_BOOLEAN) {
		complete_offer(w, "false");
		complete_offer(w, "true");
	}
	if (c == ctx->columns.slave.pool)
		offer_pools(ctx, w);
	if (c != ctx->columns.slave.netns && c != ctx->columns.master.netns)
		return;
	TXN_FOR_EACH_ROW (r, ctx->txn, ctx->columns.slave.table)
		offer_once(ctx, w, context_text(ctx, r, ctx->columns.slave.netns), "",
			   &seen);
	HASH_CLEAR(hh, seen);
}

/* Behind COLUMN=, the values of that column; else the columns, with a "=". */
static void offer_assignments(struct context *ctx, const struct complete_word *w,
			      const struct table_schema *t, bool is_condition)
{
	const char *equals = strchr(w->begun, '=');
	const struct column_schema *c;
	struct err *e;

	for (size_t i = 0; !equals && i < t->n_columns; i++) {
		e = is_condition ? NULL : args_check_writable(t, &t->columns[i]);
		if (!e)
			complete_offer_with(w, t->columns[i].name, "=");
		err_free(e);
	}
	if (!equals)
		return;
	e = args_find_column(
		t, arena_printf(ctx->arena, "%.*s", (int)(equals - w->begun), w->begun),
		&c);
	if (!e) {
		const struct complete_word value = {
			.begun = equals + 1,
			.before = arena_printf(ctx->arena, "%s%.*s", w->before,
					       (int)(equals + 1 - w->begun), w->begun),
			.out = w->out};

		offer_values(ctx, &value, c);
	}
	err_free(e);
}

static void offer_of_table(struct context *ctx, const struct complete_word *w,
			   const struct table_schema *t, unsigned int kinds)
{
	for (size_t i = 0; kinds & COMPLETE_COLUMNS && i < t->n_columns; i++)
		complete_offer(w, t->columns[i].name);
	if (kinds & (COMPLETE_ASSIGNMENTS | COMPLETE_CONDITIONS))
		offer_assignments(ctx, w, t, kinds & COMPLETE_CONDITIONS);
	if (!(kinds & COMPLETE_RECORDS))
		return;
	if (!strcmp(t->name, "Master"))
		offer_names(ctx, w, COMPLETE_MASTERS);
	else if (!strcmp(t->name, "Slave"))
		offer_names(ctx, w, COMPLETE_SLAVES);
	else if (!strcmp(t->name, "Pool"))
		offer_pools(ctx, w);
	else
		complete_offer(w, ".");
}

static void offer(struct context *ctx, const struct complete_word *w, unsigned int kinds,
		  const char *table)
{
	const struct schema *s = db_schema(ctx->db);
	const struct table_schema *t;
	struct err *e = table ? args_find_table(s, table, &t) : NULL;

	for (size_t i = 0; kinds & COMPLETE_TABLES && i < s->n_tables; i++)
		complete_offer(w, s->tables[i].name);
	if (table && !e)
		offer_of_table(ctx, w, t, kinds);
	err_free(e);
	if (kinds & COMPLETE_POOLS)
		offer_pools(ctx, w);
	if (kinds & (COMPLETE_MASTERS | COMPLETE_SLAVES | COMPLETE_NAMESPACES |
		     COMPLETE_ADDRESSES | COMPLETE_SOURCES))
		offer_names(ctx, w, kinds);
}

/* No slave is fetched for masters, pools, tables, columns, and values of other columns
 * than netns. */
static struct json_object *scope_of(const struct complete_word *w, unsigned int kinds)
{
	unsigned int of_slaves =
		kinds & ~(unsigned int)(COMPLETE_MASTERS | COMPLETE_POOLS |
					COMPLETE_TABLES | COMPLETE_COLUMNS);
	struct json_object *none;

	if (strncmp(w->begun, "netns=", strlen("netns=")) != 0)
		of_slaves &= ~(unsigned int)(COMPLETE_ASSIGNMENTS | COMPLETE_CONDITIONS);
	if (of_slaves)
		return NULL;
	none = json_array();
	json_add(none, json_boolean(false));
	return none;
}

void complete_rows(const struct complete_word *w, const struct options *o,
		   unsigned int kinds, const char *table)
{
	CLEANUP(json_freep) struct json_object *scope = scope_of(w, kinds);
	struct options quick = *o;
	struct context ctx = {0};
	struct err *e;

	quick.timeout_ms = TIMEOUT_MS;
	e = context_open(&ctx, &quick, true, scope);
	if (!e) {
		context_begin(&ctx);
		offer(&ctx, w, kinds, table);
	}
	err_free(e);
	context_close(&ctx);
}
