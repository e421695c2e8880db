/* The ground that the fuzz targets stand on (fuzz.h). Whether a database is whole is
 * asked in check.c; nothing is fuzzed here. */
#include "fuzz.h"

#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/values/uuid.h"
#include "ovsdb-lite/wire/error_object.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void fuzz_broken(const char *file, int line, const char *law)
{
	fprintf(stderr, "%s:%d: broken law: %s\n", file, line, law);
	abort();
}

bool fuzz_ok(struct err *e)
{
	struct json_object *json;
	char *text;

	if (!e)
		return true;
	text = err_text(e);
	LAW(*text);
	free(text);
	json = error_object_new(e);
	text = json_text(json);
	LAW(*text == '{');
	free(text);
	json_free(json);
	err_free(e);
	return false;
}

void fuzz_must(struct err *e)
{
	if (!e)
		return;
	fprintf(stderr, "%s\n", err_text(e));
	abort();
}

struct json_object *fuzz_next(struct fuzz_input *in)
{
	struct json_stream *s = json_stream_new((size_t)1 << 20);
	struct json_object *value = NULL;
	size_t used;

	/* A number at the very end needs something behind it. */
	if (fuzz_ok(json_stream_feed(s, in->data, in->n, &used, &value))) {
		in->data += used;
		in->n -= used;
		if (!value && !fuzz_ok(json_stream_feed(s, "\n", 1, &used, &value)))
			value = NULL;
	}
	json_stream_free(s);
	return value;
}

struct json_object *fuzz_json(const char *text)
{
	CLEANUP(freep) char *quoted = xstrdup(text);
	struct json_object *json;

	for (char *p = quoted; *p; p++) {
		if (*p == '\'')
			*p = '"';
	}
	fuzz_must(json_parse(quoted, strlen(quoted), &json));
	return json;
}

bool fuzz_same_text(const struct json_object *a, const struct json_object *b)
{
	CLEANUP(freep) char *a_text = json_text(a), *b_text = json_text(b);

	return !strcmp(a_text, b_text);
}

/* Those below are for inputs to give, and for referring_rows. */
enum { FIRST_UUID = 0x10 };

/* In place of uuid.c's (the linker's --wrap): one input is one run, to the last bit. */
uint32_t fuzz_n_uuids;
struct uuid __wrap_uuid_random(void);

struct uuid __wrap_uuid_random(void)
{
	struct uuid u = {{0}};
	uint32_t i = ++fuzz_n_uuids;

	for (int k = 3; k >= 0; k--, i >>= 8)
		u.bytes[k] = u.bytes[12 + k] = (uint8_t)i;
	u.bytes[6] = 0x40;
	u.bytes[8] = 0x80;
	return u;
}

/* Columns of every type. */
#define EVERY_TYPE                                                                       \
	"'i': {'type': 'integer'},"                                                      \
	"'i_few': {'type': {'key': {'type': 'integer', 'minInteger': -10, "              \
	"'maxInteger': 99}, 'min': 0, 'max': 3}},"                                       \
	"'i_opt': {'type': {'key': 'integer', 'min': 0}},"                               \
	"'r': {'type': 'real'},"                                                         \
	"'r_some': {'type': {'key': {'type': 'real', 'minReal': -1.5}, 'max': "          \
	"'unlimited'}},"                                                                 \
	"'b': {'type': 'boolean'},"                                                      \
	"'b_opt': {'type': {'key': 'boolean', 'min': 0, 'max': 2}},"                     \
	"'s': {'type': {'key': {'type': 'string', 'maxLength': 5}}},"                    \
	"'s_any': {'type': {'key': 'string', 'min': 0, 'max': 'unlimited'}},"            \
	"'s_enum': {'type': {'key': {'type': 'string', 'enum': ['set', ['', 'a', "       \
	"'b']]}, 'min': 0, 'max': 2}},"                                                  \
	"'u': {'type': 'uuid'},"                                                         \
	"'u_any': {'type': {'key': 'uuid', 'min': 0, 'max': 'unlimited'}},"              \
	"'m_is': {'type': {'key': 'integer', 'value': 'string', 'min': 0, 'max': 2}},"   \
	"'m_ss': {'type': {'key': 'string', 'value': {'type': 'string', 'minLength': "   \
	"1}, 'min': 0, 'max': 'unlimited'}},"                                            \
	"'m_rb': {'type': {'key': 'real', 'value': 'boolean'}},"                         \
	"'m_ur': {'type': {'key': 'uuid', 'value': 'real', 'min': 0, 'max': "            \
	"'unlimited'}},"                                                                 \
	"'fixed': {'type': 'string', 'mutable': false},"                                 \
	"'e': {'type': 'integer', 'ephemeral': true}"

const char fuzz_every_type[] =
	"{'name': 'D', 'version': '1.0.0', 'tables': {'R': {'columns': {" EVERY_TYPE
	"}}}}";

void fuzz_restart_uuids(void)
{
	fuzz_n_uuids = FIRST_UUID - 1;
}

struct schema *fuzz_schema(const char *text)
{
	struct json_object *json = fuzz_json(text);
	struct schema *schema;

	fuzz_must(schema_from_json(json, &schema));
	json_free(json);
	return schema;
}

struct db *fuzz_db_every_type(void)
{
	fuzz_restart_uuids();
	return db_new_in_memory(fuzz_schema(fuzz_every_type));
}

