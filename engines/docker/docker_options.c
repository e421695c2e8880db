/* Options by the keys that users of Docker's own driver have in their files. An unknown one is an
 * error: what is ignored in silence is found much later. */
#include "engines/docker/docker_options.h"

#include "config/canon.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VLAN_MAX 4094
#define ENDPOINT "com.docker.network.endpoint."

/* --- of a network --- */

/* "eth0.10" is VLAN 10 of eth0, as for Docker's own driver. */
static struct err *read_parent(struct arena *a, const char *value,
			       struct docker_options *o)
{
	const char *dot = strrchr(value, '.');
	char *end = NULL;
	unsigned long id;
	struct err *e = canon_check_ifname(value);

	if (e)
		return err_at(e, "option parent");
	o->parent = arena_strdup(a, value);
	if (!dot || dot == value || dot[1] < '1' || dot[1] > '9')
		return NULL;
	errno = 0;
	id = strtoul(dot + 1, &end, 10);
	if (errno || *end || id > VLAN_MAX)
		return NULL;
	o->parent = arena_printf(a, "%.*s", (int)(dot - value), value);
	o->vlan = (uint16_t)id;
	return NULL;
}

static struct err *read_mode(struct arena *a, const char *value, struct docker_options *o)
{
	(void)a;
	if (model_mode_from_name(value, &o->mode) && o->mode != MODEL_MODE_PASSTHRU)
		return NULL;
	return err_new(ERR_INVALID,
		       "option ipvlan_mode is \"%s\", and has to be l2, l3 or l3s",
		       value);
}

static struct err *read_flag(struct arena *a, const char *value, struct docker_options *o)
{
	(void)a;
	if (model_flag_from_name(value, &o->flag))
		return NULL;
	return err_new(ERR_INVALID,
		       "option ipvlan_flag is \"%s\", and has to be bridge, private or "
		       "vepa",
		       value);
}

static struct err *read_host_access(struct arena *a, const char *value,
				    struct docker_options *o)
{
	struct err *e = NULL;

	(void)a;
	o->has_host_access = strcmp(value, "false") != 0;
	if (o->has_host_access && strcmp(value, "true") != 0)
		e = ip_addr_parse(value, &o->host_access);
	if (!e)
		return NULL;
	err_free(e);
	return err_new(
		ERR_INVALID,
		"option host_access is \"%s\", and has to be true, false or a free "
		"address of the network",
		value);
}

static const struct option {
	const char *key;
	struct err *(*read)(struct arena *a, const char *value, struct docker_options *o);
} options[] = {
	{"parent", read_parent},
	{"ipvlan_mode", read_mode},
	{"ipvlan_flag", read_flag},
	{"host_access", read_host_access},
};

static struct err *read_one(struct arena *a, const char *key, const char *value,
			    struct docker_options *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (!strcmp(options[i].key, key))
			return options[i].read(a, value, o);
	}
	return err_hint(err_new(ERR_INVALID, "no such option: %s", key),
			"the options are parent, ipvlan_mode, ipvlan_flag and "
			"host_access");
}

struct err *docker_options_read(struct arena *a, const struct json_object *from,
				struct docker_options *ret_options)
{
	struct docker_options o = {
		.parent = "", .mode = MODEL_MODE_L2, .flag = MODEL_FLAG_BRIDGE};
	struct err *e = NULL;

	if (json_kind(from) == JSON_OBJECT) {
		for (struct json_iter i = json_iter_begin(from);
		     !e && json_iter_next(&i);) {
			const char *value = json_kind(i.value) == JSON_STRING
						    ? json_get_string(i.value)
						    : "";

			e = read_one(a, i.name, value, &o);
		}
	}
	if (!e && !*o.parent)
		e = err_hint(err_new(ERR_INVALID, "the network has no parent"),
			     "name the card that the containers share, as in `-o "
			     "parent=eth0`");
	if (!e)
		*ret_options = o;
	return e;
}

/* --- of an endpoint --- */

static struct err *check_port(const char *key, const struct json_object *value)
{
	if (strcmp(key, ENDPOINT "portmap") != 0 &&
	    strcmp(key, "com.docker.network.portmap") != 0)
		return NULL;
	if (json_kind(value) != JSON_ARRAY || !json_get_length(value))
		return NULL;
	return err_hint(err_new(ERR_UNSUPPORTED,
				"ports cannot be published on a network of ipvl: the "
				"container has an address of its own, and is reached at "
				"that"),
			"leave out -p, or `ports:`");
}

static struct err *no_mac(void)
{
	return err_hint(err_new(ERR_UNSUPPORTED, "a container on a network of ipvl has "
						 "the MAC address of its parent, and "
						 "cannot have another one"),
			"leave out --mac-address");
}

struct err *docker_options_check_endpoint(const struct json_object *from, const char *mac)
{
	struct err *e = *mac ? no_mac() : NULL;

	if (json_kind(from) != JSON_OBJECT)
		return e;
	for (struct json_iter i = json_iter_begin(from); !e && json_iter_next(&i);) {
		if (!strcmp(i.name, ENDPOINT "macaddress"))
			e = no_mac();
		else if (strncmp(i.name, "com.docker.", strlen("com.docker.")) != 0)
			e = err_hint(err_new(ERR_INVALID, "no such option: %s", i.name),
				     "an endpoint of ipvl has none");
		else
			e = check_port(i.name, i.value);
	}
	return e;
}
