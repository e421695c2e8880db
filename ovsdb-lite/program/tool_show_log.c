/* `ovsdb-lite show-log`: the transactions of a file: time, origin, comment, changes. */
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/program/tool.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void print_time(int64_t time_ms, FILE *out)
{
	time_t seconds = (time_t)(time_ms / 1000);
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, "%s.%03d", text, (int)(time_ms % 1000));
}

static void print_origin(const struct history_entry *e, FILE *out)
{
	if (e->command)
		fprintf(out, "  %s", e->command);
	if (e->subject)
		fprintf(out, "  %s", e->subject);
	if (e->uid >= 0 && e->pid >= 0)
		fprintf(out, "  (uid %" PRId64 ", pid %" PRId64 ")", e->uid, e->pid);
}

static void print_value(const struct json_object *value, FILE *out)
{
	CLEANUP(freep) char *text = json_text(value);

	fputs(text, out);
}

/* {COLUMN: VALUE}, or of a modified row {COLUMN: [OLD, NEW]}. */
static void print_columns(const struct json_object *row, bool is_modified, FILE *out)
{
	for (struct json_iter i = json_iter_begin(row); json_iter_next(&i);) {
		fprintf(out, "        %s = ", i.name);
		print_value(is_modified ? json_at(i.value, 0) : i.value, out);
		if (is_modified) {
			fputs(" -> ", out);
			print_value(json_at(i.value, 1), out);
		}
		fputc('\n', out);
	}
}

static void print_changes(const struct json_object *changes, FILE *out)
{
	for (struct json_iter t = json_iter_begin(changes); json_iter_next(&t);) {
		for (struct json_iter r = json_iter_begin(t.value); json_iter_next(&r);) {
			for (struct json_iter c = json_iter_begin(r.value);
			     json_iter_next(&c);) {
				fprintf(out, "    %s %s %s\n", c.name, t.name, r.name);
				print_columns(c.value, !strcmp(c.name, "modify"), out);
			}
		}
	}
}

static void print_entry(const struct history_entry *e, FILE *out)
{
	fprintf(out, "%" PRId64 "  ", e->serial);
	print_time(e->time_ms, out);
	print_origin(e, out);
	if (e->comment)
		fprintf(out, "  \"%s\"", e->comment);
	fputc('\n', out);
	if (e->changes)
		print_changes(e->changes, out);
	else if (e->n_rows)
		fprintf(out, "    %zu row%s; what changed in them was not kept\n",
			e->n_rows, e->n_rows == 1 ? "" : "s");
}

/* The last 'max', the newest at the end. The file is closed before the first line is
 * written: while it is read, its owner cannot shorten the write-ahead log. */
static struct err *show(const char *path, size_t max)
{
	struct history_entry *entries;
	size_t n;
	struct db *db;
	struct err *e = db_open_read_only(path, &db);

	if (e)
		return e;
	e = history_read(db, 0, max, true, &entries, &n);
	db_close(db);
	if (e)
		return e;
	for (size_t i = n; i > 0; i--)
		print_entry(&entries[i - 1], stdout);
	history_entries_free(entries, n);
	return tool_flush_output();
}

enum { OPTION_MAX = 256 };

static struct err *run_show_log(int argc, char **argv)
{
	static const struct option options[] = {
		TOOL_COMMON_OPTIONS,
		{"max", required_argument, NULL, OPTION_MAX},
		{0},
	};
	uint64_t max = 20;
	int c;

	while ((c = tool_getopt(argc, argv, options)) != -1) {
		if (c != OPTION_MAX)
			return tool_bad_option(c, argv, options);
		if (!text_to_uint(optarg, 1, INT32_MAX, &max))
			return tool_usage("--max is a number, at least 1");
	}
	if (argc - optind != 1)
		return tool_usage("`show-log` takes one database file");
	return show(argv[optind], max);
}

const struct command tool_show_log = {
	.name = "show-log",
	.arguments = "[--max=N] DB",
	.summary = "show a file's last transactions",
	.options =
		"  --max=N               how many (default: 20), the newest at the end\n",
	.run = run_show_log,
};
