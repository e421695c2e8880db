/* Reads a network: what `podman network create` was given. */
#include "engines/netavark/netavark_network.h"

#include "config/canon.h"
#include "engines/attachment/attachment_words.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

/* Of `podman network create -o KEY=VALUE`. */
struct options {
	bool has_no_default_route;
	uint32_t metric; /* of default routes; 0: none */
};

typedef struct err *option_fn(struct netavark_request *request, struct options *options,
			      const char *key, const char *value);

static struct err *read_number(const char *key, const char *value, uint64_t *ret_number)
{
	if (text_to_uint(value, 0, UINT32_MAX, ret_number))
		return NULL;
	return err_new(ERR_INVALID, "`%s` is \"%s\", and has to be a number", key, value);
}

static struct err *read_mode(struct netavark_request *request, struct options *options,
			     const char *key, const char *value)
{
	(void)options;
	return attachment_words_mode(&request->want, key, value);
}

static struct err *read_flag(struct netavark_request *request, struct options *options,
			     const char *key, const char *value)
{
	(void)options;
	return attachment_words_flag(&request->want, key, value);
}

static struct err *read_parent(struct netavark_request *request, struct options *options,
			       const char *key, const char *value)
{
	(void)options;
	return *request->want.master
		       ? NULL
		       : attachment_words_master(&request->want, key, value);
}

static struct err *read_vlan(struct netavark_request *request, struct options *options,
			     const char *key, const char *value)
{
	uint64_t n = 0;
	struct err *e = read_number(key, value, &n);

	(void)options;
	return e ? e : attachment_words_vlan(&request->want, key, (int64_t)n);
}

static struct err *read_mtu(struct netavark_request *request, struct options *options,
			    const char *key, const char *value)
{
	uint64_t n = 0;
	struct err *e = read_number(key, value, &n);

	(void)options;
	return e ? e : attachment_words_mtu(&request->want, key, (int64_t)n);
}

static struct err *read_host_access(struct netavark_request *request,
				    struct options *options, const char *key,
				    const char *value)
{
	(void)options;
	return attachment_words_host_access(&request->want, key, value);
}

static struct err *read_pool(struct netavark_request *request, struct options *options,
			     const char *key, const char *value)
{
	(void)options;
	(void)key;
	return attachment_words_pool(&request->want, value);
}

static struct err *read_metric(struct netavark_request *request, struct options *options,
			       const char *key, const char *value)
{
	uint64_t n = 0;
	struct err *e = read_number(key, value, &n);

	(void)request;
	options->metric = (uint32_t)n;
	return e;
}

static struct err *read_no_default_route(struct netavark_request *request,
					 struct options *options, const char *key,
					 const char *value)
{
	bool is_true = !strcmp(value, "true") || !strcmp(value, "1");

	(void)request;
	options->has_no_default_route = is_true;
	if (is_true || !strcmp(value, "false") || !strcmp(value, "0"))
		return NULL;
	return err_new(ERR_INVALID, "`%s` is \"%s\", and has to be true or false", key,
		       value);
}

static struct err *read_db(struct netavark_request *request, struct options *options,
			   const char *key, const char *value)
{
	(void)request;
	(void)options;
	(void)key;
	(void)value;
	return NULL; /* netavark_network_read_names() */
}

static const struct {
	const char *key;
	option_fn *read;
} known[] = {
	{"mode", read_mode},
	{"flag", read_flag},
	{"parent", read_parent},
	{"vlan", read_vlan},
	{"mtu", read_mtu},
	{"host-access", read_host_access},
	{"pool", read_pool},
	{"metric", read_metric},
	{"no_default_route", read_no_default_route},
	{"db", read_db},
};

static struct err *read_option(struct netavark_request *request, struct options *options,
			       const char *key, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!strcmp(key, known[i].key))
			return known[i].read(request, options, key, value);
	}
	return err_hint(err_new(ERR_INVALID, "network %s has the unknown option `%s`",
				request->want.network, key),
			"options are mode, flag, parent, vlan, mtu, host-access, pool, "
			"metric, no_default_route and db");
}

static void read_options(struct attachment_json *r, struct netavark_request *request,
			 struct options *ret_options)
{
	const struct json_object *all =
		attachment_json_member(r, request->network, "options", JSON_OBJECT);

	*ret_options = (struct options){0};
	request->want.mode = MODEL_MODE_L2;
	request->want.flag = MODEL_FLAG_BRIDGE;
	if (!all)
		return;
	for (struct json_iter i = json_iter_begin(all); json_iter_next(&i);) {
		const char *key = arena_strdup(r->a, i.name);

		attachment_json_take(r, read_option(request, ret_options, key,
						    attachment_json_text(r, all, key)));
	}
}

/* --- subnets and routes --- */

static void read_subnet(struct attachment_json *r, const struct json_object *v,
			struct netavark_subnet *ret)
{
	const char *gateway = attachment_json_text(r, v, "gateway");
	struct err *e =
		ip_prefix_parse(attachment_json_text(r, v, "subnet"), &ret->subnet);

