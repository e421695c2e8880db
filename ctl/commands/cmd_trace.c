/* trace: whether an echo comes back, as the daemon finds out without sending one; and, with
 * --verify, by sending some. */
#include "ctl/commands/cmd.h"
#include "ctl/output/layout.h"
#include "ctl/output/writer.h"
#include "ctl/session/ask.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "lib/ip.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* The first address of the slave, of 'family' if it has one; none if it has none. */
static struct ip_addr address_of(const struct context *ctx, const struct row *slave,
				 int family)
{
	const struct datum *d = txn_get(ctx->txn, slave, ctx->columns.slave.addresses);
	struct ip_addr found = {0};

	for (uint32_t i = 0; i < d->n; i++) {
		struct ip_prefix p;
		struct err *e = ip_prefix_parse(datum_keys(d)[i].string, &p);

		if (!e && (!found.family ||
			   (found.family != family && p.addr.family == family)))
			found = p.addr;
		err_free(e);
	}
	return found;
}

/* "host", or a slave. */
static struct err *put_source(const struct context *ctx, const char *text,
			      struct json_object *question, int *ret_family)
{
	struct row *slave, *master;
	const char *netns;
	struct err *e;

	*ret_family = 0;
	if (!strcmp(text, "host"))
		return NULL;
	e = naming_find_slave(ctx, text, &slave, &master);
	if (e)
		return e;
	netns = context_text(ctx, slave, ctx->columns.slave.netns);
	if (!*netns)
		netns = context_text(ctx, master, ctx->columns.master.netns);
	json_put(question, "netns", json_string(netns));
	json_put(question, "name",
		 json_string(context_text(ctx, slave, ctx->columns.slave.name)));
	*ret_family = address_of(ctx, slave, 0).family;
	return NULL;
}

/* An address, or a slave: its first address of the family of the source. */
static struct err *find_target(const struct context *ctx, const char *text, int family,
			       struct ip_addr *ret_addr)
{
	struct row *slave;
	struct err *e = ip_addr_parse(text, ret_addr);

	if (!e)
		return NULL;
	err_free(e);
	e = naming_find_slave(ctx, text, &slave, NULL);
	if (e && e->code == ERR_NOT_FOUND) {
		err_free(e);
		return err_hint(err_new(ERR_NOT_FOUND,
					"%s is neither an address nor a slave", text),
				"`ipvl-ctl list-slaves` shows the slaves");
	}
	if (e)
		return e;
	*ret_addr = address_of(ctx, slave, family);
	return ret_addr->family
		       ? NULL
		       : err_hint(err_new(ERR_INVALID, "%s declares no address", text),
				  "give the address instead");
}

/* "route-back,hairpin" */
static struct json_object *words_of(const struct context *ctx, const char *text)
{
	struct json_object *words = json_array();
	char *rest = arena_strdup(ctx->arena, text ? text : ""), *word;

	while ((word = strsep(&rest, ","))) {
		if (*word)
			json_add(words, json_string(word));
	}
	return words;
}

static enum style verdict_style(const char *verdict)
{
	return !strcmp(verdict, "arrives")           ? STYLE_GOOD
	       : !strcmp(verdict, "does not arrive") ? STYLE_BAD
						     : STYLE_WARNING;
}

/* "10.0.0.2 (ns1/ipvl1)" */
static const char *party(const struct context *ctx, const char *address,
			 const char *label)
{
	return !*address ? label
	       : *label  ? arena_printf(ctx->arena, "%s (%s)", address, label)
			 : address;
}

static void print_hops(const struct context *ctx, const struct json_object *hops)
{
	struct layout *l = context_layout(ctx, 2, 2);

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_KEEP);
	layout_fit(l, 2, LAYOUT_WRAP);
	for (size_t i = 0; i < json_get_length(hops); i++) {
		const struct json_object *hop = json_at(hops, i);
		bool is_reply = json_get_boolean(json_member(hop, "reply"));

		layout_row(l);
		layout_cell(
			l, STYLE_FAINT,
			arena_printf(ctx->arena, "%s%zu", is_reply ? "<" : " ", i + 1));
		layout_cell(l, STYLE_STRONG, json_member_text(hop, "place"));
		layout_cell(l, STYLE_PLAIN, json_member_text(hop, "text"));
	}
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

static void print(const struct context *ctx, const struct call *call, const char *to,
		  const struct json_object *result, const char *line)
{
	const char *verdict = json_member_text(result, "verdict"),
		   *cure = json_member_text(result, "cure");

	fprintf(ctx->out, "%s -> %s: ",
		party(ctx, json_member_text(result, "source"), call->args[0]),
		party(ctx, to, json_member_text(result, "target")));
	layout_styled(ctx->out, ctx->colour, verdict_style(verdict), verdict);
	fputc('\n', ctx->out);
	print_hops(ctx, json_member(result, "hops"));
	if (*cure)
		context_note(ctx, STYLE_PLAIN,
			     arena_printf(ctx->arena, "to make it arrive: %s", cure));
	if (*line)
		context_note(ctx, STYLE_PLAIN, line);
}

