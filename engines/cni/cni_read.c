/* The environment and the configuration of a call. */
#include "engines/cni/cni_read.h"

#include "config/canon.h"
#include "engines/cni/cni_args.h"
#include "engines/cni/cni_config.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *name;
	enum cni_version since;
	bool needs_container, needs_netns;
} verbs[CNI_N_VERBS] = {
	[CNI_ADD] = {"ADD", CNI_0_3_1, true, true},
	[CNI_DEL] = {"DEL", CNI_0_3_1, true, false},
	[CNI_CHECK] = {"CHECK", CNI_0_4_0, true, true},
	[CNI_GC] = {"GC", CNI_1_1_0, false, false},
	[CNI_STATUS] = {"STATUS", CNI_1_1_0, false, false},
	[CNI_VERSIONS] = {"VERSION", CNI_0_3_1, false, false},
};

/* Of one call. */
struct call {
	struct arena *a;
	cni_variable_fn *variable;
	const struct json_object *config;
	struct cni_request *request;
};

static const char *variable(const struct call *c, const char *name)
{
	const char *value = c->variable(name);

	return value ? arena_strdup(c->a, value) : "";
}

static const struct cni_error *read_verb(const struct call *c)
{
	const char *name = variable(c, "CNI_COMMAND");

	for (size_t i = 0; i < CNI_N_VERBS; i++) {
		if (!strcmp(name, verbs[i].name)) {
			c->request->verb = (enum cni_verb)i;
			return NULL;
		}
	}
	return cni_error_new(c->a, CNI_BAD_VARIABLE,
			     "it is ADD, DEL, CHECK, GC, STATUS or VERSION",
			     "CNI_COMMAND is \"%s\", which is no command", name);
}

static const struct cni_error *read_version(const struct call *c,
					    const char **ret_version)
{
	const struct json_object *v = json_member(c->config, "cniVersion");
	/* SPEC.md: what a configuration without the key is. */
	const char *name = json_kind(v) == JSON_STRING ? json_get_string(v) : "0.2.0";

	for (size_t i = 0; i < CNI_N_VERSIONS; i++) {
		if (!strcmp(name, cni_version_names[i])) {
			*ret_version = cni_version_names[i];
			c->request->version = (enum cni_version)i;
			return NULL;
		}
	}
	return cni_error_new(c->a, CNI_BAD_VERSION,
			     "write \"cniVersion\": \"1.0.0\" into the network's file",
			     "ipvl-cni has CNI 0.3.1, 0.4.0, 1.0.0 and 1.1.0, and the "
			     "network's `cniVersion` is %s",
			     name);
}

static const struct cni_error *check_since(const struct call *c)
{
	enum cni_version since = verbs[c->request->verb].since;

	if (c->request->version >= since)
		return NULL;
	return cni_error_new(c->a, CNI_BAD_VERSION, NULL,
			     "%s is of CNI %s, and the network's `cniVersion` is %s",
			     verbs[c->request->verb].name, cni_version_names[since],
			     cni_version_names[c->request->version]);
}

/* SPEC.md: of names of networks and containers. */
static bool is_id(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (!isalnum((unsigned char)*at) && (at == text || !strchr("_.-", *at)))
			return false;
	}
	return *text;
}

static const struct cni_error *read_network(const struct call *c)
{
	const struct json_object *v = json_member(c->config, "name");
	const char *name = json_kind(v) == JSON_STRING ? json_get_string(v) : "";

	if (is_id(name)) {
		c->request->want.network = arena_strdup(c->a, name);
		return NULL;
	}
	return cni_error_new(c->a, CNI_BAD_CONFIG,
			     "a name is letters, digits, `_`, `.` and `-`, and begins "
			     "with a letter or a digit",
			     *name ? "\"%s\" cannot be the `name` of a network"
				   : "the network's configuration has no `name`%s",
			     name);
}

static const struct cni_error *need(const struct call *c, const char *name,
				    const char **ret_value)
{
	*ret_value = variable(c, name);
	if (**ret_value)
		return NULL;
	return cni_error_new(c->a, CNI_BAD_VARIABLE, NULL, "%s needs the variable %s",
			     verbs[c->request->verb].name, name);
}

static const struct cni_error *check_container(const struct call *c)
{
	const struct attachment *want = &c->request->want;
	struct err *bad;

	if (!is_id(want->container))
		return cni_error_new(c->a, CNI_BAD_VARIABLE, NULL,
				     "CNI_CONTAINERID is \"%s\", and has to be letters, "
				     "digits, `_`, `.` and `-`",
				     want->container);
	bad = canon_check_ifname(want->ifname);
	if (!bad)
		bad = canon_check_netns(want->netns);
	if (bad)
		return cni_error_from(c->a, CNI_BAD_VARIABLE, bad);
	if (*want->netns && *want->netns != '/')
		return cni_error_new(
			c->a, CNI_BAD_VARIABLE, NULL,
			"CNI_NETNS is \"%s\", and has to be an absolute path",
			want->netns);
	return NULL;
}

static const struct cni_error *read_container(const struct call *c)
{
	struct attachment *want = &c->request->want;
	const struct cni_error *e = NULL;

	want->netns = variable(c, "CNI_NETNS");
	if (!verbs[c->request->verb].needs_container)
		return NULL;
	e = need(c, "CNI_CONTAINERID", &want->container);
	if (!e)
		e = need(c, "CNI_IFNAME", &want->ifname);
	if (!e && verbs[c->request->verb].needs_netns)
		e = need(c, "CNI_NETNS", &want->netns);
	/* What cannot be is not there, as far as it is to be removed. */
	return e || c->request->verb == CNI_DEL ? e : check_container(c);
}

static const struct cni_error *read_config(struct arena *a, const char *text,
					   struct json_object **ret_config)
{
	struct err *e = json_parse(text, strlen(text), ret_config);

	if (e)
		return cni_error_from(a, CNI_NOT_JSON,
				      err_wrap(e, "the network's configuration"));
	if (json_kind(*ret_config) != JSON_OBJECT)
		return cni_error_new(a, CNI_NOT_JSON, NULL,
				     "the network's configuration is no JSON object");
	return NULL;
}

static void init(struct cni_request *request, const struct call *c, const char *text)
{
	*request = (struct cni_request){
		.want = {.engine = "cni",
			 .network = "",
			 .container = "",
			 .ifname = "",
			 .netns = "",
			 .master = "",
			 .pool = ""},
		.ipam = "",
		.path = variable(c, "CNI_PATH"),
		.db = "",
		.text = text,
	};
}

const struct cni_error *cni_read(struct arena *a, cni_variable_fn *variable_fn,
				 const char *text, struct json_object **ret_config,
				 const char **ret_version,
				 struct cni_request *ret_request)
{
	struct call c = {.a = a, .variable = variable_fn, .request = ret_request};
	const struct cni_error *e;
	const char *ip = NULL;

	*ret_config = NULL;
	*ret_version = cni_version_names[CNI_N_VERSIONS - 1];
	init(ret_request, &c, text);
	e = read_verb(&c);
	/* Whatever is on standard input. */
	if (e || ret_request->verb == CNI_VERSIONS)
		return e;
	e = read_config(a, text, ret_config);
	c.config = *ret_config;
	if (!e)
		e = read_version(&c, ret_version);
	if (!e)
		e = check_since(&c);
	if (!e)
		e = read_network(&c);
	if (!e)
		e = read_container(&c);
	if (!e)
		e = cni_args_read(a, variable(&c, "CNI_ARGS"), ret_request, &ip);
	return e ? e : cni_config_read(a, c.config, ip, ret_request);
}
