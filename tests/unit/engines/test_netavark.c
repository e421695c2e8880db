/* What `ipvl-cni` reads of Podman, and answers. Which sentence an error has,
 * tests/messages/netavark.txt shows. */
#include "engines/netavark/netavark_answer.h"
#include "engines/netavark/netavark_read.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka.h needs those above.
#include <cmocka.h>

/* As Podman 5.4 writes it. */
#define NETWORK                                                                          \
	"{\"name\": \"pn\", \"id\": \"9e18\", \"driver\": \"ipvl\", "                    \
	"\"network_interface\": \"eth0\", \"created\": \"0001-01-01T00:00:00Z\", "       \
	"\"subnets\": [{\"subnet\": \"10.77.0.0/24\", \"gateway\": \"10.77.0.1\", "      \
	"\"lease_range\": {\"start_ip\": \"\", \"end_ip\": \"\"}}], \"routes\": "        \
	"[{\"destination\": \"192.168.9.0/24\", \"gateway\": \"10.77.0.66\", "           \
	"\"metric\": 100, \"route_type\": \"unicast\"}], \"ipv6_enabled\": false, "      \
	"\"internal\": false, \"dns_enabled\": true, \"network_dns_servers\": null, "    \
	"\"labels\": {\"a\": \"b\"}, \"options\": {\"mode\": \"l3s\", \"flag\": "        \
	"\"vepa\", \"vlan\": \"7\", \"mtu\": \"1400\", \"host-access\": \"true\"}, "     \
	"\"ipam_options\": {\"driver\": \"host-local\"}}"
#define EXEC                                                                             \
	"{\"container_id\": \"61e3\", \"container_name\": \"c1\", \"port_mappings\": "   \
	"null, \"network\": " NETWORK                                                    \
	", \"network_options\": {\"aliases\": [\"61e37316e5eb\"], \"interface_name\": "  \
	"\"eth0\", \"static_ips\": [\"10.77.0.9\"], \"static_mac\": null, "              \
	"\"options\": null}}"

struct read {
	struct arena *a;
	struct json_object *input;
	struct netavark_request request;
	struct err *error;
};

static void read_text(struct read *r, enum netavark_call call, const char *text)
{
	r->a = arena_new();
	r->error =
		netavark_read(r->a, call, "/run/netns/x", text, &r->input, &r->request);
}

static void end(struct read *r)
{
	err_free(r->error);
	json_free(r->input);
	arena_free(r->a);
}

static void a_container(void **state)
{
	struct read r;
	const struct attachment *want = &r.request.want;
	char text[IP_TEXT_BYTES];

	(void)state;
	read_text(&r, NETAVARK_SETUP, EXEC);
	assert_null(r.error);
	assert_string_equal(want->engine, "podman");
	assert_string_equal(want->network, "pn");
	assert_string_equal(want->container, "61e3");
	assert_string_equal(want->ifname, "eth0");
	assert_string_equal(want->netns, "/run/netns/x");
	assert_string_equal(want->master, "eth0");
	assert_true(want->has_mode && want->mode == MODEL_MODE_L3S);
	assert_true(want->has_flag && want->flag == MODEL_FLAG_VEPA);
	assert_int_equal(want->vlan, 7);
	assert_int_equal(want->mtu, 1400);
	assert_true(want->has_host_access && !want->host_access.family);
	assert_true(want->is_addressed);
	assert_int_equal(want->n_addresses, 1);
	assert_string_equal(ip_prefix_format(&want->addresses[0], text), "10.77.0.9/24");
	assert_int_equal(want->n_routes, 2);
	assert_string_equal(ip_addr_format(&want->routes[0].via, text), "10.77.0.66");
	assert_int_equal(want->routes[0].metric, 100);
	assert_string_equal(ip_addr_format(&want->routes[1].via, text), "10.77.0.1");
	assert_int_equal(want->n_labels, 1);
	assert_string_equal(r.request.db, ATTACHMENT_DB);
	end(&r);
}

/* What is removed need not be right. */
static void a_teardown_needs_names_alone(void **state)
{
	struct read r;

	(void)state;
	read_text(&r, NETAVARK_TEARDOWN,
		  "{\"container_id\": \"c\", \"port_mappings\": [{}], \"network\": "
		  "{\"name\": \"n\", \"options\": {\"mode\": \"l9\", \"x\": \"y\", "
		  "\"db\": \"unix:/x\"}}, \"network_options\": {\"interface_name\": "
		  "\"eth0\", \"static_mac\": \"1\"}}");
	assert_null(r.error);
	assert_string_equal(r.request.want.container, "c");
	assert_string_equal(r.request.db, "unix:/x");
	end(&r);
}

/* The network comes back as it was, but for what it cannot have. */
static void a_network(void **state)
{
	struct read r;
	struct json_object *o;

	(void)state;
	read_text(&r, NETAVARK_CREATE, NETWORK);
	assert_null(r.error);
	o = netavark_answer_network(&r.request);
	assert_string_equal(json_member_text(o, "name"), "pn");
	assert_string_equal(json_member_text(o, "id"), "9e18");
	assert_string_equal(json_member_text(json_member(o, "labels"), "a"), "b");
	assert_false(json_get_boolean(json_member(o, "dns_enabled")));
	assert_string_equal(json_member_text(json_member(o, "ipam_options"), "driver"),
			    "host-local");
	json_free(o);
	end(&r);
}

/* A network of one or of two addresses has no room for a router. */
static void a_small_subnet_gets_no_gateway(void **state)
{
	static const char *const subnets[] = {"10.0.0.0/30", "10.0.0.0/31",
					      "10.0.0.1/32"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(subnets); i++) {
		struct read r;
		struct json_object *o;
		char text[200];

		snprintf(text, sizeof(text),
			 "{\"name\": \"n\", \"subnets\": [{\"subnet\": \"%s\"}]}",
			 subnets[i]);
		read_text(&r, NETAVARK_CREATE, text);
		assert_null(r.error);
		o = netavark_answer_network(&r.request);
		assert_string_equal(
			json_member_text(json_at(json_member(o, "subnets"), 0),
					 "gateway"),
			i ? "" : "10.0.0.1");
		json_free(o);
		end(&r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container),
		cmocka_unit_test(a_teardown_needs_names_alone),
		cmocka_unit_test(a_network),
		cmocka_unit_test(a_small_subnet_gets_no_gateway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
