/* NetworkDriver: networks, and the life of an endpoint. Docker makes no device: ipvld makes it in
 * the host's namespace, and Docker takes it from there (docs/decisions/0022). */
#include "engines/docker/docker_driver.h"

#include "config/rows.h"
#include "config/state.h"
#include "engines/attachment/attachment_master.h"
#include "engines/attachment/attachment_rows.h"
#include "engines/docker/docker_endpoint.h"
#include "engines/docker/docker_network.h"
#include "engines/docker/docker_options.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <net/if.h>
#include <string.h>

/* Of docker's StaticRoutes: on the link. */
#define ROUTE_ON_LINK 1

struct work {
	struct docker_call *call;
	struct docker_network network;
	struct attachment want;
	const char *endpoint;
	struct uuid slave;
	bool is_found;
	struct uuid holder;
};

static struct err *read_ids(struct docker_call *call, struct work *w)
{
	struct err *e = docker_call_id(call, "NetworkID", &w->network.id);

	w->call = call;
	return e ? e : docker_call_id(call, "EndpointID", &w->endpoint);
}

struct err *docker_driver_capabilities(struct docker_call *call)
{
	json_put(call->answer, "Scope", json_string("local"));
	json_put(call->answer, "ConnectivityScope", json_string("global"));
	json_put(call->answer, "GwAllocChecker", json_boolean(true));
	return NULL;
}

/* In l3 and l3s a container needs no router: every packet goes to the parent's namespace. */
struct err *docker_driver_check_gateway(struct docker_call *call)
{
	const struct json_object *options = json_member(call->request, "Options");
	const struct json_object *generic =
		json_kind(options) == JSON_OBJECT
			? json_member(options, "com.docker.network.generic")
			: NULL;
	const char *mode = json_kind(generic) == JSON_OBJECT
				   ? json_member_text(generic, "ipvlan_mode")
				   : "";
	bool is_needless = !strcmp(mode, "l3") || !strcmp(mode, "l3s");

	json_put(call->answer, "SkipIPv4", json_boolean(is_needless));
	json_put(call->answer, "SkipIPv6", json_boolean(is_needless));
	return NULL;
}

/* --- networks --- */

/* A device of that name that another program has made, or a row, is the parent itself. */
static void settle_parent(const struct attachment_edit *edit, struct work *w)
{
	struct attachment *want = &w->want;
	const char *name = arena_printf(w->call->a, "%s.%u", want->master, want->vlan);
	const struct row *r;

	if (!want->vlan)
		return;
	r = rows_find_master(edit->c, edit->txn, "", name);
	if (r ? !*attachment_edit_text(edit, r, edit->c->master.vlan_link)
	      : if_nametoindex(name) != 0) {
		want->master = name;
		want->vlan = 0;
	}
}

static struct err *create_network(void *aux, const struct attachment_edit *edit)
{
	struct work *w = aux;
	struct arena *a = w->call->a;
	struct row *master;
	struct err *e;

	w->want = docker_network_attachment(a, &w->network);
	settle_parent(edit, w);
	e = attachment_master_ensure(edit, &w->want, a, &master);
	if (!e)
		e = attachment_master_give_access(edit, &w->want, master, a);
	if (!e)
		docker_network_put(edit, a, w->network.id, w->call->request);
	return e;
}

struct err *docker_driver_create_network(struct docker_call *call)
{
	struct work w = {.call = call};
	const char *id;
	struct err *e = docker_call_id(call, "NetworkID", &id);

	if (!e)
		e = docker_network_read(call->a, id, call->request, &w.network);
	return e ? e : docker_call_edit(call, create_network, &w);
}

static struct err *delete_network(void *aux, const struct attachment_edit *edit)
{
	const struct work *w = aux;
	struct arena *a = w->call->a;

	/* First: it keeps the master. */
	docker_network_remove(edit, a, w->network.id);
	docker_endpoint_remove_all(edit, docker_call_short_id(a, w->network.id));
	return NULL;
}

struct err *docker_driver_delete_network(struct docker_call *call)
{
	struct work w = {.call = call};
	struct err *e = docker_call_id(call, "NetworkID", &w.network.id);

	if (!e)
		e = docker_call_edit(call, delete_network, &w);
	return e ? e : attachment_session_flush(call->session);
}

/* --- endpoints --- */

static struct err *read_address(struct docker_call *call, const char *key,
				struct attachment *want)
{
	const struct json_object *interface = json_member(call->request, "Interface");
	const char *text = json_kind(interface) == JSON_OBJECT
				   ? json_member_text(interface, key)
				   : "";
	struct err *e;

	if (!*text)
		return NULL;
	e = ip_prefix_parse(text, &want->addresses[want->n_addresses]);
	if (e)
		return err_at(e, "%s", key);
	want->n_addresses++;
	return NULL;
}

static struct err *create_endpoint(void *aux, const struct attachment_edit *edit)
{
	struct work *w = aux;
	struct docker_call *call = w->call;
	struct err *e = docker_network_find(edit, call->a, w->network.id, &w->network);

	if (e)
		return e;
	w->want = docker_network_attachment(call->a, &w->network);
	settle_parent(edit, w);
	w->want.container = w->endpoint;
	w->want.ifname = docker_endpoint_device(call->a, w->endpoint);
	w->want.addresses = arena_array(call->a, 2, sizeof(*w->want.addresses));
	e = read_address(call, "Address", &w->want);
	if (!e)
		e = read_address(call, "AddressIPv6", &w->want);
	return e ? e
		 : docker_endpoint_add(edit, call->a, &w->network, &w->want, &w->holder);
}

