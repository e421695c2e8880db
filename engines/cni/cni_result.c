/* Results as CNI has them (SPEC.md, section 5). */
#include "engines/cni/cni_result.h"

#include "engines/attachment/attachment_json.h"
#include "engines/cni/cni_route.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>
#include <sys/socket.h>

/* The member of 'result', made if it is missing. */
static struct json_object *list_of(struct json_object *result, const char *key)
{
	if (json_kind(json_member(result, key)) != JSON_ARRAY)
		json_put(result, key, json_array());
	return json_member(result, key);
}

/* Of the previous result, whose parts are not this program's to change. */
static struct json_object *previous(const struct cni_request *request)
{
	struct json_object *result = json_object();

	json_put(result, "cniVersion", json_string(cni_version_names[request->version]));
	if (!request->previous)
		return result;
	for (struct json_iter i = json_iter_begin(request->previous);
	     json_iter_next(&i);) {
		if (strcmp(i.name, "cniVersion") != 0)
			json_put(result, i.name, json_copy(i.value));
	}
	return result;
}

static void add_interface(const struct cni_request *request,
			  const struct cni_attached *attached,
			  struct json_object *interfaces)
{
	struct json_object *o = json_object();

	json_put(o, "name", json_string(request->want.ifname));
	json_put(o, "mac", json_string(attached->mac));
	if (request->version >= CNI_1_1_0 && attached->mtu)
		json_put(o, "mtu", json_integer(attached->mtu));
	json_put(o, "sandbox", json_string(request->want.netns));
	json_add(interfaces, o);
}

/* The router in the subnet of the address; NULL if none is known. */
static const struct ip_addr *gateway_of(const struct cni_attached *attached,
					const struct ip_prefix *address)
{
	for (size_t i = 0; i < attached->n_gateways; i++) {
		if (ip_prefix_contains(address, &attached->gateways[i]))
			return &attached->gateways[i];
	}
	for (size_t i = 0; i < attached->slave->n_routes; i++) {
		const struct model_route *r = &attached->slave->routes[i];

		if (ip_prefix_is_default(&r->to) && r->via.family &&
		    ip_prefix_contains(address, &r->via))
			return &r->via;
	}
	return NULL;
}

static void add_address(const struct cni_request *request,
			const struct cni_attached *attached, size_t interface,
			const struct ip_prefix *address, struct json_object *ips)
{
	const struct ip_addr *gateway = gateway_of(attached, address);
	struct json_object *o = json_object();
	char text[IP_TEXT_BYTES];

	if (request->version < CNI_1_0_0)
		json_put(o, "version",
			 json_string(address->addr.family == AF_INET ? "4" : "6"));
	json_put(o, "address", json_string(ip_prefix_format(address, text)));
	if (gateway)
		json_put(o, "gateway", json_string(ip_addr_format(gateway, text)));
	json_put(o, "interface", json_integer((int64_t)interface));
	json_add(ips, o);
}

struct json_object *cni_result_new(const struct cni_request *request,
				   const struct cni_attached *attached)
{
	struct json_object *result = previous(request);
	struct json_object *interfaces = list_of(result, "interfaces");
	struct json_object *ips = list_of(result, "ips");
	struct json_object *routes = list_of(result, "routes");
	const struct json_object *dns = request->dns ? request->dns : attached->dns;
	size_t interface = json_get_length(interfaces);

	add_interface(request, attached, interfaces);
	for (size_t i = 0; i < attached->slave->n_addresses; i++)
		add_address(request, attached, interface, &attached->slave->addresses[i],
			    ips);
	for (size_t i = 0; i < attached->slave->n_routes; i++)
		json_add(routes, cni_route_json(&attached->slave->routes[i],
						request->version >= CNI_1_1_0));
	if (dns)
		json_put(result, "dns", json_copy(dns));
	else if (!json_member(result, "dns"))
		json_put(result, "dns", json_object());
	return result;
}

struct json_object *cni_result_versions(void)
{
	struct json_object *result = json_object(), *versions = json_array();

	for (size_t i = 0; i < CNI_N_VERSIONS; i++)
		json_add(versions, json_string(cni_version_names[i]));
	json_put(result, "cniVersion",
		 json_string(cni_version_names[CNI_N_VERSIONS - 1]));
	json_put(result, "supportedVersions", versions);
	return result;
}

/* --- CHECK --- */

/* Interface number 'at' of the result is the one that this call is about. */
static bool is_ours(const struct cni_request *request, const struct json_object *at)
{
	const struct json_object *list = json_member(request->previous, "interfaces");
	const struct json_object *i =
		json_kind(at) == JSON_INTEGER && json_get_integer(at) >= 0 &&
				(size_t)json_get_integer(at) <
					attachment_json_length(list)
			? json_at(list, (size_t)json_get_integer(at))
			: NULL;

	return i && !strcmp(json_member_text(i, "name"), request->want.ifname) &&
	       *json_member_text(i, "sandbox");
}

const struct cni_error *cni_result_check(struct arena *a,
					 const struct cni_request *request,
					 const struct model_slave *slave)
{
	const struct json_object *ips = json_member(request->previous, "ips");

	for (size_t i = 0; i < attachment_json_length(ips); i++) {
		const struct json_object *ip = json_at(ips, i);
		const char *text = json_member_text(ip, "address");
		struct ip_prefix address;
		struct err *e;

		if (json_kind(ip) != JSON_OBJECT ||
		    !is_ours(request, json_member(ip, "interface")))
			continue;
		e = ip_prefix_parse(text, &address);
		if (e)
			return cni_error_from(a, CNI_BAD_CONFIG,
					      err_at(e, "`prevResult`"));
		if (!model_has_address(slave, &address))
			return cni_error_new(
				a, CNI_DIFFERS, NULL,
				"ADD gave %s to %s of container %s, and its row has it "
				"no more",
				text, request->want.ifname, request->want.container);
	}
	return NULL;
}
