/* next_cfg of a server's database, incremented. */
#include "config/rows.h"

#include "ovsdb-lite/json/json.h"

/* A mutation, since two clients may do it at once. */
struct json_object *rows_bump_operations(const struct row *host)
{
	struct json_object *operations = json_array(), *mutations = json_array();
	struct json_object *mutation =
		json_pair(json_string("next_cfg"), json_string("+="));
	struct json_object *mutate = txn_operation_on("mutate", "Host", row_uuid(host));
	struct json_object *select = txn_operation_on("select", "Host", row_uuid(host));
	struct json_object *columns = json_array();

	json_add(mutation, json_integer(1));
	json_add(mutations, mutation);
	json_put(mutate, "mutations", mutations);
	json_add(columns, json_string("next_cfg"));
	json_put(select, "columns", columns);
	json_add(operations, mutate);
	json_add(operations, select);
	return operations;
}

int64_t rows_bumped(const struct json_object *results)
{
	const struct json_object *rows = json_member(json_at(results, 1), "rows");

	return json_get_integer(json_member(json_at(rows, 0), "next_cfg"));
}