static const char *wished_mac(const struct docker_call *call)
{
	const struct json_object *interface = json_member(call->request, "Interface");

	return json_kind(interface) == JSON_OBJECT
		       ? json_member_text(interface, "MacAddress")
		       : "";
}

struct err *docker_driver_create_endpoint(struct docker_call *call)
{
	struct work w = {0};
	struct err *e = read_ids(call, &w);

	if (!e)
		e = docker_options_check_endpoint(json_member(call->request, "Options"),
						  wished_mac(call));
	if (e)
		return e;
	e = docker_call_edit(call, create_endpoint, &w);
	/* Docker gives an address once: what has it is about to go. */
	if (e && e->code == ERR_EXISTS && !uuid_is_zero(&w.holder)) {
		err_free(STEAL(e));
		e = attachment_session_await_end(call->session, &w.holder);
		if (!e)
			e = docker_call_edit(call, create_endpoint, &w);
	}
	if (!e)
		json_put(call->answer, "Interface", json_object());
	return e;
}

static struct err *remove_endpoint(void *aux, const struct attachment_edit *edit)
{
	const struct work *w = aux;
	struct row *slave;

	while ((slave = docker_endpoint_find(edit, w->endpoint)))
		rows_remove_slave(edit->c, edit->txn, slave);
	return NULL;
}

struct err *docker_driver_delete_endpoint(struct docker_call *call)
{
	struct work w = {0};
	struct err *e = read_ids(call, &w);

	if (!e)
		e = docker_call_edit(call, remove_endpoint, &w);
	return e ? e : attachment_session_flush(call->session);
}

/* The device is in the container all the while, and Docker brings it back then. */
struct err *docker_driver_leave(struct docker_call *call)
{
	struct work w = {0};

	return read_ids(call, &w);
}

struct err *docker_driver_info(struct docker_call *call)
{
	json_put(call->answer, "Value", json_object());
	return NULL;
}

/* --- Join --- */

static struct err *find_endpoint(void *aux, const struct attachment_edit *edit)
{
	struct work *w = aux;
	const struct row *slave;
	struct err *e = docker_network_find(edit, w->call->a, w->network.id, &w->network);

	if (e)
		return e;
	slave = docker_endpoint_find(edit, w->endpoint);
	if (!slave)
		return err_hint(err_new(ERR_NOT_FOUND,
					"endpoint %s of network %s is not in the "
					"database of ipvld (any more)",
					docker_call_short_id(w->call->a, w->endpoint),
					docker_call_short_id(w->call->a, w->network.id)),
				"start the container again");
	w->slave = *row_uuid(slave);
	return NULL;
}

static struct err *await_device(const struct work *w)
{
	struct docker_call *call = w->call;
	struct attachment_status s;
	enum row_state state;
	struct err *e = attachment_session_settle(
		call->session, &w->slave,
		attachment_rows_key(call->a, DOCKER_ENGINE, "pending"), call->a, &s);

	if (e)
		return e;
	state = state_from_name(s.state);
	if (s.exists && state == STATE_READY)
		return NULL;
	if (!s.exists)
		return err_new(ERR_NOT_FOUND,
			       "the row of the endpoint was removed before its device "
			       "was made");
	if (state == STATE_PENDING || state == STATE_UNKNOWN)
		return err_hint(err_new(ERR_TIMED_OUT,
					"ipvld has not made the device within %d s",
					DOCKER_CALL_MS / 1000),
				"see `ipvl-ctl status`");
	return err_new(ERR_INVALID, "%s", s.message);
}

static void add_route(struct json_object *routes, const char *to)
{
	struct json_object *r = json_object();

	json_put(r, "Destination", json_string(to));
	json_put(r, "RouteType", json_integer(ROUTE_ON_LINK));
	json_add(routes, r);
}

/* The way out, as Docker is to set it: a router in l2; the link itself in l3 and l3s. */
static void answer_routes(const struct docker_network *n, struct json_object *answer)
{
	static const char *const keys[] = {"Gateway", "GatewayIPv6"};
	static const char *const defaults[] = {"0.0.0.0/0", "::/0"};
	struct json_object *routes = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !n->is_internal; i++) {
		char text[IP_TEXT_BYTES];

		if (!n->has_family[i])
			continue;
		if (n->options.mode != MODEL_MODE_L2)
			add_route(routes, defaults[i]);
		else if (n->gateways[i].family)
			json_put(answer, keys[i],
				 json_string(ip_addr_format(&n->gateways[i], text)));
	}
	json_put(answer, "StaticRoutes", routes);
}

struct err *docker_driver_join(struct docker_call *call)
{
	struct work w = {0};
	struct json_object *name;
	struct err *e = read_ids(call, &w);

	if (!e)
		e = docker_call_edit(call, find_endpoint, &w);
	if (!e)
		e = await_device(&w);
	if (e)
		return e;
	name = json_object();
	json_put(name, "SrcName",
		 json_string(docker_endpoint_device(call->a, w.endpoint)));
	json_put(name, "DstPrefix", json_string("eth"));
	json_put(call->answer, "InterfaceName", name);
	answer_routes(&w.network, call->answer);
	/* Without it Docker adds a second device, on a bridge of its own. */
	json_put(call->answer, "DisableGatewayService", json_boolean(true));
	return NULL;
}

/* --- after a start of dockerd --- */

static struct err *clean(void *aux, const struct attachment_edit *edit)
{
	(void)aux;
	docker_endpoint_sweep(edit);
	return NULL;
}

struct err *docker_driver_clean(struct docker_call *call)
{
	return docker_call_edit(call, clean, NULL);
}
