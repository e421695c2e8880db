/* Roles: what each permission lets a client do, row by row, and that tables of another
 * shape than ovsdb-server(7)'s permit nothing. tests/clients/test_roles.py has the same on
 * the wire, beside ovsdb-server. */
#include "database.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STRINGS "{'type': {'key': 'string', 'min': 0, 'max': 'unlimited'}}"
#define MAP     "{'type': {'key': 'string', 'value': 'string', 'min': 0, 'max': 'unlimited'}}"

#define NAME "{'type': 'string'}"
#define PERMISSIONS                                                                      \
	"{'type': {'key': 'string', 'value': {'type': 'uuid', 'refTable': "              \
	"'RBAC_Permission'}, 'min': 0, 'max': 'unlimited'}}"
#define INSERT_DELETE "{'type': 'boolean'}"

/* The tables of the roles, the types of their columns given. */
#define ROLES(name, permissions, authorization, insert_delete, update)                   \
	"'RBAC_Role': {'isRoot': true, 'columns': {'name': " name                        \
	", 'permissions': " permissions "}},"                                            \
	"'RBAC_Permission': {'isRoot': true, 'columns': "                                \
	"{'authorization': " authorization ", 'insert_delete': " insert_delete           \
	", 'update': " update "}},"

/* The table that the roles are about. */
#define SUBJECT                                                                          \
	"'R': {'isRoot': true, 'columns': {'owner': {'type': 'string'}, "                \
	"'readers': " STRINGS ", 'tags': " MAP                                           \
	", 'numbers': {'type': {'key': 'integer', 'value': 'string', 'min': "            \
	"0, 'max': 'unlimited'}}, 'count': {'type': {'key': 'string', 'value': "         \
	"'integer', "                                                                    \
	"'min': 0, 'max': 'unlimited'}}, 'n': {'type': 'integer'}, 'm': {'type': "       \
	"'integer'}}}"

static struct db *open_db(const char *roles)
{
	CLEANUP(freep)
	char *text = xasprintf(
		"{'name': 'T', 'version': '1.0.0', 'tables': {%s" SUBJECT "}}", roles);

	return db_new_in_memory(make_schema(text));
}

static struct db *open_with_roles(void)
{
	return open_db(ROLES(NAME, PERMISSIONS, STRINGS, INSERT_DELETE, STRINGS));
}

/* The role `other` comes first, and permits nothing; `worker` permits what is given for R. */
static void add_worker(struct db *db, const char *authorization,
		       const char *insert_delete, const char *update)
{
	CLEANUP(freep)
	char *text = xasprintf(
		"[{'op': 'insert', 'table': 'RBAC_Permission', 'uuid-name': 'p', 'row': "
		"{'authorization': ['set', [%s]], 'insert_delete': %s, 'update': ['set', "
		"[%s]]}},"
		"{'op': 'insert', 'table': 'RBAC_Role', 'row': {'name': 'other'}},"
		"{'op': 'insert', 'table': 'RBAC_Role', 'row': {'name': 'worker', "
		"'permissions': ['map', [['A', ['named-uuid', 'p']], ['R', "
		"['named-uuid', "
		"'p']]]]}}]",
		authorization, insert_delete, update);

	must_transact(db, text);
}

/* 'prohibited' is the end of the sentence that refuses it; NULL: it is permitted. */
static void expect_as(struct db *db, const char *id, const char *role,
		      const char *operation, const char *prohibited)
{
	CLEANUP(freep) char *operations = xasprintf("[%s]", operation);
	CLEANUP(freep)
	char *reply = transact_as(db, (struct rbac_subject){.role = role, .id = id},
				  operations);

	if (!prohibited && strstr(reply, "\"error\":"))
		fail_msg("%s as %s/%s: %s", operation, id, role, reply);
	if (prohibited &&
	    (!strstr(reply, "\"permission error\"") || !strstr(reply, prohibited)))
		fail_msg("%s as %s/%s: %s\nwhere \"%s\" was expected", operation, id,
			 role, reply, prohibited);
}

