/* doctor: what may be wrong with this host and its ipvld, each with what to do. The daemon
 * finds it out; without one, only what this process can see is reported. */
#include "ctl/commands/cmd.h"
#include "ctl/output/layout.h"
#include "ctl/output/writer.h"
#include "ctl/session/ask.h"
#include "ctl/text/describe.h"
#include "lib/alloc.h"
#include "lib/fd.h"
#include "lib/process.h"
#include "lib/stream_address.h"
#include "ovsdb-lite/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ipvld(8), --db. */
#define DEFAULT_FILE "/var/lib/ipvl/conf.db"
#define INDENT       5

/* --- without a daemon --- */

static void add(struct json_object *findings, const char *topic, const char *level,
		const char *text, const char *cure)
{
	struct json_object *o = json_object();

	json_put(o, "topic", json_string(topic));
	json_put(o, "level", json_string(level));
	json_put(o, "text", json_string(text));
	json_put(o, "cure", json_string(cure));
	json_add(findings, o);
}

/* Its owner has locked PATH.lock, and written its number and its remote into it. */
static void add_owner(const struct context *ctx, const char *path, int lock,
		      struct json_object *findings)
{
	CLEANUP(freep) char *text = fd_read_text(lock);
	char *remote, *rest = arena_strdup(ctx->arena, text ? text : "");
	long pid = strtol(rest, &remote, 10);
	CLEANUP(freep)
	char *name = pid > 0 ? process_command(pid, PROCESS_NAME, INT64_MAX) : NULL;
	const char *who = name ? arena_printf(ctx->arena, "%s (pid %ld)", name, pid)
			       : arena_printf(ctx->arena, "process %ld", pid);

	remote += strspn(remote, "\n");
	remote[strcspn(remote, "\n")] = '\0';
	add(findings, "database", "warning",
	    arena_printf(ctx->arena, "%s is held by %s", path, who),
	    *remote ? arena_printf(ctx->arena, "ask it: `ipvl-ctl --db=%s doctor`",
				   remote)
		    : "ask it at its socket (ipvld's option --remote)");
}

static void examine_file(const struct context *ctx, const char *path,
			 struct json_object *findings)
{
	CLEANUP(fd_closep)
	int lock = open(arena_printf(ctx->arena, "%s.lock", path), O_RDONLY | O_CLOEXEC);

	if (access(path, F_OK))
		add(findings, "database", errno == ENOENT ? "note" : "warning",
		    arena_printf(ctx->arena, "%s: %s", path, strerror(errno)),
		    errno == ENOENT ? "ipvld makes it at its first start" : "be root");
	else if (access(path, R_OK))
		add(findings, "database", "warning",
		    arena_printf(ctx->arena, "%s: %s", path, strerror(errno)), "be root");
	else if (lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		add_owner(ctx, path, lock, findings);
	else
		add(findings, "database", "ok",
		    arena_printf(ctx->arena, "no process holds %s", path), "");
}

/* Takes 'e', the reason why there is no daemon; NULL: none was asked. */
static struct json_object *examine_alone(const struct context *ctx, struct err *e)
{
	struct json_object *result = json_object(), *findings = json_array();
	bool is_file = !e;

	if (e)
		add(findings, "daemon", "error", e->message, e->hint ? e->hint : "");
	else
		add(findings, "daemon", "note",
		    "no ipvld was asked: --db names a database file",
		    "leave out --db to ask the running ipvld");
	err_free(e);
	if (is_file || !strncmp(ctx->options.db, "unix:", strlen("unix:")))
		examine_file(ctx, is_file ? ctx->options.db : DEFAULT_FILE, findings);
	json_put(result, "findings", findings);
	return result;
}

/* --- the daemon --- */

/* No rows are needed. It may be open from an attempt before. */
static struct err *connect_to_daemon(struct context *ctx)
{
	const struct options options = ctx->options;
	CLEANUP(json_freep) struct json_object *no_slaves = json_array();

	if (ctx->replica)
		return NULL;
	json_add(no_slaves, json_boolean(false));
	return context_open(ctx, &options, true, no_slaves);
}

static struct err *examine(struct context *ctx, struct json_object **ret_result)
{
	struct err *e = NULL;

	if (!stream_address_has_scheme(ctx->options.db)) {
		*ret_result = examine_alone(ctx, NULL);
		return NULL;
	}
	e = connect_to_daemon(ctx);
	if (e && (e->code == ERR_SYSTEM || e->code == ERR_TIMED_OUT)) {
		*ret_result = examine_alone(ctx, e);
		return NULL;
	}
	return e ? e
		 : ask_daemon(ctx, "ipvl_doctor", NULL,
			      "doctor needs an ipvld of this version", ret_result);
}

/* --- the report --- */

static enum style level_style(const char *level)
{
	return !strcmp(level, "ok")        ? STYLE_GOOD
	       : !strcmp(level, "warning") ? STYLE_WARNING
	       : !strcmp(level, "error")   ? STYLE_BAD
					   : STYLE_FAINT;
}

static size_t count(const struct json_object *findings, const char *level)
{
	size_t n = 0;

	for (size_t i = 0; i < json_get_length(findings); i++)
		n += !strcmp(json_member_text(json_at(findings, i), "level"), level);
	return n;
}

static size_t count_to_do(const struct json_object *findings)
{
	return count(findings, "error") + count(findings, "warning");
}

/* "1 error, 2 warnings, 1 note" */
static const char *sum_text(const struct context *ctx, const struct json_object *findings)
{
	static const char *const levels[] = {"error", "warning", "note"};
	const char *text = "";

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		size_t n = count(findings, levels[i]);

		if (n)
			text = describe_join(ctx->arena, text,
					     describe_count(ctx->arena, n, levels[i]));
	}
	if (!*text)
		return "nothing to do";
	return count_to_do(findings)
		       ? text
		       : arena_printf(ctx->arena, "no errors or warnings, %s", text);
}

static void print(const struct context *ctx, const struct json_object *findings)
{
	struct layout *l = context_layout(ctx, 0, 2);

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_KEEP);
	layout_fit(l, 2, LAYOUT_WRAP);
	for (size_t i = 0; i < json_get_length(findings); i++) {
		const struct json_object *f = json_at(findings, i);
		const char *cure = json_member_text(f, "cure");

		layout_row(l);
		layout_cell(l, STYLE_STRONG, json_member_text(f, "topic"));
		layout_cell(l, level_style(json_member_text(f, "level")),
			    json_member_text(f, "level"));
		layout_cell(l, STYLE_PLAIN, json_member_text(f, "text"));
		if (*cure)
			layout_note(l, INDENT, STYLE_PLAIN,
				    arena_printf(ctx->arena, "-> %s", cure));
	}
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
	context_note(ctx, count_to_do(findings) ? STYLE_WARNING : STYLE_GOOD,
		     sum_text(ctx, findings));
}

void cmd_doctor_print(const struct context *ctx, const struct json_object *result)
{
	if (ctx->options.format == FORMAT_DEFAULT || ctx->options.format == FORMAT_TABLE)
		print(ctx, json_member(result, "findings"));
	else
		writer_print_tree(ctx->out, ctx->options.format, result);
}

struct err *cmd_doctor(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct err *e = examine(ctx, &result);

	(void)call;
	if (e)
		return e;
	cmd_doctor_print(ctx, result);
	ctx->differs = count_to_do(json_member(result, "findings"));
	return NULL;
}
