/* Networks. Docker sends one once and never again, so that its request is kept in the database, in
 * external_ids of the host's row (docs/decisions/0022-a-network-of-docker-is-an-entry.md). */
#include "engines/docker/docker_network.h"

#include "config/rows.h"
#include "config/rows_engine.h"
#include "engines/docker/docker_call.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <stdlib.h>
#include <string.h>

static const char *const data_keys[] = {"IPv4Data", "IPv6Data"};

static const struct json_object *generic(const struct json_object *request)
{
	const struct json_object *options = json_member(request, "Options");

	return json_kind(options) == JSON_OBJECT
		       ? json_member(options, "com.docker.network.generic")
		       : NULL;
}

/* Docker before 28 wants an address for a gateway even where there is none: an IPAM driver may
 * give it that of the subnet, which no device has. */
static struct err *read_gateway(const struct json_object *data, struct ip_addr *ret)
{
	const char *gateway = json_member_text(data, "Gateway");
	struct ip_prefix p, subnet;
	struct err *e;

	if (!*gateway)
		return NULL;
	e = ip_prefix_parse(gateway, &p);
	if (e)
		return err_at(e, "Gateway");
	subnet = ip_prefix_network(&p);
	if (ip_addr_cmp(&subnet.addr, &p.addr) != 0)
		*ret = p.addr;
	return NULL;
}

struct err *docker_network_read(struct arena *a, const char *id,
				const struct json_object *request,
				struct docker_network *ret)
{
	const struct json_object *options = json_member(request, "Options"), *internal;
	struct docker_network n = {.id = id};
	struct err *e = docker_options_read(a, generic(request), &n.options);

	internal = json_kind(options) == JSON_OBJECT
			   ? json_member(options, "com.docker.network.internal")
			   : NULL;
	n.is_internal = json_kind(internal) == JSON_BOOLEAN && json_get_boolean(internal);
	for (size_t i = 0; !e && i < ARRAY_SIZE(data_keys); i++) {
		const struct json_object *data = json_member(request, data_keys[i]);

		n.has_family[i] = json_kind(data) == JSON_ARRAY && json_get_length(data);
		if (n.has_family[i])
			e = read_gateway(json_at(data, 0), &n.gateways[i]);
	}
	if (!e)
		*ret = n;
	return e;
}

/* --- in the database --- */

struct err *docker_network_find(const struct attachment_edit *edit, struct arena *a,
				const char *id, struct docker_network *ret)
{
	const struct row *host = rows_find_host(edit->c, edit->txn, NULL);
	const char *key = rows_engine_network_key(a, DOCKER_ENGINE, id);
	const struct datum *d =
		host ? txn_get(edit->txn, host, edit->c->host.external_ids) : NULL;
	CLEANUP(json_freep) struct json_object *request = NULL;
	struct err *e;

	for (uint32_t i = 0; d && i < d->n; i++) {
		const char *text = datum_values(d)[i].string;

		if (strcmp(datum_keys(d)[i].string, key) != 0)
			continue;
		e = json_parse(text, strlen(text), &request);
		return e ? err_at(e, "external_ids:%s", key)
			 : docker_network_read(a, arena_strdup(a, id), request, ret);
	}
	return err_hint(err_new(ERR_NOT_FOUND,
				"network %s is not in the database of ipvld (any more)",
				docker_call_short_id(a, id)),
			"remove it by `docker network rm`, and create it again");
}

static void change(const struct attachment_edit *edit, struct arena *a, const char *id,
		   const char *text)
{
	const struct column_schema *c = edit->c->host.external_ids;
	struct row *host = rows_ensure_host(edit->c, edit->txn, NULL);
	struct datum d, one;

	datum_init_empty(&one);
	datum_append(&one,
		     (union atom){.string = xstrdup(
					  rows_engine_network_key(a, DOCKER_ENGINE, id))},
		     &(union atom){.string = xstrdup(text)});
	datum_copy(&d, txn_get(edit->txn, host, c), &c->type);
	datum_subtract(&d, &one, &c->type, false);
	if (*text)
		datum_union(&d, &one, &c->type);
	datum_clear(&one, &c->type);
	txn_set(edit->txn, host, c, &d);
}

void docker_network_put(const struct attachment_edit *edit, struct arena *a,
			const char *id, const struct json_object *request)
{
	CLEANUP(json_freep) struct json_object *kept = json_object();
	static const char *const keys[] = {"Options", "IPv4Data", "IPv6Data"};
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct json_object *v = json_member(request, keys[i]);

		if (v)
			json_put(kept, keys[i], json_copy(v));
	}
	text = json_text(kept);
	change(edit, a, id, text);
	free(text);
}

void docker_network_remove(const struct attachment_edit *edit, struct arena *a,
			   const char *id)
{
	change(edit, a, id, "");
}

/* --- its endpoints --- */

struct attachment docker_network_attachment(struct arena *a,
					    const struct docker_network *n)
{
	return (struct attachment){
		.engine = DOCKER_ENGINE,
		.network = docker_call_short_id(a, n->id),
		.container = "",
		.ifname = "",
		.netns = "",
		.master = n->options.parent,
		.is_handed_over = true,
		.has_mode = true,
		.has_flag = true,
		.mode = n->options.mode,
		.flag = n->options.flag,
		.vlan = n->options.vlan,
		.host_access = n->options.host_access,
		.has_host_access = n->options.has_host_access,
		.pool = "",
		.is_addressed = true,
	};
}
