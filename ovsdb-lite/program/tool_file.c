/* The commands of `ovsdb-lite` that work on a file without a server. */
#include "lib/alloc.h"
#include "ovsdb-lite/program/tool.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/program/dump.h"
#include "ovsdb-lite/values/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct err *run_create(int argc, char **argv)
{
	struct schema *schema = NULL;
	struct db *db = NULL;
	char **args;
	struct err *e = tool_arguments(
		argc, argv, 2, "`create` takes a database file and a schema file", &args);

	if (e)
		return e;
	if (!access(args[0], F_OK))
		return err_hint(err_new(ERR_EXISTS, "%s already exists", args[0]),
				"move it away, or choose another name");
	e = schema_from_file(args[1], &schema);
	if (!e)
		e = db_open(args[0], schema, &db);
	if (!e)
		e = db_sync(db);
	db_close(db);
	schema_free(schema);
	return e;
}

const struct command tool_create = {
	.name = "create",
	.arguments = "DB SCHEMA",
	.summary = "create a database file",
	.run = run_create,
};

/* While a file is read, its owner cannot shorten the write-ahead log: the file is closed
 * before the first line is written, perhaps to a pager. */
static struct err *dump(const char *path, bool is_json)
{
	CLEANUP(freep) char *text = NULL;
	size_t n_bytes;
	FILE *out;
	struct db *db;
	struct err *e = db_open_read_only(path, &db);

	if (e)
		return e;
	out = open_memstream(&text, &n_bytes);
	if (!out)
		abort(); /* lib/alloc.h: memory */
	if (is_json)
		dump_json(db, out);
	else
		dump_text(db, out);
	db_close(db);
	fclose(out);
	fwrite(text, 1, n_bytes, stdout);
	return tool_flush_output();
}

enum { OPTION_FORMAT = 256 };

static struct err *run_dump(int argc, char **argv)
{
	static const struct option options[] = {
		TOOL_COMMON_OPTIONS,
		{"format", required_argument, NULL, OPTION_FORMAT},
		{0},
	};
	const char *format = "table";
	int c;

	while ((c = tool_getopt(argc, argv, options)) != -1) {
		if (c != OPTION_FORMAT)
			return tool_bad_option(c, argv, options);
		format = optarg;
	}
	if (argc - optind != 1)
		return tool_usage("`dump` takes one database file");
	if (strcmp(format, "table") && strcmp(format, "json"))
		return tool_usage("--format is table or json");
	return dump(argv[optind], !strcmp(format, "json"));
}

const struct command tool_dump = {
	.name = "dump",
	.arguments = "[--format=FORMAT] DB",
	.summary = "print the rows of a file",
	.options = "  --format=FORMAT       table (default) or json\n",
	.run = run_dump,
};

static struct err *run_backup(int argc, char **argv)
{
	struct db *db;
	char **args;
	struct err *e = tool_arguments(
		argc, argv, 2, "`backup` takes a database file and a new file's name",
		&args);

	if (!e)
		e = db_open_read_only(args[0], &db);
	if (e)
		return e;
	e = db_backup(db, args[1]);
	db_close(db);
	return e;
}

const struct command tool_backup = {
	.name = "backup",
	.arguments = "DB FILE",
	.summary = "copy a database, in use or not",
	.run = run_backup,
};

static struct err *run_compact(int argc, char **argv)
{
	struct db *db;
	char **args;
	struct err *e =
		tool_arguments(argc, argv, 1, "`compact` takes one database file", &args);

	if (!e)
		e = db_open(args[0], NULL, &db);
	if (e)
		return e;
	e = db_compact(db);
	db_close(db);
	return e;
}

const struct command tool_compact = {
	.name = "compact",
	.arguments = "DB",
	.summary = "shrink a file to its data",
	.run = run_compact,
};

static struct err *run_convert(int argc, char **argv)
{
	struct schema *schema;
	struct db *db = NULL;
	char **args;
	struct err *e = tool_arguments(
		argc, argv, 2, "`convert` takes a database file and a schema file",
		&args);

	if (!e)
		e = schema_from_file(args[1], &schema);
	if (e)
		return e;
	e = db_open(args[0], NULL, &db);
	if (!e)
		e = db_convert(db, schema);
	if (!e)
		e = db_sync(db);
	db_close(db);
	schema_free(schema);
	return e;
}

const struct command tool_convert = {
	.name = "convert",
	.arguments = "DB SCHEMA",
	.summary = "convert a file to another schema",
	.run = run_convert,
};
