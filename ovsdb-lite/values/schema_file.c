/* Reads a schema from a .ovsschema file. */
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A larger file is refused. */
#define SCHEMA_FILE_MAX_BYTES ((size_t)16 << 20)

/* All of a file, owned by the caller. */
static struct err *read_file(const char *path, char **ret_text, size_t *ret_n)
{
	FILE *in = fopen(path, "re");
	size_t n, room = SCHEMA_FILE_MAX_BYTES + 1;
	char *text;
	int error;

	if (!in)
		return err_sys(errno, "cannot open the schema %s", path);
	text = xmalloc(room);
	errno = 0;
	n = fread(text, 1, room, in);
	error = ferror(in) ? errno : 0;
	fclose(in);
	if (!error && n < room) {
		*ret_text = xrealloc_array(text, n + 1, 1);
		*ret_n = n;
		return NULL;
	}
	free(text);
	if (error)
		return err_sys(error, "cannot read the schema %s", path);
	return err_new(ERR_LIMIT, "%s is larger than %zu bytes: it is no schema", path,
		       SCHEMA_FILE_MAX_BYTES);
}

struct err *schema_from_file(const char *path, struct schema **ret_schema)
{
	struct json_object *json;
	char *text = NULL;
	size_t n = 0;
	struct err *e = read_file(path, &text, &n);

	if (e)
		return e;
	e = json_parse(text, n, &json);
	free(text);
	if (e)
		return err_at(e, "%s:%s", path, e->path);
	e = schema_from_json(json, ret_schema);
	json_free(json);
	return e ? err_at(e, "%s", path) : NULL;
}
