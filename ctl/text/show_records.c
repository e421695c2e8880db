/* Flat records of what `show` shows, for spreadsheets and scripts. show_json.c has the
 * tree with every column. */
#include "ctl/text/show_records.h"

#include "ctl/output/value.h"
#include "ctl/output/writer.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"

static const char *const headings[] = {
	"type",     "object", "master",    "netns",   "name",
	"mode",     "flag",   "addresses", "routes",  "link_state",
	"link_mtu", "mac",    "state",     "message", "warnings",
};

static void add_datum(const struct context *ctx, struct writer *w, const struct row *r,
		      const struct column_schema *c)
{
	writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, r, c), &c->type);
}

static void add_master(const struct context *ctx, struct writer *w, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *label = naming_label(ctx, r);

	writer_text(w, STYLE_PLAIN, "master");
	writer_text(w, STYLE_PLAIN, label);
	writer_text(w, STYLE_PLAIN, label);
	add_datum(ctx, w, r, c->master.netns);
	add_datum(ctx, w, r, c->master.name);
	add_datum(ctx, w, r, c->master.mode);
	add_datum(ctx, w, r, c->master.flag);
	writer_text(w, STYLE_PLAIN, "");
	add_datum(ctx, w, r, c->master.routes);
	add_datum(ctx, w, r, c->master.link_state);
	add_datum(ctx, w, r, c->master.link_mtu);
	add_datum(ctx, w, r, c->master.mac);
	add_datum(ctx, w, r, c->master.state);
	add_datum(ctx, w, r, c->master.message);
	add_datum(ctx, w, r, c->master.warnings);
}

static void add_slave(const struct context *ctx, struct writer *w,
		      const struct row *master, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;

	writer_text(w, STYLE_PLAIN, "slave");
	writer_text(w, STYLE_PLAIN, naming_label(ctx, r));
	writer_text(w, STYLE_PLAIN, naming_label(ctx, master));
	add_datum(ctx, w, r, c->slave.netns);
	add_datum(ctx, w, r, c->slave.name);
	add_datum(ctx, w, master, c->master.mode);
	add_datum(ctx, w, master, c->master.flag);
	add_datum(ctx, w, r, c->slave.addresses);
	add_datum(ctx, w, r, c->slave.routes);
	add_datum(ctx, w, r, c->slave.link_state);
	add_datum(ctx, w, r, c->slave.link_mtu);
	add_datum(ctx, w, r, c->slave.mac);
	add_datum(ctx, w, r, c->slave.state);
	add_datum(ctx, w, r, c->slave.message);
	add_datum(ctx, w, r, c->slave.warnings);
}

void show_records(const struct context *ctx, const struct shown *shown, size_t n)
{
	struct writer *w =
		context_writer(ctx, FORMAT_CSV, headings, ARRAY_SIZE(headings));

	for (size_t i = 0; i < n; i++) {
		add_master(ctx, w, shown[i].master);
		for (size_t k = 0; k < shown[i].n_slaves; k++)
			add_slave(ctx, w, shown[i].master, shown[i].slaves[k]);
	}
	writer_finish(w);
}
