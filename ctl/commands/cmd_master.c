/* The commands init, add-master, set-master, del-master, list-masters and list-datapaths. Whether
 * the result can work is checked by the database's validator at the commit. */
#include "ctl/line/args.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/ask.h"
#include "ctl/session/context.h"
#include "ctl/text/describe.h"
#include "ctl/session/naming.h"
#include "ctl/line/selection.h"
#include "ctl/output/writer.h"
#include "datapath/link_type.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

struct err *cmd_init(struct context *ctx, const struct call *call)
{
	(void)call;
	rows_ensure_host(&ctx->columns, ctx->txn, NULL);
	return NULL;
}

/* With the mode that its slaves have where none is given. An unknown datapath is refused at the
 * commit. */
static struct row *add_master(struct context *ctx, const char *netns, const char *name,
			      const struct assignment *datapath)
{
	struct model_master m = model_master_named(netns, name);
	const char *text = datapath ? datum_text(&datapath->value) : "";

	m.type = *text ? link_type_find(text) : NULL;
	m.mode = (enum model_mode)link_type_of(&m)->standard.mode;
	m.flag = (enum model_flag)link_type_of(&m)->standard.flag;
	return rows_add_master(&ctx->columns, ctx->txn,
			       rows_ensure_host(&ctx->columns, ctx->txn, NULL), &m);
}

struct err *cmd_add_master(struct context *ctx, const struct call *call)
{
	const struct ipvl_columns *c = &ctx->columns;
	size_t n = call->n_args - 1;
	struct assignment *set;
	const struct assignment *given;
	const char *netns, *name;
	struct row *r;
	struct err *e =
		args_parse_all(table_schema(c->master.table), call->args + 1, n, &set);

	if (e)
		return e;
	given = assignment_find(set, n, c->master.netns);
	if (assignment_find(set, n, c->master.name))
		e = err_new(ERR_INVALID, "%s: the name is given twice", call->args[0]);
	else
		e = naming_new(ctx, call->args[0], given ? &given->value : NULL, &netns,
			       &name);
	r = e ? NULL : rows_find_master(c, ctx->txn, netns, name);
	if (r && !(call->options & OPTION_MAY_EXIST))
		e = err_hint(
			err_new(ERR_EXISTS, "master %s already exists", call->args[0]),
			"change it with set-master, or use --may-exist");
	if (!e && !r)
		r = add_master(ctx, netns, name,
			       assignment_find(set, n, c->master.datapath));
	if (!e)
		e = assignment_write_all(set, n, ctx->txn, r);
	assignment_free_all(set, n);
	return e;
}

struct err *cmd_set_master(struct context *ctx, const struct call *call)
{
	size_t n = call->n_args - 1;
	struct assignment *set;
	struct row *r;
	struct err *e = naming_find_master(ctx, call->args[0], &r);

	if (!e)
		e = args_parse_all(table_schema(ctx->columns.master.table),
				   call->args + 1, n, &set);
	if (e)
		return e;
	e = assignment_write_all(set, n, ctx->txn, r);
	assignment_free_all(set, n);
	return e;
}

struct err *cmd_del_master(struct context *ctx, const struct call *call)
{
	for (size_t i = 0; i < call->n_args; i++) {
		struct row *r;
		struct err *e = naming_find_master(ctx, call->args[i], &r);

		if (e && call_may_ignore(call, e))
			continue;
		if (e)
			return e;
		rows_remove_master(&ctx->columns, ctx->txn, r);
	}
	return NULL;
}

/* Columns of list-masters that the table does not have, or has under another name. */
enum {
	OWN_NAME,
	OWN_DEVICE,
	OWN_MODE,
	OWN_FLAG,
	OWN_LINK,
	OWN_MTU,
	OWN_MAC,
	OWN_SLAVES,
	OWN_STATE,
	OWN_MESSAGE,
	OWN_WARNINGS,
};

static void write_own(struct context *ctx, struct writer *w, const struct row *r,
		      size_t own)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *state;

	switch (own) {
	case OWN_NAME:
		writer_text(w, STYLE_STRONG, naming_label(ctx, r));
		break;
	case OWN_DEVICE:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->master.device));
		break;
	case OWN_MODE:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->master.mode));
		break;
	case OWN_FLAG:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->master.flag));
		break;
	case OWN_LINK:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->master.link_state));
		break;
	case OWN_MTU:
		writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, r, c->master.link_mtu),
			     &c->master.link_mtu->type);
		break;
	case OWN_MAC:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->master.mac));
		break;
	case OWN_SLAVES:
		writer_integer(w, txn_get(ctx->txn, r, c->master.slaves)->n);
		break;
	case OWN_STATE:
		state = context_text(ctx, r, c->master.state);
		writer_text(w, describe_state_style(state_from_name(state)), state);
		break;
	case OWN_MESSAGE:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->master.message));
		break;
	case OWN_WARNINGS:
		writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, r, c->master.warnings),
			     &c->master.warnings->type);
		break;
	}
}

struct err *cmd_list_masters(struct context *ctx, const struct call *call)
{
	static const char *const own[] = {
		[OWN_NAME] = "name",         [OWN_DEVICE] = "device",
		[OWN_MODE] = "mode",         [OWN_FLAG] = "flag",
		[OWN_LINK] = "link",         [OWN_MTU] = "mtu",
		[OWN_MAC] = "mac",           [OWN_SLAVES] = "slaves",
		[OWN_STATE] = "state",       [OWN_MESSAGE] = "message",
		[OWN_WARNINGS] = "warnings",
	};
	struct selection s;
	struct row **masters;
	struct writer *w;
	size_t n;
	struct err *e =
		selection_make(ctx->arena, table_schema(ctx->columns.master.table), own,
			       ARRAY_SIZE(own), false, call->columns, &s);

	if (e)
		return e;
	masters = naming_masters(ctx, &n);
	w = context_writer(ctx, FORMAT_TABLE, s.headings, s.n);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < s.n; k++) {
			const struct column_schema *c = s.columns[k].column;

			if (c)
				writer_datum(w, STYLE_PLAIN,
					     txn_get(ctx->txn, masters[i], c), &c->type);
			else
				write_own(ctx, w, masters[i], s.columns[k].own);
		}
	}
	writer_finish(w);
	return NULL;
}

static const char *const datapath_headings[] = {"name", "what", "file", "error"};

static void write_row(struct writer *w, const struct json_object *o)
{
	const char *file = json_member_text(o, "file"),
		   *error = json_member_text(o, "error");

	writer_text(w, *error ? STYLE_BAD : STYLE_STRONG, json_member_text(o, "name"));
	writer_text(w, STYLE_PLAIN, json_member_text(o, "what"));
	writer_text(w, STYLE_PLAIN, *file ? file : "built in");
	writer_text(w, STYLE_BAD, error);
}

struct err *cmd_list_datapaths(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct err *e = ask_check(ctx, "list-datapaths");
	struct writer *w;

	(void)call;
	if (!e)
		e = ask_daemon_list(ctx, "ipvl_datapaths",
				    "list-datapaths needs an ipvld of this version",
				    &result);
	if (e)
		return e;
	w = context_writer(ctx, FORMAT_TABLE, datapath_headings,
			   ARRAY_SIZE(datapath_headings));
	for (size_t i = 0; i < json_get_length(result); i++)
		write_row(w, json_at(result, i));
	writer_finish(w);
	return NULL;
}
