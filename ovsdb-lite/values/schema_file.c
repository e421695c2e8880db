/* Reads a schema from a .ovsschema file. */
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/schema.h"

#include <errno.h>
#include <fcntl.h>

/* A larger file is refused. */
#define SCHEMA_FILE_MAX_BYTES ((size_t)16 << 20)

static struct err *read_file(const char *path, struct buffer *text)
{
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return err_sys(errno, "cannot open the schema %s", path);
	error = fd_read(fd, SCHEMA_FILE_MAX_BYTES + 1, text);
	if (error)
		return err_sys(error, "cannot read the schema %s", path);
	if (text->n > SCHEMA_FILE_MAX_BYTES)
		return err_new(ERR_LIMIT, "%s is larger than %zu bytes: it is no schema",
			       path, SCHEMA_FILE_MAX_BYTES);
	return NULL;
}

struct err *schema_from_file(const char *path, struct schema **ret_schema)
{
	CLEANUP(buffer_clearp) struct buffer text = {0};
	struct json_object *json;
	struct err *e = read_file(path, &text);

	if (e)
		return e;
	e = json_parse(text.data, text.n, &json);
	if (e)
		return err_at(e, "%s:%s", path, e->path);
	e = schema_from_json(json, ret_schema);
	json_free(json);
	return e ? err_at(e, "%s", path) : NULL;
}
