/* Routes of configurations, IPAM plug-ins and results (SPEC.md, section 5). */
#include "engines/cni/cni_route.h"

#include "config/canon.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>

/* " mtu 1400", "" if it has none or 0. */
static const char *word_of(struct arena *a, const struct json_object *route,
			   const char *key, const char *word)
{
	const struct json_object *v = json_member(route, key);

	if (json_kind(v) != JSON_INTEGER || !json_get_integer(v))
		return "";
	return arena_printf(a, " %s %" PRId64, word, json_get_integer(v));
}

struct err *cni_route_read(struct arena *a, const struct json_object *route,
			   struct model_route *ret_route)
{
	const char *via = json_member_text(route, "gw");
	char text[IP_TEXT_BYTES];
	struct ip_prefix to;
	struct err *e;

	if (json_kind(route) != JSON_OBJECT)
		return err_new(ERR_INVALID, "a route has to be an object");
	e = ip_prefix_parse(json_member_text(route, "dst"), &to);
	if (e)
		return err_wrap(e, "`dst` of a route");
	to = ip_prefix_network(&to);
	return canon_route_parse(arena_printf(a, "%s%s%s%s%s%s%s",
					      ip_prefix_format(&to, text),
					      *via ? " via " : "", via,
					      word_of(a, route, "priority", "metric"),
					      word_of(a, route, "mtu", "mtu"),
					      word_of(a, route, "advmss", "advmss"),
					      word_of(a, route, "table", "table")),
				 ret_route);
}

static void put_number(struct json_object *o, const char *key, uint32_t value)
{
	if (value)
		json_put(o, key, json_integer(value));
}

struct json_object *cni_route_json(const struct model_route *r, bool has_numbers)
{
	struct json_object *o = json_object();
	char text[IP_TEXT_BYTES];

	json_put(o, "dst", json_string(ip_prefix_format(&r->to, text)));
	if (r->via.family)
		json_put(o, "gw", json_string(ip_addr_format(&r->via, text)));
	if (has_numbers) {
		put_number(o, "mtu", r->mtu);
		put_number(o, "advmss", r->advmss);
		put_number(o, "priority", r->metric);
		put_number(o, "table", r->table == MODEL_ROUTE_TABLE_MAIN ? 0 : r->table);
	}
	return o;
}
