/* Executes IPAM plug-ins, and reads what they answer (SPEC.md, section 4 and 5). */
#include "engines/cni/cni_ipam.h"

#include "config/canon.h"
#include "engines/attachment/attachment_json.h"
#include "engines/cni/cni_exec.h"
#include "engines/cni/cni_route.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <string.h>

/* A plug-in that failed prints an error object, which is passed on as it is. */
static const struct cni_error *failure(struct arena *a, const struct cni_request *request,
				       const char *output)
{
	CLEANUP(json_freep) struct json_object *o = NULL;
	struct err *e = json_parse(output, strlen(output), &o);
	struct cni_error *error;
	bool is_error = !e && json_kind(o) == JSON_OBJECT && json_member(o, "code");

	err_free(e);
	if (!is_error)
		return cni_error_new(a, CNI_IO, NULL,
				     "the IPAM plug-in %s failed without an error object",
				     request->ipam);
	error = arena_alloc(a, sizeof(*error));
	*error = (struct cni_error){.code = CNI_IO,
				    .message = "",
				    .details = "",
				    .text = arena_strdup(a, output)};
	return error;
}

static const struct cni_error *call(struct arena *a, const struct cni_request *request,
				    const char *command, int64_t deadline_ms,
				    const char **ret_output)
{
	const char *file = cni_exec_find(a, request->path, request->ipam);
	bool ok = false;
	struct err *e;

	*ret_output = "";
	if (!file)
		return cni_error_new(a, CNI_BAD_CONFIG,
				     "install it, or use {\"type\": \"ipvl\", \"pool\": "
				     "\"NAME\"} with a pool of ipvl",
				     "no folder of CNI_PATH (%s) has the IPAM plug-in %s",
				     request->path, request->ipam);
	e = cni_exec_run(a, file, command, request->text, deadline_ms, ret_output, &ok);
	if (e)
		return cni_error_from(a, CNI_IO, e);
	return ok ? NULL : failure(a, request, *ret_output);
}

const struct cni_error *cni_ipam_call(struct arena *a, const struct cni_request *request,
				      const char *command, int64_t deadline_ms)
{
	const char *output;

	return *request->ipam ? call(a, request, command, deadline_ms, &output) : NULL;
}

/* --- what it answers --- */

struct answer {
	struct arena *a;
	struct cni_request *request;
	struct cni_ipam *ipam;
	const struct cni_error *error; /* the first */
};

static void complain(struct answer *s, struct err *e)
{
	if (s->error)
		err_free(e);
	else
		s->error = cni_error_from(s->a, CNI_IO,
					  err_wrap(e, "the answer of the IPAM plug-in %s",
						   s->request->ipam));
}

static void read_address(struct answer *s, const struct json_object *ip)
{
	struct attachment *want = &s->request->want;
	const char *gateway = json_member_text(ip, "gateway");
	struct err *e = canon_address_parse(json_member_text(ip, "address"),
					    &want->addresses[want->n_addresses]);

	if (!e)
		want->n_addresses++;
	if (!e && *gateway) {
		e = ip_addr_parse(gateway, &s->ipam->gateways[s->ipam->n_gateways]);
		if (!e)
			s->ipam->n_gateways++;
	}
	if (e)
		complain(s, e);
}

/* The gateway of the family: a route without one goes by it (CNI, section 5). */
static struct ip_addr gateway_for(const struct answer *s, uint8_t family)
{
	for (size_t i = 0; i < s->ipam->n_gateways; i++) {
		if (s->ipam->gateways[i].family == family)
			return s->ipam->gateways[i];
	}
	return (struct ip_addr){0};
}

static void read_route(struct answer *s, const struct json_object *route)
{
	struct attachment *want = &s->request->want;
	struct model_route *r = &want->routes[want->n_routes];
	struct err *e = cni_route_read(s->a, route, r);

	if (e) {
		complain(s, e);
		return;
	}
	if (!r->via.family)
		r->via = gateway_for(s, r->to.addr.family);
	want->n_routes++;
}

static void read_answer(struct answer *s, const struct json_object *result)
{
	const struct json_object *ips = json_member(result, "ips");
	const struct json_object *routes = json_member(result, "routes");
	struct attachment *want = &s->request->want;

	want->n_addresses = want->n_routes = 0;
	want->addresses = arena_array(s->a, attachment_json_length(ips) + 1,
				      sizeof(*want->addresses));
	want->routes = arena_array(s->a, attachment_json_length(routes) + 1,
				   sizeof(*want->routes));
	s->ipam->gateways = arena_array(s->a, attachment_json_length(ips) + 1,
					sizeof(*s->ipam->gateways));
	for (size_t i = 0; i < attachment_json_length(ips); i++)
		read_address(s, json_at(ips, i));
	for (size_t i = 0; i < attachment_json_length(routes); i++)
		read_route(s, json_at(routes, i));
	if (json_kind(json_member(result, "dns")) == JSON_OBJECT)
		s->ipam->dns = json_member(result, "dns");
	if (!want->n_addresses)
		complain(s, err_new(ERR_PROTOCOL, "it has no address"));
}

const struct cni_error *cni_ipam_add(struct arena *a, struct cni_request *request,
				     int64_t deadline_ms, struct cni_ipam *ret_ipam)
{
	struct answer s = {.a = a, .request = request, .ipam = ret_ipam};
	const char *output;
	struct err *e;

	if (!*request->ipam)
		return NULL;
	s.error = call(a, request, "ADD", deadline_ms, &output);
	if (!s.error) {
		e = json_parse(output, strlen(output), &ret_ipam->answer);
		if (!e && json_kind(ret_ipam->answer) != JSON_OBJECT)
			e = err_new(ERR_PROTOCOL, "it is no JSON object");
		if (e)
			complain(&s, e);
		else
			read_answer(&s, ret_ipam->answer);
	}
	if (s.error)
		(void)cni_ipam_call(a, request, "DEL", deadline_ms);
	return s.error;
}
