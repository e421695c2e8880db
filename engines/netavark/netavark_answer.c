/* Answers in the form that netavark's plugin-API.md gives them. */
#include "engines/netavark/netavark_answer.h"

#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

#define API_VERSION "1.0.0"

struct json_object *netavark_answer_info(const char *version)
{
	struct json_object *o = json_object();

	json_put(o, "version", json_string(version));
	json_put(o, "api_version", json_string(API_VERSION));
	return o;
}

struct json_object *netavark_answer_error(struct err *e)
{
	struct json_object *o = json_object();
	CLEANUP(freep) char *text = NULL;

	/* The number of an operation is nothing to a user. */
	text = err_text(e);
	err_free(e);
	/* A name of the file system may hold any bytes. */
	text_make_plain(text, strlen(text));
	json_put(o, "error", json_string(text));
	return o;
}

/* --- create --- */

/* The first address: Podman gives none of it to a container then. */
static struct json_object *first_address(const struct ip_prefix *subnet)
{
	struct ip_prefix p = ip_prefix_network(subnet);
	char text[IP_TEXT_BYTES];

	p.addr.bytes[ip_addr_bytes(&p.addr) - 1] |= 1;
	return json_string(ip_addr_format(&p.addr, text));
}

static void put_gateways(const struct netavark_request *request,
			 struct json_object *network)
{
	struct json_object *list = json_member(network, "subnets");

	for (size_t i = 0; i < request->n_subnets; i++) {
		const struct netavark_subnet *s = &request->subnets[i];

		if (!s->gateway.family &&
		    s->subnet.len + 1U < ip_addr_bits(&s->subnet.addr))
			json_put(json_at(list, i), "gateway", first_address(&s->subnet));
	}
}

struct json_object *netavark_answer_network(const struct netavark_request *request)
{
	struct json_object *network = json_copy(request->network), *ipam;
	const struct json_object *internal = json_member(network, "internal");
	bool is_internal =
		json_kind(internal) == JSON_BOOLEAN && json_get_boolean(internal);

	json_put(network, "network_interface", json_string(request->want.master));
	json_put(network, "dns_enabled", json_boolean(false));
	if (request->want.mode == MODEL_MODE_L2 && !is_internal)
		put_gateways(request, network);
	if (request->n_subnets)
		return network;
	ipam = json_member(network, "ipam_options");
	if (json_kind(ipam) != JSON_OBJECT) {
		json_put(network, "ipam_options", json_object());
		ipam = json_member(network, "ipam_options");
	}
	json_put(ipam, "driver", json_string("none"));
	return network;
}

/* --- setup --- */

static const struct ip_addr *gateway_of(const struct netavark_request *request,
					const struct model_slave *slave,
					const struct ip_prefix *address)
{
	for (size_t i = 0; i < request->n_subnets; i++) {
		if (request->subnets[i].gateway.family &&
		    ip_prefix_contains(&request->subnets[i].subnet, &address->addr))
			return &request->subnets[i].gateway;
	}
	for (size_t i = 0; i < slave->n_routes; i++) {
		const struct model_route *r = &slave->routes[i];

		if (ip_prefix_is_default(&r->to) && r->via.family &&
		    ip_prefix_contains(address, &r->via))
			return &r->via;
	}
	return NULL;
}

static struct json_object *subnets_of(const struct netavark_request *request,
				      const struct model_slave *slave)
{
	struct json_object *list = json_array();

	for (size_t i = 0; i < slave->n_addresses; i++) {
		const struct ip_prefix *p = &slave->addresses[i];
		const struct ip_addr *gateway = gateway_of(request, slave, p);
		struct json_object *o = json_object();
		char text[IP_TEXT_BYTES];

		json_put(o, "ipnet", json_string(ip_prefix_format(p, text)));
		if (gateway)
			json_put(o, "gateway",
				 json_string(ip_addr_format(gateway, text)));
		json_add(list, o);
	}
	return list;
}

struct json_object *netavark_answer_status(const struct netavark_request *request,
					   const struct model_slave *slave,
					   const char *mac)
{
	struct json_object *status = json_object(), *all = json_object(),
			   *one = json_object();
	const struct json_object *servers =
		json_member(request->network, "network_dns_servers");

	json_put(one, "mac_address", json_string(mac));
	json_put(one, "subnets", subnets_of(request, slave));
	json_put(all, request->want.ifname, one);
	json_put(status, "dns_search_domains", json_array());
	json_put(status, "dns_server_ips",
		 json_kind(servers) == JSON_ARRAY ? json_copy(servers) : json_array());
	json_put(status, "interfaces", all);
	return status;
}
