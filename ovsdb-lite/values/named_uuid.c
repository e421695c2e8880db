/* Names for rows that do not exist yet: one table for each transaction. */
#include "ovsdb-lite/values/named_uuid.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/json/json_fields.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct name {
	char *text; /* key */
	struct uuid uuid;
	bool is_defined; /* by an insert */
	UT_hash_handle hh;
};

struct named_uuids {
	struct name *names;
};

struct named_uuids *named_uuids_new(void)
{
	return xcalloc(1, sizeof(struct named_uuids));
}

void named_uuids_free(struct named_uuids *names)
{
	struct name *n, *next;

	if (!names)
		return;
	n = names->names;
	HASH_CLEAR(hh, names->names); /* the list of names stays */
	for (; n; n = next) {
		next = n->hh.next;
		free(n->text);
		free(n);
	}
	free(names);
}

static struct err *check_id(const char *name)
{
	if (json_is_id(name))
		return NULL;
	return err_new(ERR_SYNTAX,
		       "\"%s\" cannot be a uuid-name: only letters, digits and "
		       "underscores may be in "
		       "it, and no digit first",
		       name);
}

static struct name *find(const struct named_uuids *names, const char *name)
{
	struct name *n;

	HASH_FIND_STR(names->names, name, n);
	return n;
}

static struct name *add(struct named_uuids *names, const char *name, struct uuid uuid)
{
	struct name *n = xcalloc(1, sizeof(*n));

	n->text = xstrdup(name);
	n->uuid = uuid;
	HASH_ADD_KEYPTR(hh, names->names, n->text, strlen(n->text), n);
	return n;
}

struct err *named_uuids_use(struct named_uuids *names, const char *name,
			    struct uuid *ret_uuid)
{
	struct err *e = check_id(name);
	struct name *n;

	if (e)
		return e;
	n = find(names, name);
	if (!n)
		n = add(names, name, uuid_random());
	*ret_uuid = n->uuid;
	return NULL;
}

struct err *named_uuids_define(struct named_uuids *names, const char *name,
			       const struct uuid *wanted, struct uuid *ret_uuid)
{
	struct err *e = check_id(name);
	struct name *n;

	if (e)
		return e;
	n = find(names, name);
	if (!n)
		n = add(names, name, wanted ? *wanted : uuid_random());
	else if (n->is_defined)
		return err_at(err_new(ERR_DUPLICATE_NAME,
				      "This \"uuid-name\" appeared on an earlier "
				      "\"insert\" operation."),
			      "\"%s\"", name);
	else if (wanted && !uuid_equals(wanted, &n->uuid))
		return err_new(ERR_SYNTAX,
			       "%s was used before this insert, so \"uuid\" cannot be "
			       "given here",
			       name);
	n->is_defined = true;
	*ret_uuid = n->uuid;
	return NULL;
}

const char *named_uuids_undefined(const struct named_uuids *names)
{
	for (const struct name *n = names->names; n; n = n->hh.next) {
		if (!n->is_defined)
			return n->text;
	}
	return NULL;
}
