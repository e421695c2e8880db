/* Which columns of which tables the page shows: never a client's own (`external_ids`), nor
 * settings. */
#include "reconciler/web/web_rows.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

const char *web_table_name(enum web_table t)
{
	static const char *const names[] = {"Host", "Master", "Slave", "Drift"};

	return names[t];
}

const struct table *web_table_of(const struct ipvl_columns *c, enum web_table t)
{
	const struct table *const tables[] = {c->host.table, c->master.table,
					      c->slave.table, c->drift.table};

	return tables[t];
}

enum web_table web_table_find(const struct ipvl_columns *c, const struct table *table)
{
	enum web_table t = WEB_HOST;

	while (t < WEB_N_TABLES && web_table_of(c, t) != table)
		t++;
	return t;
}

/* A column, and how it is written: a set of strings or UUIDs as an array; else its value, ""
 * or 0 if it is empty. */
enum form { TEXT, NUMBER, TEXTS, UUIDS };
struct field {
	const struct column_schema *column;
	const char *name;
	enum form form;
};

static struct json_object *value_json(const struct datum *d, enum form form)
{
	struct json_object *list;
	char text[UUID_TEXT_BYTES];

	if (form == TEXT)
		return json_string(datum_text(d));
	if (form == NUMBER)
		return json_integer(datum_integer(d, 0));
	list = json_array();
	for (uint32_t i = 0; i < d->n; i++)
		json_add(list,
			 json_string(form == TEXTS ? datum_keys(d)[i].string
						   : uuid_format(&datum_keys(d)[i].uuid,
								 text)));
	return list;
}

static struct json_object *fields_json(const struct row *r, const struct field *fields,
				       size_t n)
{
	struct json_object *json = json_object();

	for (size_t i = 0; i < n; i++)
		json_put(json, fields[i].name,
			 value_json(row_get(r, fields[i].column), fields[i].form));
	return json;
}

static struct json_object *host_json(const struct ipvl_columns *c, const struct row *r)
{
	const struct field fields[] = {
		{c->host.name, "host", TEXT},
		{c->host.version, "version", TEXT},
		{c->host.kernel, "kernel", TEXT},
		{c->host.config_errors, "config_errors", TEXTS},
	};

	return fields_json(r, fields, ARRAY_SIZE(fields));
}

static struct json_object *master_json(const struct ipvl_columns *c, const struct row *r)
{
	const struct field fields[] = {
		{c->master.netns, "netns", TEXT},
		{c->master.name, "name", TEXT},
		{c->master.mode, "mode", TEXT},
		{c->master.flag, "flag", TEXT},
		{c->master.vlan_link, "vlan_link", TEXT},
		{c->master.vlan_id, "vlan_id", NUMBER},
		{c->master.kind, "kind", TEXT},
		{c->master.datapath, "datapath", TEXT},
		{c->master.slaves, "slaves", UUIDS},
		{c->master.state, "state", TEXT},
		{c->master.message, "message", TEXT},
		{c->master.warnings, "warnings", TEXTS},
		{c->master.device, "device", TEXT},
		{c->master.mac, "mac", TEXT},
		{c->master.link_state, "link_state", TEXT},
		{c->master.link_mtu, "link_mtu", NUMBER},
	};

	return fields_json(r, fields, ARRAY_SIZE(fields));
}

static struct json_object *slave_json(const struct ipvl_columns *c, const struct row *r)
{
	const struct field fields[] = {
		{c->slave.netns, "netns", TEXT},
		{c->slave.name, "name", TEXT},
		{c->slave.addressing, "addressing", TEXT},
		{c->slave.addresses, "addresses", TEXTS},
		{c->slave.routes, "routes", TEXTS},
		{c->slave.state, "state", TEXT},
		{c->slave.message, "message", TEXT},
		{c->slave.warnings, "warnings", TEXTS},
		{c->slave.link_mtu, "link_mtu", NUMBER},
	};

	return fields_json(r, fields, ARRAY_SIZE(fields));
}

static struct json_object *drift_json(const struct ipvl_columns *c, const struct row *r)
{
	const struct field fields[] = {
		{c->drift.time, "time", NUMBER},   {c->drift.object, "object", TEXT},
		{c->drift.found, "found", TEXT},   {c->drift.actor, "actor", TEXT},
		{c->drift.done, "done", TEXT},     {c->drift.took_ms, "took_ms", NUMBER},
		{c->drift.count, "count", NUMBER},
	};

	return fields_json(r, fields, ARRAY_SIZE(fields));
}

struct json_object *web_row_json(const struct ipvl_columns *c, enum web_table t,
				 const struct uuid *uuid)
{
	static struct json_object *(*const writers[])(const struct ipvl_columns *c,
						      const struct row *r) = {
		host_json, master_json, slave_json, drift_json};
	const struct row *r = table_find(web_table_of(c, t), uuid);

	return r ? writers[t](c, r) : json_null();
}
