/* Derives the slaves that a line can concern from its words alone (enum
 * command_slaves). A name without namespace may match several slaves: all of them are
 * included. In doubt, all slaves are. */
#include "ctl/session/scope.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/text.h"
#include "ctl/session/naming.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/uuid.h"

#include <string.h>

#define MAX_NAME_BYTES 15 /* schemas/ipvl.ovsschema, column `name` of Slave */

static struct json_object *clause(const char *column, struct json_object *value)
{
	struct json_object *c = json_pair(json_string(column), json_string("=="));

	json_add(c, value);
	return c;
}

/* Whether a row can have this name: the server refuses the condition otherwise, and a slave that is
 * named so is not found without it. */
static bool can_be_name(const char *name)
{
	return *name && strlen(name) <= MAX_NAME_BYTES &&
	       text_is_utf8(name, strlen(name));
}

/* Adds a condition on the name, and on the UUID if it can be one. */
static void add_record(struct json_object *where, const char *record)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *netns, *name;
	struct uuid uuid;

	naming_split(record, a, &netns, &name);
	if (can_be_name(name))
		json_add(where, clause("name", json_string(name)));
	if (uuid_parse(record, &uuid))
		json_add(where, clause("_uuid", json_pair(json_string("uuid"),
							  json_string(record))));
}

/* A slave that gets another name would leave the scope. */
static bool renames(const struct call *call)
{
	for (size_t i = 1; i < call->n_args; i++)
		if (!strncmp(call->args[i], "name", strlen("name")))
			return true;
	return false;
}

/* For TABLE RECORD …: false if any slave may be meant. */
static bool add_of_table(struct json_object *where, const struct call *call)
{
	if (!strcmp(call->args[0], "Host"))
		return true;
	if (strcmp(call->args[0], "Slave") || !strcmp(call->args[1], "."))
		return false;
	add_record(where, call->args[1]);
	return true;
}

/* False if any slave may be meant. */
static bool add_call(struct json_object *where, const struct call *call)
{
	if (call->command->slaves == COMMAND_SLAVES_NONE)
		return true;
	if (renames(call))
		return false;
	switch (call->command->slaves) {
	case COMMAND_SLAVES_ALL:
		return false;
	case COMMAND_SLAVES_NONE:
		break;
	case COMMAND_SLAVES_FIRST:
		add_record(where, call->args[0]);
		break;
	case COMMAND_SLAVES_SECOND:
		add_record(where, call->args[1]);
		break;
	case COMMAND_SLAVES_EACH:
		for (size_t i = 0; i < call->n_args; i++)
			add_record(where, call->args[i]);
		break;
	case COMMAND_SLAVES_RECORD:
		return add_of_table(where, call);
	}
	return true;
}

struct json_object *scope_of_line(const struct line *l)
{
	struct json_object *where = json_array();

	for (size_t i = 0; i < l->n_calls; i++) {
		if (!add_call(where, &l->calls[i])) {
			json_free(where);
			return NULL;
		}
	}
	/* An empty list of clauses would match all rows. */
	json_add(where, json_boolean(false));
	return where;
}