#define INSERT(row) "{'op': 'insert', 'table': 'R', 'row': {" row "}}"
#define UPDATE(row) "{'op': 'update', 'table': 'R', 'where': [], 'row': {" row "}}"
#define MUTATE(mutation)                                                                 \
	"{'op': 'mutate', 'table': 'R', 'where': [], 'mutations': [" mutation "]}"
#define DELETE "{'op': 'delete', 'table': 'R', 'where': []}"
#define SELECT "{'op': 'select', 'table': 'R', 'where': []}"

#define NO_INSERT "prohibit row insertion into table \\\"R\\\"."
#define NO_DELETE "prohibit row deletion from table \\\"R\\\"."
#define NO_UPDATE "prohibit modification of table \\\"R\\\"."
#define NO_MUTATE "prohibit mutate operation on table \\\"R\\\"."

/* A row that `ann` owns, and what she may do to it. */
static void authorizes_by_columns(void **state)
{
	static const struct {
		const char *authorization, *row, *prohibited;
	} cases[] = {
		{"''", "'owner': ''", NULL},
		{"", "'owner': 'ann'", NO_UPDATE},
		{"'owner'", "'owner': 'ann'", NULL},
		{"'owner'", "'owner': 'bob'", NO_UPDATE},
		{"'owner'", "'tags': ['map', [['owner', 'ann']]]", NO_UPDATE},
		/* Any of several, wherever it stands in the set. */
		{"'owner', 'readers'", "'readers': ['set', ['ann']]", NULL},
		{"'readers'", "'readers': ['set', ['aaa', 'ann', 'bob']]", NULL},
		{"'readers'", "'readers': ['set', ['ann', 'bob']]", NULL},
		{"'readers'", "'readers': ['set', ['aaa', 'bob']]", NO_UPDATE},
		{"'readers'", "'readers': ['set', []]", NO_UPDATE},
		/* The key of a map, and what is no such map. */
		{"'tags:by'", "'tags': ['map', [['by', 'ann']]]", NULL},
		{"'tags:by'", "'tags': ['map', [['aa', 'bob'], ['by', 'ann']]]", NULL},
		{"'tags:by'", "'tags': ['map', [['by', 'bob'], ['zz', 'ann']]]",
		 NO_UPDATE},
		{"'tags:by'", "'tags': ['map', []]", NO_UPDATE},
		{"'tags:'", "'tags': ['map', [['by', 'ann']]]", NO_UPDATE},
		{"'tags'", "'tags': ['map', [['by', 'ann']]]", NO_UPDATE},
		{"'owner:by'", "'owner': 'ann'", NO_UPDATE},
		{"'numbers:1'", "'numbers': ['map', [[1, 'ann']]]", NO_UPDATE},
		{"'count:ann'", "'count': ['map', [['ann', 1]]]", NO_UPDATE},
		{"'n'", "'owner': 'ann'", NO_UPDATE},
		{"'no_such_column'", "'owner': 'ann'", NO_UPDATE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct db *db = open_with_roles();
		CLEANUP(freep)
		char *insert = xasprintf("[" INSERT("%s") "]", cases[i].row);

		add_worker(db, cases[i].authorization, "false", "'n'");
		must_transact(db, insert);
		expect_as(db, "ann", "worker", UPDATE("'n': 1"), cases[i].prohibited);
		db_close(db);
	}
}

static void permits_by_what_is_done(void **state)
{
	static const struct {
		const char *insert_delete, *update, *operation, *prohibited;
	} cases[] = {
		{"true", "", INSERT("'n': 1"), NULL},
		{"false", "'n'", INSERT("'n': 1"), NO_INSERT},
		{"true", "", DELETE, NULL},
		{"false", "'n'", DELETE, NO_DELETE},
		{"true", "", UPDATE("'n': 1"), NO_UPDATE},
		{"false", "'n'", UPDATE("'n': 1"), NULL},
		{"false", "'n'", UPDATE("'m': 1"), NO_UPDATE},
		{"false", "'n'", UPDATE("'n': 1, 'm': 1"), NO_UPDATE},
		{"false", "'m', 'n'", UPDATE("'n': 1, 'm': 1"), NULL},
		{"false", "'a', 'n', 'z'", UPDATE("'n': 1"), NULL},
		{"false", "'n'", MUTATE("['n', '+=', 1]"), NULL},
		{"false", "'m'", MUTATE("['n', '+=', 1]"), NO_MUTATE},
		{"false", "'n'", MUTATE("['n', '+=', 1], ['m', '+=', 1]"), NO_MUTATE},
		{"false", "", SELECT, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct db *db = open_with_roles();

		add_worker(db, "''", cases[i].insert_delete, cases[i].update);
		must_transact(db, "[" INSERT("'owner': 'ann'") "]");
		expect_as(db, "ann", "worker", cases[i].operation, cases[i].prohibited);
		db_close(db);
	}
}

static void permits_by_who_does_it(void **state)
{
	static const struct {
		const char *id, *role, *operation, *prohibited;
	} cases[] = {
		{"ann", "worker", UPDATE("'n': 1"), NULL},
		{NULL, "worker", UPDATE("'n': 1"),
		 "client \\\"\\\" role \\\"worker\\\" " NO_UPDATE},
		{"ann", "other", UPDATE("'n': 1"),
		 "client \\\"ann\\\" role \\\"other\\\" " NO_UPDATE},
		{"ann", "no such role", UPDATE("'n': 1"), NO_UPDATE},
		{"ann", "no such role", SELECT, NULL},
		{"ann", NULL, DELETE, NULL},
		{NULL, "", INSERT("'n': 1"), NULL},
		{"ann", "read-only", SELECT, NULL},
		{"ann", "read-only", UPDATE("'n': 1"),
		 "\\\"update\\\" writes, and this connection is read-only"},
		{NULL, "read-only", INSERT("'n': 1"), "\\\"insert\\\" writes"},
		/* Where no row is concerned, there is nothing to forbid. */
		{"ann", "other",
		 "{'op': 'delete', 'table': 'R', 'where': [['n', '==', 7]]}", NULL},
		/* Roles are written by clients without one. */
		{"ann", "worker",
		 "{'op': 'insert', 'table': 'RBAC_Role', 'row': {'name': 'x'}}",
		 "prohibit row insertion into table \\\"RBAC_Role\\\"."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct db *db = open_with_roles();

		add_worker(db, "''", "false", "'n'");
		must_transact(db, "[" INSERT("'owner': 'ann'") "]");
		expect_as(db, cases[i].id, cases[i].role, cases[i].operation,
			  cases[i].prohibited);
		db_close(db);
	}
}

/* The values that decide are those of the transaction, but the roles those of the last
 * commit: nobody can permit himself what the same transaction does. */
static void takes_the_row_as_the_transaction_has_it(void **state)
{
	struct db *db = open_with_roles();

	(void)state;
	add_worker(db, "'owner'", "true", "'n', 'owner'");
	expect_as(db, "ann", "worker", INSERT("'owner': 'ann'"), NULL);
	expect_as(db, "ann", "worker", INSERT("'owner': 'bob'"), NO_INSERT);
	expect_as(db, "ann", "worker", UPDATE("'owner': 'bob'"), NULL);
	expect_as(db, "ann", "worker", UPDATE("'n': 1"), NO_UPDATE);
	expect_as(db, "bob", "worker", UPDATE("'owner': 'ann'") ", " UPDATE("'n': 1"),
		  NO_UPDATE);
	db_close(db);
}

/* A database without these tables, or with columns of other types, permits nothing. */
static void other_shapes_permit_nothing(void **state)
{
#define STRING_MAP MAP
#define NUMBER     "{'type': 'integer'}"
#define FILL(role, permission)                                                           \
	"[{'op': 'insert', 'table': 'RBAC_Permission', 'uuid-name': 'p', 'row': "        \
	"{" permission "}}, {'op': 'insert', 'table': 'RBAC_Role', 'row': {" role "}}]"
#define ROLE     "'name': 'worker', 'permissions': ['map', [['R', ['named-uuid', 'p']]]]"
#define ANY_ROW  "'authorization': ''"
#define COLUMN_N "'update': 'n'"
	static const struct {
		const char *roles, *fill;
	} cases[] = {
		{"", "[]"},
		{"'RBAC_Role': {'isRoot': true, 'columns': {'name': " NAME "}},",
		 "[{'op': 'insert', 'table': 'RBAC_Role', 'row': {'name': 'worker'}}]"},
		{"'RBAC_Role': {'isRoot': true, 'columns': {'n': " NUMBER "}},", "[]"},
		{ROLES(NUMBER, PERMISSIONS, STRINGS, INSERT_DELETE, STRINGS),
		 FILL("'permissions': ['map', [['R', ['named-uuid', 'p']]]]",
		      ANY_ROW ", " COLUMN_N)},
		{ROLES(MAP, PERMISSIONS, STRINGS, INSERT_DELETE, STRINGS),
		 FILL("'name': ['map', [['worker', 'worker']]], 'permissions': ['map', "
		      "[['R', "
		      "['named-uuid', 'p']]]]",
		      ANY_ROW ", " COLUMN_N)},
		{ROLES(NAME, STRING_MAP, STRINGS, INSERT_DELETE, STRINGS),
		 FILL("'name': 'worker', 'permissions': ['map', [['R', 'R']]]",
		      ANY_ROW ", " COLUMN_N)},
		{ROLES(NAME,
		       "{'type': {'key': 'string', 'value': 'uuid', 'min': 0, 'max': "
		       "'unlimited'}}",
		       STRINGS, INSERT_DELETE, STRINGS),
		 FILL(ROLE, ANY_ROW ", " COLUMN_N)},
		{ROLES(NAME,
		       "{'type': {'key': {'type': 'uuid', 'refTable': "
		       "'RBAC_Permission'}, "
		       "'min': 0, 'max': 'unlimited'}}",
		       STRINGS, INSERT_DELETE, STRINGS),
		 FILL("'name': 'worker', 'permissions': ['set', [['named-uuid', 'p']]]",
		      ANY_ROW ", " COLUMN_N)},
		{ROLES(NAME, PERMISSIONS, MAP, INSERT_DELETE, STRINGS),
		 FILL(ROLE, "'authorization': ['map', [['', '']]], " COLUMN_N)},
		{ROLES(NAME, PERMISSIONS, STRINGS, INSERT_DELETE, NUMBER),
		 FILL(ROLE, ANY_ROW)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct db *db = open_db(cases[i].roles);

		must_transact(db, cases[i].fill);
		must_transact(db, "[" INSERT("'owner': 'ann'") "]");
		expect_as(db, "ann", "worker", UPDATE("'n': 1"), NO_UPDATE);
		expect_as(db, "ann", "worker", DELETE, NO_DELETE);
		db_close(db);
	}
}

/* `insert_delete` of another type permits neither, though the rest is in order. */
static void insert_delete_is_a_boolean(void **state)
{
	static const char *const types[] = {
		NUMBER, NAME, "{'type': {'key': 'boolean', 'min': 0, 'max': 1}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		CLEANUP(freep)
		char *roles = xasprintf(ROLES(NAME, PERMISSIONS, STRINGS, "%s", STRINGS),
					types[i]);
		struct db *db = open_db(roles);

		must_transact(db, FILL(ROLE, ANY_ROW ", " COLUMN_N));
		must_transact(db, "[" INSERT("'owner': 'ann'") "]");
		expect_as(db, "ann", "worker", INSERT("'owner': 'ann'"), NO_INSERT);
		expect_as(db, "ann", "worker", DELETE, NO_DELETE);
		expect_as(db, "ann", "worker", UPDATE("'n': 1"), NULL);
		db_close(db);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(authorizes_by_columns),
		cmocka_unit_test(permits_by_what_is_done),
		cmocka_unit_test(permits_by_who_does_it),
		cmocka_unit_test(takes_the_row_as_the_transaction_has_it),
		cmocka_unit_test(other_shapes_permit_nothing),
		cmocka_unit_test(insert_delete_is_a_boolean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
