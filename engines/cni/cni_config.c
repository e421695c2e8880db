/* Reads the configuration of a network. What it does not know it leaves alone, as CNI demands;
 * what it knows and cannot do is an error. */
#include "engines/cni/cni_config.h"

#include "config/canon.h"
#include "config/pool/pool.h"
#include "engines/cni/cni_args.h"
#include "engines/cni/cni_route.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <string.h>

/* Until its first error. */
struct reading {
	struct arena *a;
	struct cni_request *request;
	const struct cni_error *error;
};

static void take(struct reading *r, const struct cni_error *e)
{
	if (!r->error)
		r->error = e;
}

/* NULL if there is none, or after a complaint. JSON's null is as good as nothing. */
static const struct json_object *member(struct reading *r, const struct json_object *of,
					const char *key, enum json_kind kind)
{
	const struct json_object *v =
		json_kind(of) == JSON_OBJECT ? json_member(of, key) : NULL;

	if (json_kind(v) == JSON_NULL)
		return NULL;
	if (json_kind(v) == kind)
		return v;
	take(r, cni_error_new(r->a, CNI_BAD_CONFIG, NULL,
			      "`%s` of the network's configuration is of type %s, and "
			      "has to be of type %s",
			      key, json_kind_name(json_kind(v)), json_kind_name(kind)));
	return NULL;
}

/* "" if there is none. */
static const char *text(struct reading *r, const struct json_object *of, const char *key)
{
	const struct json_object *v = member(r, of, key, JSON_STRING);

	return v ? arena_strdup(r->a, json_get_string(v)) : "";
}

static uint32_t number(struct reading *r, const struct json_object *of, const char *key,
		       uint32_t min, uint32_t max)
{
	const struct json_object *v = member(r, of, key, JSON_INTEGER);
	int64_t n = v ? json_get_integer(v) : 0;

	/* Go programs write 0 for what is not set. */
	if (n && (n < min || n > max))
		take(r, cni_error_new(r->a, CNI_BAD_CONFIG, NULL,
				      "`%s` is %" PRId64 ", and has to be %" PRIu32
				      " to %" PRIu32,
				      key, n, min, max));
	return (uint32_t)n;
}

static void read_mode(struct reading *r, const struct json_object *config)
{
	struct attachment *want = &r->request->want;
	const char *mode = text(r, config, "mode"), *flag = text(r, config, "flag");

	want->has_mode = *mode;
	want->has_flag = *flag;
	want->mode = MODEL_MODE_L2; /* as of the plug-in `ipvlan` */
	want->flag = MODEL_FLAG_BRIDGE;
	if (*mode && (!model_mode_from_name(mode, &want->mode) ||
		      want->mode == MODEL_MODE_PASSTHRU))
		take(r, cni_error_new(r->a, CNI_BAD_CONFIG, NULL,
				      "`mode` is \"%s\", and has to be l2, l3 or l3s",
				      mode));
	if (*flag && !model_flag_from_name(flag, &want->flag))
		take(r,
		     cni_error_new(r->a, CNI_BAD_CONFIG, NULL,
				   "`flag` is \"%s\", and has to be bridge, private or "
				   "vepa",
				   flag));
}

static void read_master(struct reading *r, const struct json_object *config)
{
	struct attachment *want = &r->request->want;
	const struct json_object *inside =
		member(r, config, "linkInContainer", JSON_BOOLEAN);
	struct err *e;

	want->master = text(r, config, "master");
	want->is_inside = inside && json_get_boolean(inside);
	want->vlan = (uint16_t)number(r, config, "vlan", 1, 4094);
	want->mtu = number(r, config, "mtu", MODEL_MTU_MIN, MODEL_MTU_MAX);
	if (*want->master) {
		e = canon_check_ifname(want->master);
		if (e)
			take(r,
			     cni_error_from(r->a, CNI_BAD_CONFIG, err_at(e, "`master`")));
	} else if (want->is_inside) {
		take(r, cni_error_new(r->a, CNI_BAD_CONFIG,
				      "write the name of a device of the container",
				      "`linkInContainer` needs a `master`"));
	}
}

static void read_host_access(struct reading *r, const struct json_object *config)
{
	struct attachment *want = &r->request->want;
	const struct json_object *v = json_member(config, "hostAccess");
	struct err *e;

	if (json_kind(v) == JSON_BOOLEAN) {
		want->has_host_access = json_get_boolean(v);
		return;
	}
	v = member(r, config, "hostAccess", JSON_STRING);
	if (!v || !*json_get_string(v))
		return;
	want->has_host_access = true;
	e = ip_addr_parse(json_get_string(v), &want->host_access);
	if (e)
		take(r, cni_error_from(r->a, CNI_BAD_CONFIG,
				       err_hint(err_at(e, "`hostAccess`"),
						"write a free address of the containers' "
						"subnet, or `true`")));
}

/* Of ipvl's own IPAM, as `host-local` has them. */
static void read_routes(struct reading *r, const struct json_object *ipam)
{
	const struct json_object *list = member(r, ipam, "routes", JSON_ARRAY);
	struct attachment *want = &r->request->want;
	size_t n = list ? json_get_length(list) : 0;

	want->has_routes = list;
	want->routes = arena_array(r->a, n + 1, sizeof(*want->routes));
	for (size_t i = 0; i < n; i++) {
		struct err *e = cni_route_read(r->a, json_at(list, i),
					       &want->routes[want->n_routes]);

		if (e)
			take(r, cni_error_from(r->a, CNI_BAD_CONFIG, e));
		else
			want->n_routes++;
	}
}

