/* Checks what the role of a client permits. The rows of the roles are read, never
 * written. */
#include "ovsdb-lite/exec/rbac.h"

#include "lib/alloc.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdlib.h>
#include <string.h>

static bool has_role(const struct rbac_subject *subject)
{
	return subject && subject->role && *subject->role;
}

static const char *id_of(const struct rbac_subject *subject)
{
	return subject->id ? subject->id : "";
}

struct err *rbac_check_right(const struct rbac_subject *subject, enum rbac_right right,
			     const char *what)
{
	if (!has_role(subject) || right == RBAC_READ)
		return NULL;
	if (!strcmp(subject->role, RBAC_READ_ONLY))
		return err_new(ERR_PERMISSION,
			       "\"%s\" writes, and this connection is read-only", what);
	if (right == RBAC_WRITE)
		return NULL;
	return err_new(ERR_PERMISSION,
		       "RBAC rules for client \"%s\" role \"%s\" prohibit \"%s\": only "
		       "clients without a role may do that",
		       id_of(subject), subject->role, what);
}

/* The column of that name if it holds strings, one or several; else NULL. */
static const struct column_schema *find_strings(const struct table *t, const char *name)
{
	const struct column_schema *c = table_schema_find(table_schema(t), name);

	return c && !c->type.is_map && c->type.key.type == ATOM_STRING ? c : NULL;
}

/* The same if it is a map of strings to 'value_type'. */
static const struct column_schema *find_map(const struct table *t, const char *name,
					    enum atom_type value_type)
{
	const struct column_schema *c = table_schema_find(table_schema(t), name);

	return c && c->type.is_map && c->type.key.type == ATOM_STRING &&
			       c->type.value.type == value_type
		       ? c
		       : NULL;
}

static bool has_string(const struct datum *set, const char *string)
{
	CLEANUP(freep) char *copy = xstrdup(string);
	union atom atom = {.string = copy};

	return datum_find(set, &atom, ATOM_STRING) >= 0;
}

/* The value of 'key' in a map; NULL if it has none. */
static const union atom *look_up(const struct datum *map, const char *key)
{
	CLEANUP(freep) char *copy = xstrdup(key);
	union atom atom = {.string = copy};
	int64_t at = datum_find(map, &atom, ATOM_STRING);

	return at < 0 ? NULL : &datum_values(map)[at];
}

static struct row *find_role(const struct db *db, const char *role)
{
	const struct table *roles = db_table(db, "RBAC_Role");
	const struct column_schema *name = roles ? find_strings(roles, "name") : NULL;

	if (!name)
		return NULL;
	TABLE_FOR_EACH (r, roles) {
		const char *text = datum_string(row_get(r, name));

		if (text && !strcmp(text, role))
			return r;
	}
	return NULL;
}

/* The role's permission for 'table' as of the last commit: a row of the table that the map
 * refers to. NULL if it has none. */
static struct row *find_permission(const struct db *db, const char *role,
				   const char *table)
{
	struct row *r = find_role(db, role);
	const struct column_schema *c =
		r ? find_map(row_table(r), "permissions", ATOM_UUID) : NULL;
	const union atom *value;

	if (!c || !c->type.value.ref_table)
		return NULL;
	value = look_up(row_get(r, c), table);
	return value ? table_find(db_table(db, c->type.value.ref_table->name),
				  &value->uuid)
		     : NULL;
}

/* The strings in a column of a permission; none where there is no such column. */
static size_t read_strings(const struct row *permission, const char *column,
			   const union atom **ret_keys)
{
	const struct column_schema *c = find_strings(row_table(permission), column);
	const struct datum *d = c ? row_get(permission, c) : NULL;

	*ret_keys = d ? datum_keys(d) : NULL;
	return d ? d->n : 0;
}

/* 'where' is COLUMN, or COLUMN:KEY of a map. */
static bool holds_id(const struct txn *t, const struct row *r, const char *where,
		     const char *id)
{
	CLEANUP(freep) char *name = xstrdup(where);
	char *key = strchr(name, ':');
	const struct column_schema *c;
	const union atom *value;

	if (!key) {
		c = find_strings(row_table(r), name);
		return c && has_string(txn_get(t, r, c), id);
	}
	*key++ = '\0';
	c = find_map(row_table(r), name, ATOM_STRING);
	value = c ? look_up(txn_get(t, r, c), key) : NULL;
	return value && !strcmp(value->string, id);
}

static bool is_authorized(const struct rbac_subject *subject,
			  const struct row *permission, const struct txn *t,
			  const struct row *r)
{
	const union atom *wheres;
	size_t n = read_strings(permission, "authorization", &wheres);

	for (size_t i = 0; i < n; i++) {
		const char *where = wheres[i].string;

		if (!*where || holds_id(t, r, where, subject->id))
			return true;
	}
	return false;
}

static bool may_insert_and_delete(const struct row *permission)
{
	const struct column_schema *c =
		table_schema_find(table_schema(row_table(permission)), "insert_delete");

	return c && c->type.key.type == ATOM_BOOLEAN &&
	       datum_boolean(row_get(permission, c), false);
}

static bool may_write(const struct row *permission, const struct table_schema *ts,
		      const bool *columns)
{
	const union atom *names;
	size_t n = read_strings(permission, "update", &names);

	for (size_t i = 0; i < ts->n_columns; i++) {
		union atom name = {.string = ts->columns[i].name};
		bool is_named = false;

		for (size_t j = 0; j < n && !is_named; j++)
			is_named = !strcmp(names[j].string, name.string);
		if (columns[i] && !is_named)
			return false;
	}
	return true;
}

struct err *rbac_check_row(const struct rbac_subject *subject, enum rbac_action action,
			   const struct txn *t, const struct row *r, const bool *columns)
{
	/* The words of ovsdb-server. */
	static const char *const prohibitions[] = {
		[RBAC_INSERT] = "row insertion into",
		[RBAC_DELETE] = "row deletion from",
		[RBAC_UPDATE] = "modification of",
		[RBAC_MUTATE] = "mutate operation on",
	};
	const struct table_schema *ts = table_schema(row_table(r));
	const struct row *permission;

	if (!has_role(subject))
		return NULL;
	permission = find_permission(txn_db(t), subject->role, ts->name);
	if (permission && subject->id && is_authorized(subject, permission, t, r) &&
	    (columns ? may_write(permission, ts, columns)
		     : may_insert_and_delete(permission)))
		return NULL;
	return err_new(ERR_PERMISSION,
		       "RBAC rules for client \"%s\" role \"%s\" prohibit %s table "
		       "\"%s\".",
		       id_of(subject), subject->role, prohibitions[action], ts->name);
}
