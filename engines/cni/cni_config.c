/* Reads the configuration of a network. What it does not know it leaves alone, as CNI demands;
 * what it knows and cannot do is an error. */
#include "engines/cni/cni_config.h"

#include "engines/attachment/attachment_json.h"
#include "engines/attachment/attachment_words.h"
#include "engines/cni/cni_route.h"
#include "lib/alloc.h"

#include <string.h>

/* Until its first error. */
struct reading {
	struct attachment_json json;
	struct cni_request *request;
};

static void take(struct reading *r, struct err *e)
{
	attachment_json_take(&r->json, e);
}

static const struct json_object *member(struct reading *r, const struct json_object *of,
					const char *key, enum json_kind kind)
{
	return attachment_json_member(&r->json, of, key, kind);
}

static const char *text(struct reading *r, const struct json_object *of, const char *key)
{
	return attachment_json_text(&r->json, of, key);
}

static void read_port(struct reading *r, const struct json_object *config)
{
	struct attachment *want = &r->request->want;

	take(r, attachment_words_mode(want, "mode", text(r, config, "mode")));
	take(r, attachment_words_flag(want, "flag", text(r, config, "flag")));
	want->is_inside = attachment_json_boolean(&r->json, config, "linkInContainer");
	take(r, attachment_words_vlan(want, "vlan",
				      attachment_json_integer(&r->json, config, "vlan")));
	take(r, attachment_words_mtu(want, "mtu",
				     attachment_json_integer(&r->json, config, "mtu")));
	take(r, attachment_words_master(want, "master", text(r, config, "master")));
	if (!*want->master && want->is_inside)
		take(r,
		     err_hint(err_new(ERR_INVALID, "`linkInContainer` needs a `master`"),
			      "write the name of a device of the container"));
}

static void read_host_access(struct reading *r, const struct json_object *config)
{
	const struct json_object *v = json_member(config, "hostAccess");
	const char *word;

	if (json_kind(v) == JSON_BOOLEAN)
		word = json_get_boolean(v) ? "true" : "false";
	else
		word = text(r, config, "hostAccess");
	take(r, attachment_words_host_access(&r->request->want, "hostAccess", word));
}

/* Of ipvl's own IPAM, as `host-local` has them. */
static void read_routes(struct reading *r, const struct json_object *ipam)
{
	const struct json_object *list = member(r, ipam, "routes", JSON_ARRAY);
	struct attachment *want = &r->request->want;
	size_t n = list ? json_get_length(list) : 0;

	want->has_routes = list;
	want->routes = arena_array(r->json.a, n + 1, sizeof(*want->routes));
	for (size_t i = 0; i < n; i++) {
		struct err *e = cni_route_read(r->json.a, json_at(list, i),
					       &want->routes[want->n_routes]);

		want->n_routes += !e;
		take(r, e);
	}
}

static void read_ipam(struct reading *r, const struct json_object *config)
{
	const struct json_object *ipam = member(r, config, "ipam", JSON_OBJECT);
	struct attachment *want = &r->request->want;
	const char *type = text(r, ipam, "type"), *pool = text(r, ipam, "pool");
	bool is_own = !strcmp(type, "ipvl");

	if (*type && !is_own)
		r->request->ipam = type;
	else
		take(r, attachment_words_pool(
				want, *pool || is_own ? pool : text(r, config, "pool")));
	if (strchr(type, '/'))
		take(r, err_new(ERR_INVALID,
				"`ipam` has the type \"%s\", and has to name a program "
				"without its folder",
				type));
	if (is_own && !*want->pool)
		take(r, err_hint(err_new(ERR_INVALID, "`ipam` does not name its pool"),
				 "write {\"type\": \"ipvl\", \"pool\": \"NAME\"}; "
				 "`ipvl-ctl list-pools` lists them"));
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
			take(r,
			     err_new(ERR_INVALID, "`ips` has to be a list of addresses"));
		else
			take(r, attachment_words_address(r->json.a, &r->request->want,
							 "`ips`", json_get_string(v)));
	}
}

/* What an ipvlan cannot do, where it is more than an empty word. */
static void refuse_runtime(struct reading *r, const struct json_object *runtime)
{
	const char *mac = text(r, runtime, "mac");
	const struct json_object *ports = member(r, runtime, "portMappings", JSON_ARRAY);

	if (*mac)
		take(r, err_hint(err_new(ERR_UNSUPPORTED,
					 "an ipvlan device has the address of its "
					 "master, and cannot have %s",
					 mac),
				 "leave the address out, and the capability `mac`"));
	if (attachment_json_length(ports))
		take(r,
		     err_hint(err_new(ERR_UNSUPPORTED, "an ipvlan has no port mappings"),
			      "the container has an address of its own: connect to "
			      "that; or declare the capability of a plug-in like "
			      "`portmap` that follows"));
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
		take(r, attachment_words_address(r->json.a, want, "IP of CNI_ARGS", ip));
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
		take(r, err_new(ERR_INVALID,
				"GC without `cni.dev/valid-attachments` would remove "
				"every attachment of network %s",
				q->want.network));
		return;
	}
	q->valid = arena_array(r->json.a, json_get_length(list) + 1, sizeof(*q->valid));
	for (size_t i = 0; i < json_get_length(list); i++) {
		const struct json_object *v = json_at(list, i);

		q->valid[q->n_valid].container = text(r, v, "containerID");
		q->valid[q->n_valid++].ifname = text(r, v, "ifname");
	}
}

static const struct cni_error *in_words(const struct reading *r)
{
	if (!r->json.error)
		return NULL;
	return cni_error_from(r->json.a,
			      r->json.error->code == ERR_UNSUPPORTED ? CNI_UNSUPPORTED
								     : CNI_BAD_CONFIG,
			      r->json.error);
}

const struct cni_error *cni_config_read(struct arena *a, const struct json_object *config,
					const char *ip, struct cni_request *request)
{
	struct reading r = {.json = {.a = a, .what = "the network's configuration"},
			    .request = request};
	const char *db = text(&r, config, "db");

	request->db = *db ? db : ATTACHMENT_DB;
	request->dns = member(&r, config, "dns", JSON_OBJECT);
	request->previous = member(&r, config, "prevResult", JSON_OBJECT);
	read_ipam(&r, config);
	if (request->verb == CNI_GC) {
		read_valid(&r, config);
	} else if (request->verb != CNI_DEL) { /* what is removed need not be right */
		read_port(&r, config);
		read_host_access(&r, config);
		read_runtime(&r, config, ip);
	}
	return in_words(&r);
}
