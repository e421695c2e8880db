/* The container of a call, and what an ipvlan cannot do for it. */
#include "engines/netavark/netavark_read.h"

#include "config/canon.h"
#include "engines/attachment/attachment_words.h"
#include "engines/netavark/netavark_network.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json_parse.h"

#include <inttypes.h>
#include <string.h>

static void refuse(struct attachment_json *r, const struct json_object *input,
		   const struct json_object *more)
{
	const struct json_object *ports =
		attachment_json_member(r, input, "port_mappings", JSON_ARRAY);
	const struct json_object *options =
		attachment_json_member(r, more, "options", JSON_OBJECT);
	const char *mac = attachment_json_text(r, more, "static_mac");

	if (attachment_json_length(ports))
		attachment_json_take(
			r, err_hint(err_new(ERR_UNSUPPORTED,
					    "an ipvlan has no port mappings"),
				    "the container has an address of its own: connect to "
				    "that, and leave out `--publish`"));
	if (*mac)
		attachment_json_take(
			r, err_hint(err_new(ERR_UNSUPPORTED,
					    "an ipvlan device has the address of its "
					    "master, and cannot have %s",
					    mac),
				    "leave out `--mac-address`"));
	if (!options)
		return;
	for (struct json_iter i = json_iter_begin(options); json_iter_next(&i);)
		attachment_json_take(
			r, err_hint(err_new(ERR_INVALID,
					    "a container has the unknown option `%s`",
					    i.name),
				    "options are of the network: `podman network create "
				    "-o %s=…`",
				    i.name));
}

static const struct netavark_subnet *subnet_of(const struct netavark_request *request,
					       const struct ip_addr *addr)
{
	for (size_t i = 0; i < request->n_subnets; i++) {
		if (ip_prefix_contains(&request->subnets[i].subnet, addr))
			return &request->subnets[i];
	}
	return NULL;
}

/* One that Podman has chosen, or its user; in a pool it has the length of that. */
static void read_address(struct attachment_json *r, struct netavark_request *request,
			 const char *text)
{
	struct attachment *want = &request->want;
	struct err *e = attachment_words_address(r->a, want, "`static_ips`", text);
	const struct netavark_subnet *s;
	struct ip_prefix *p;

	if (e || *want->pool) {
		attachment_json_take(r, e);
		return;
	}
	p = &want->addresses[want->n_addresses - 1];
	s = subnet_of(request, &p->addr);
	if (s)
		p->len = s->subnet.len;
	else
		attachment_json_take(r,
				     err_new(ERR_INVALID,
					     "%s is outside every subnet of network %s",
					     text, want->network));
}

static void read_container(struct attachment_json *r, const struct json_object *input,
			   struct netavark_request *request)
{
	const struct json_object *more =
		attachment_json_member(r, input, "network_options", JSON_OBJECT);
	const struct json_object *addresses =
		attachment_json_member(r, more, "static_ips", JSON_ARRAY);
	const char *name = attachment_json_text(r, input, "container_name");
	struct attachment *want = &request->want;

	want->container = attachment_json_text(r, input, "container_id");
	want->ifname = attachment_json_text(r, more, "interface_name");
	if (!*want->container || !*want->ifname)
		attachment_json_take(
			r, err_new(ERR_INVALID, "%s has no `%s`", r->what,
				   *want->container ? "interface_name" : "container_id"));
	/* What is removed need not be right. */
	if (request->call == NETAVARK_TEARDOWN)
		return;
	attachment_json_take(r, canon_check_ifname(want->ifname));
	if (*name)
		attachment_words_label(r->a, want, "container_name", name);
	refuse(r, input, more);
	for (size_t i = 0; i < attachment_json_length(addresses); i++) {
		const struct json_object *v = json_at(addresses, i);

		if (json_kind(v) == JSON_STRING)
			read_address(r, request, json_get_string(v));
	}
	want->is_addressed = want->n_addresses || *want->pool;
}

static struct err *parse(const char *text, const char *what,
			 struct json_object **ret_input)
{
	struct err *e = json_parse(text, strlen(text), ret_input);

	if (e)
		return err_wrap(e, "%s", what);
	if (json_kind(*ret_input) != JSON_OBJECT)
		return err_new(ERR_INVALID, "%s is no JSON object", what);
	return NULL;
}

struct err *netavark_read(struct arena *a, enum netavark_call call, const char *netns,
			  const char *text, struct json_object **ret_input,
			  struct netavark_request *request)
{
	struct attachment_json r = {.a = a, .what = "standard input"};
	struct err *e;

	*request = (struct netavark_request){
		.call = call,
		.want = {.engine = "podman",
			 .network = "",
			 .container = "",
			 .ifname = "",
			 .netns = netns,
			 .master = "",
			 .pool = "",
			 .replaces = true},
		.db = "",
	};
	*ret_input = NULL;
	e = parse(text, r.what, ret_input);
	if (e)
		return e;
	request->network =
		call == NETAVARK_CREATE
			? *ret_input
			: attachment_json_member(&r, *ret_input, "network", JSON_OBJECT);
	netavark_network_read_names(&r, request);
	if (call != NETAVARK_TEARDOWN)
		netavark_network_read(&r, request);
	if (call != NETAVARK_CREATE)
		read_container(&r, *ret_input, request);
	return r.error;
}