static void read_ipam(struct reading *r, const struct json_object *config)
{
	const struct json_object *ipam = member(r, config, "ipam", JSON_OBJECT);
	struct attachment *want = &r->request->want;
	const char *type = text(r, ipam, "type"), *pool = text(r, ipam, "pool");
	bool is_own = !strcmp(type, "ipvl");
	struct err *e;

	want->pool = *pool || is_own ? pool : text(r, config, "pool");
	if (*type && !is_own) {
		r->request->ipam = type;
		want->pool = "";
	}
	if (strchr(type, '/'))
		take(r, cni_error_new(r->a, CNI_BAD_CONFIG, NULL,
				      "`ipam` has the type \"%s\", and has to name a "
				      "program without its folder",
				      type));
	if (is_own && !*want->pool)
		take(r, cni_error_new(r->a, CNI_BAD_CONFIG,
				      "write {\"type\": \"ipvl\", \"pool\": \"NAME\"}; "
				      "`ipvl-ctl list-pools` lists them",
				      "`ipam` does not name its pool"));
	if (*want->pool) {
		e = pool_check_name(want->pool);
		if (e)
			take(r, cni_error_from(r->a, CNI_BAD_CONFIG, e));
	}
	if (is_own)
		read_routes(r, ipam);
	want->is_addressed = *type || *want->pool;
}

/* The first that there is counts: runtimeConfig, args, CNI_ARGS (CONVENTIONS.md). */
static void read_wishes(struct reading *r, const struct json_object *list)
{
	for (size_t i = 0; list && i < json_get_length(list); i++) {
		const struct json_object *v = json_at(list, i);

		if (json_kind(v) != JSON_STRING)
			take(r, cni_error_new(r->a, CNI_BAD_CONFIG, NULL,
					      "`ips` has to be a list of addresses"));
		else
			take(r, cni_args_wish(r->a, "`ips`", json_get_string(v),
					      r->request));
	}
}

/* What an ipvlan cannot do, where it is more than an empty word. */
static void refuse_runtime(struct reading *r, const struct json_object *runtime)
{
	const char *mac = text(r, runtime, "mac");
	const struct json_object *ports = member(r, runtime, "portMappings", JSON_ARRAY);

	if (*mac)
		take(r,
		     cni_error_new(r->a, CNI_UNSUPPORTED,
				   "leave the address out, and the capability `mac`",
				   "an ipvlan device has the address of its master, and "
				   "cannot have %s",
				   mac));
	if (ports && json_get_length(ports))
		take(r,
		     cni_error_new(r->a, CNI_UNSUPPORTED,
				   "the container has an address of its own: connect to "
				   "that; or declare the capability of a plug-in like "
				   "`portmap` that follows",
				   "an ipvlan has no port mappings"));
}

static void read_runtime(struct reading *r, const struct json_object *config,
			 const char *ip)
{
	const struct json_object *runtime =
		member(r, config, "runtimeConfig", JSON_OBJECT);
	const struct json_object *args = member(r, config, "args", JSON_OBJECT);
	const struct json_object *cni = member(r, args, "cni", JSON_OBJECT);
	struct attachment *want = &r->request->want;

	refuse_runtime(r, runtime);
	read_wishes(r, member(r, runtime, "ips", JSON_ARRAY));
	if (!want->n_addresses)
		read_wishes(r, member(r, cni, "ips", JSON_ARRAY));
	if (!want->n_addresses && ip)
		take(r, cni_args_wish(r->a, "IP of CNI_ARGS", ip, r->request));
	want->is_addressed |= want->n_addresses > 0;
	/* A foreign IPAM reads the wish itself. */
	if (*r->request->ipam)
		want->n_addresses = 0;
}

static void read_valid(struct reading *r, const struct json_object *config)
{
	const struct json_object *list =
		member(r, config, "cni.dev/valid-attachments", JSON_ARRAY);
	struct cni_request *q = r->request;

	if (!list)
		list = member(r, config, "cni.dev/attachments", JSON_ARRAY);
	if (!list) {
		take(r,
		     cni_error_new(r->a, CNI_BAD_CONFIG, NULL,
				   "GC without `cni.dev/valid-attachments` would remove "
				   "every attachment of network %s",
				   q->want.network));
		return;
	}
	q->valid = arena_array(r->a, json_get_length(list) + 1, sizeof(*q->valid));
	for (size_t i = 0; i < json_get_length(list); i++) {
		const struct json_object *v = json_at(list, i);

		q->valid[q->n_valid].container = text(r, v, "containerID");
		q->valid[q->n_valid++].ifname = text(r, v, "ifname");
	}
}

const struct cni_error *cni_config_read(struct arena *a, const struct json_object *config,
					const char *ip, struct cni_request *request)
{
	struct reading r = {.a = a, .request = request};
	const char *db = text(&r, config, "db");
	const struct json_object *previous =
		member(&r, config, "prevResult", JSON_OBJECT);

	request->db = *db ? db : "unix:/run/ipvl/db.sock";
	request->dns = member(&r, config, "dns", JSON_OBJECT);
	request->previous = previous;
	read_ipam(&r, config);
	/* What is removed need not be right. */
	if (request->verb == CNI_DEL)
		return r.error;
	if (request->verb == CNI_GC) {
		read_valid(&r, config);
		return r.error;
	}
	read_mode(&r, config);
	read_master(&r, config);
	read_host_access(&r, config);
	read_runtime(&r, config, ip);
	return r.error;
}