	if (!e && *gateway)
		e = ip_addr_parse(gateway, &ret->gateway);
	attachment_json_take(r, e ? err_at(e, "`subnets`") : NULL);
}

static void read_subnets(struct attachment_json *r, struct netavark_request *request)
{
	const struct json_object *list =
		attachment_json_member(r, request->network, "subnets", JSON_ARRAY);

	request->n_subnets = attachment_json_length(list);
	request->subnets =
		arena_array(r->a, request->n_subnets + 1, sizeof(*request->subnets));
	for (size_t i = 0; i < request->n_subnets; i++)
		read_subnet(r, json_at(list, i), &request->subnets[i]);
	if (request->n_subnets && *request->want.pool)
		attachment_json_take(
			r, err_hint(err_new(ERR_INVALID,
					    "network %s has subnets, and its addresses "
					    "are of pool %s",
					    request->want.network, request->want.pool),
				    "leave out `--subnet`, or the option `pool`"));
}

static struct err *parse_route(struct attachment_json *r, const struct json_object *v,
			       struct model_route *ret_route)
{
	const char *to = attachment_json_text(r, v, "destination");
	const char *via = attachment_json_text(r, v, "gateway");
	const char *type = attachment_json_text(r, v, "route_type");
	int64_t metric = attachment_json_integer(r, v, "metric");
	const char *text = arena_printf(r->a, "%s%s%s%s%s", type, *type ? " " : "", to,
					*via ? " via " : "", via);

	if (metric)
		text = arena_printf(r->a, "%s metric %" PRId64, text, metric);
	return canon_route_parse(text, ret_route);
}

/* By the gateway of the subnet; in the other modes the host is the router. */
static void add_default_route(struct attachment_json *r, struct netavark_request *request,
			      const struct netavark_subnet *s,
			      const struct options *options)
{
	struct attachment *want = &request->want;
	char buf[IP_TEXT_BYTES];
	const char *text = s->subnet.addr.family == AF_INET ? "0.0.0.0/0" : "::/0";

	if (s->gateway.family)
		text = arena_printf(r->a, "%s via %s", text,
				    ip_addr_format(&s->gateway, buf));
	else if (want->mode == MODEL_MODE_L2)
		return;
	if (options->metric)
		text = arena_printf(r->a, "%s metric %" PRIu32, text, options->metric);
	attachment_json_take(r, canon_route_parse(text, &want->routes[want->n_routes]));
	want->n_routes++;
}

static void read_routes(struct attachment_json *r, struct netavark_request *request,
			const struct options *options)
{
	const struct json_object *list =
		attachment_json_member(r, request->network, "routes", JSON_ARRAY);
	struct attachment *want = &request->want;
	size_t n = attachment_json_length(list);
	bool is_closed = options->has_no_default_route ||
			 attachment_json_boolean(r, request->network, "internal");

	want->routes =
		arena_array(r->a, n + request->n_subnets + 1, sizeof(*want->routes));
	for (size_t i = 0; i < n; i++) {
		struct err *e =
			parse_route(r, json_at(list, i), &want->routes[want->n_routes]);

		want->n_routes += !e;
		attachment_json_take(r, e ? err_at(e, "`routes`") : NULL);
	}
	for (size_t i = 0; i < request->n_subnets && !is_closed; i++)
		add_default_route(r, request, &request->subnets[i], options);
	/* Those of its pool, otherwise. */
	want->has_routes = is_closed;
}

/* --- all of it --- */

static void refuse_dhcp(struct attachment_json *r, const struct netavark_request *request)
{
	const struct json_object *ipam =
		attachment_json_member(r, request->network, "ipam_options", JSON_OBJECT);

	if (strcmp(attachment_json_text(r, ipam, "driver"), "dhcp") != 0)
		return;
	attachment_json_take(
		r, err_hint(err_new(ERR_UNSUPPORTED,
				    "network %s takes its addresses by DHCP, which "
				    "netavark has for its own drivers alone",
				    request->want.network),
			    "use `--subnet`, or `--ipam-driver=none` and a pool: "
			    "`-o pool=NAME`"));
}

void netavark_network_read_names(struct attachment_json *r,
				 struct netavark_request *request)
{
	const struct json_object *options =
		attachment_json_member(r, request->network, "options", JSON_OBJECT);
	const char *db = attachment_json_text(r, options, "db");

	request->want.network = attachment_json_text(r, request->network, "name");
	request->db = *db ? db : ATTACHMENT_DB;
	if (!*request->want.network)
		attachment_json_take(
			r,
			err_new(ERR_INVALID, "%s has no network with a `name`", r->what));
}

void netavark_network_read(struct attachment_json *r, struct netavark_request *request)
{
	struct options options;

	attachment_json_take(
		r, attachment_words_master(&request->want, "network_interface",
					   attachment_json_text(r, request->network,
								"network_interface")));
	read_options(r, request, &options);
	refuse_dhcp(r, request);
	read_subnets(r, request);
	read_routes(r, request, &options);
}