static void set_status(struct context *ctx, const struct json_object *result)
{
	const char *verdict = json_member_text(result, "verdict");

	ctx->differs = !strcmp(verdict, "does not arrive");
	ctx->has_failed = !strcmp(verdict, "not known");
}

/* --- --verify --- */

#define VERIFY_HINT     "--verify needs an ipvld of this version"
#define VERIFY_PAUSE_NS 100000000L

/* Asks until the echoes are back, or will not come. */
static struct err *await_run(const struct context *ctx, int64_t run,
			     struct json_object **ret_result)
{
	const struct timespec pause = {.tv_nsec = VERIFY_PAUSE_NS};
	struct json_object *result = NULL;
	struct err *e;

	for (;;) {
		struct json_object *question = json_object();

		json_put(question, "run", json_integer(run));
		e = ask_daemon(ctx, "ipvl_verify", question, VERIFY_HINT, &result);
		if (e || json_get_boolean(json_member(result, "done")))
			break;
		json_free(result);
		result = NULL;
		nanosleep(&pause, NULL);
	}
	*ret_result = result;
	return e;
}

static struct err *send_echoes(const struct context *ctx, const char *netns,
			       const struct json_object *trace, const char *to,
			       struct json_object **ret_result)
{
	CLEANUP(json_freep) struct json_object *begun = NULL;
	struct json_object *question = json_object();
	struct err *e;

	json_put(question, "netns", json_string(netns));
	json_put(question, "device", json_string(json_member_text(trace, "vrf")));
	json_put(question, "from", json_string(json_member_text(trace, "source")));
	json_put(question, "to", json_string(to));
	e = ask_daemon(ctx, "ipvl_verify", question, VERIFY_HINT, &begun);
	return e ? e
		 : await_run(ctx, json_get_integer(json_member(begun, "run")),
			     ret_result);
}

/* The line about the echoes; '*ret_agrees' is false if one of the two must be wrong. */
static const char *compare(const struct context *ctx, const char *verdict,
			   const struct json_object *echoes, bool *ret_agrees)
{
	int64_t sent = json_get_integer(json_member(echoes, "sent"));
	int64_t back = json_get_integer(json_member(echoes, "back"));
	bool arrives = !strcmp(verdict, "arrives");

	*ret_agrees = !strcmp(verdict, "not known") || arrives == (back > 0);
	if (!*ret_agrees)
		return arena_printf(ctx->arena,
				    "disagrees: the trace says it %s, and %" PRId64
				    " of %" PRId64
				    " echoes came back: a packet filter, or a host that "
				    "is down? If not, please report it",
				    arrives ? "arrives" : "does not arrive", back, sent);
	if (!strcmp(verdict, "does not arrive"))
		return arena_printf(ctx->arena,
				    "verified: the trace says it does not arrive, and "
				    "none of %" PRId64 " came back",
				    sent);
	return arena_printf(ctx->arena, "%s: %" PRId64 " of %" PRId64 " echoes came back",
			    arrives ? "verified" : "the trace does not know it", back,
			    sent);
}

static struct err *verify(struct context *ctx, const struct json_object *question,
			  struct json_object *result, const char **ret_line)
{
	const struct json_object *netns = json_member(question, "netns");
	struct json_object *echoes = NULL;
	bool agrees;
	struct err *e;

	if (!*json_member_text(result, "source")) {
		*ret_line = "not verified: there is no address to send from";
		return NULL;
	}
	e = send_echoes(ctx, netns ? json_get_string(netns) : "", result,
			json_member_text(question, "to"), &echoes);
	if (e)
		return err_wrap(e, "cannot verify the trace");
	*ret_line = compare(ctx, json_member_text(result, "verdict"), echoes, &agrees);
	json_put(echoes, "agrees", json_boolean(agrees));
	json_put(result, "echoes", echoes);
	ctx->has_failed |= !agrees;
	return NULL;
}

struct err *cmd_trace(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *question = json_object();
	CLEANUP(json_freep) struct json_object *result = NULL;
	char to[IP_TEXT_BYTES];
	const char *line = "";
	struct ip_addr target;
	int family;
	struct err *e = ask_check(ctx, "trace");

	if (!e && call->outside && !*call->outside)
		e = err_hint(err_new(ERR_INVALID, "--outside= is empty"),
			     "write --outside=WORD,WORD; `ipvl-ctl trace --help` lists "
			     "the words");
	if (!e)
		e = put_source(ctx, call->args[0], question, &family);
	if (!e)
		e = find_target(ctx, call->args[1], family, &target);
	if (e)
		return e;
	json_put(question, "to", json_string(ip_addr_format(&target, to)));
	json_put(question, "outside", words_of(ctx, call->outside));
	e = ask_daemon(ctx, "ipvl_trace", json_clone(question),
		       "trace needs an ipvld of this version", &result);
	if (e)
		return e;
	set_status(ctx, result);
	if (call->options & OPTION_VERIFY)
		e = verify(ctx, question, result, &line);
	if (e)
		return e;
	if (ctx->options.format == FORMAT_DEFAULT || ctx->options.format == FORMAT_TABLE)
		print(ctx, call, to, result, line);
	else
		writer_print_tree(ctx->out, ctx->options.format, result);
	return NULL;
}