struct json_object *fuzz_transact(struct db *db, struct json_object *operations)
{
	struct json_object *params = json_array();
	struct exec_request request = {
		.db = db, .params = params, .origin = {.uid = -1, .pid = -1}};
	struct exec_result result;

	json_add(params, json_string(db_name(db)));
	for (size_t i = 0; i < json_get_length(operations); i++)
		json_add(params, json_clone(json_at(operations, i)));
	exec_transact(&request, &result);
	json_free(params);
	json_free(operations);
	return result.reply;
}

bool fuzz_succeeded(const struct json_object *reply)
{
	for (size_t i = 0; i < json_get_length(reply); i++) {
		const struct json_object *result = json_at(reply, i);

		if (json_kind(result) == JSON_OBJECT && json_member(result, "error"))
			return false;
	}
	return true;
}

const struct row *fuzz_insert(struct db *db, const struct json_object *columns)
{
	struct json_object *insert =
		fuzz_json("[{'op': 'insert', 'table': 'R',"
			  " 'uuid': '00000001-0000-4000-8000-000000000000'}]");
	struct json_object *reply;

	json_put(json_at(insert, 0), "row", json_clone(columns));
	reply = fuzz_transact(db, insert);
	json_free(reply);
	return table_first(db_table(db, "R"));
}

const char fuzz_referring[] =
	"{'name': 'D', 'version': '1.0.0', 'tables': {"
	"'R': {'isRoot': true, 'columns': {" EVERY_TYPE "}},"
	"'Root': {'isRoot': true, 'indexes': [['name'], ['x', 'y']], 'columns': {"
	" 'name': {'type': 'string'},"
	" 'x': {'type': 'integer'},"
	" 'y': {'type': {'key': 'integer', 'min': 0}},"
	" 'leaves': {'type': {'key': {'type': 'uuid', 'refTable': 'Leaf'}, 'min': 0,"
	"  'max': 'unlimited'}},"
	" 'friend': {'type': {'key': {'type': 'uuid', 'refTable': 'Root', 'refType': "
	"'weak'},"
	"  'min': 0}},"
	" 'named': {'type': {'key': 'string', 'value': {'type': 'uuid', 'refTable': "
	"'Leaf'},"
	"  'min': 0, 'max': 3}},"
	" 'status': {'type': 'string', 'ephemeral': true}}},"
	"'Leaf': {'indexes': [['n']], 'columns': {"
	" 'n': {'type': {'key': {'type': 'integer', 'minInteger': 0, 'maxInteger': 9}}},"
	" 'next': {'type': {'key': {'type': 'uuid', 'refTable': 'Leaf'}, 'min': 0}},"
	" 'watch': {'type': {'key': {'type': 'uuid', 'refTable': 'Root', 'refType': "
	"'weak'},"
	"  'value': {'type': 'uuid', 'refTable': 'Leaf', 'refType': 'weak'}, 'min': 0,"
	"  'max': 'unlimited'}}}},"
	"'Needy': {'isRoot': true, 'maxRows': 2, 'columns': {"
	" 'needs': {'type': {'key': {'type': 'uuid', 'refTable': 'Root', 'refType': "
	"'weak'},"
	"  'max': 2}},"
	" 'fixed': {'type': 'integer', 'mutable': false}}}}}";

static const char referring_rows[] =
	"[{'op': 'insert', 'table': 'Root', 'row': {'name': 'a', 'x': 1, 'leaves': "
	"['set', ["
	"  ['uuid', '00000002-0000-4000-8000-000000000000'],"
	"  ['uuid', '00000003-0000-4000-8000-000000000000']]]},"
	"  'uuid': '00000001-0000-4000-8000-000000000000'},"
	" {'op': 'insert', 'table': 'Leaf', 'row': {'n': 2},"
	"  'uuid': '00000002-0000-4000-8000-000000000000'},"
	" {'op': 'insert', 'table': 'Leaf', 'row': {'n': 3, 'next':"
	"  ['uuid', '00000004-0000-4000-8000-000000000000']},"
	"  'uuid': '00000003-0000-4000-8000-000000000000'},"
	" {'op': 'insert', 'table': 'Leaf', 'row': {'n': 4},"
	"  'uuid': '00000004-0000-4000-8000-000000000000'}]";

void fuzz_insert_referring(struct db *db)
{
	struct json_object *reply = fuzz_transact(db, fuzz_json(referring_rows));

	LAW(fuzz_succeeded(reply));
	json_free(reply);
}

struct db *fuzz_db_referring(void)
{
	struct db *db;

	fuzz_restart_uuids();
	db = db_new_in_memory(fuzz_schema(fuzz_referring));
	fuzz_insert_referring(db);
	return db;
}

static char *folder;

void fuzz_empty_folder(void)
{
	DIR *d = opendir(folder);

	LAW(d);
	for (struct dirent *entry; (entry = readdir(d));)
		unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
}

static void remove_folder(void)
{
	fuzz_empty_folder();
	rmdir(folder);
	free(STEAL(folder));
}

const char *fuzz_folder(void)
{
	const char *parent = getenv("TMPDIR");

	if (folder)
		return folder;
	if (!parent) /* rather where a sync costs nothing */
		parent = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
	folder = xasprintf("%s/ipvl-fuzz-XXXXXX", parent);
	LAW(mkdtemp(folder));
	atexit(remove_folder);
	return folder;
}
