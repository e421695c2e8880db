/* Reads the text of a remote: its address, then role, inactivity probe, mode and group. */
#include "ovsdb-lite/server/remote_config.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_MODE 0660

static struct err *take_role(struct remote_config *config, const char *value)
{
	if (!*value)
		return err_hint(err_new(ERR_INVALID, "role= is empty"),
				"write role=NAME");
	free(config->role);
	config->role = xstrdup(value);
	return NULL;
}

static struct err *take_probe(struct remote_config *config, const char *value)
{
	uint64_t ms;

	if (!text_to_uint(value, 0, REMOTE_MAX_PROBE_MS, &ms) ||
	    (ms && ms < REMOTE_MIN_PROBE_MS))
		return err_new(ERR_INVALID,
			       "inactivity-probe=%s: give milliseconds from %d to %d, or "
			       "0 for never",
			       value, REMOTE_MIN_PROBE_MS, REMOTE_MAX_PROBE_MS);
	config->probe_ms = (int64_t)ms;
	return NULL;
}

static struct err *want_punix(const struct remote_config *config, const char *key)
{
	if (config->kind == STREAM_UNIX && config->is_passive)
		return NULL;
	return err_new(ERR_INVALID, "only punix: takes %s=", key);
}

static struct err *take_mode(struct remote_config *config, const char *value)
{
	struct err *e = want_punix(config, "mode");

	if (e)
		return e;
	if (!*value || strlen(value) > 4 || value[strspn(value, "01234567")] ||
	    strtoul(value, NULL, 8) > 0777)
		return err_new(ERR_INVALID, "mode=%s: give an octal mode, such as 0660",
			       value);
	config->mode = (mode_t)strtoul(value, NULL, 8);
	return NULL;
}

static struct err *take_group(struct remote_config *config, const char *value)
{
	struct err *e = want_punix(config, "group");

	if (e)
		return e;
	if (!*value)
		return err_hint(err_new(ERR_INVALID, "group= is empty"),
				"write group=NAME");
	free(config->group);
	config->group = xstrdup(value);
	return NULL;
}

static const struct key {
	const char *name;
	struct err *(*take)(struct remote_config *config, const char *value);
} keys[] = {
	{"role", take_role},
	{"inactivity-probe", take_probe},
	{"mode", take_mode},
	{"group", take_group},
};

/* 'text' is changed. */
static struct err *take_key(struct remote_config *config, char *text)
{
	char *value = strchr(text, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(text, keys[i].name) && value)
			return keys[i].take(config, value);
	}
	return err_hint(
		err_new(ERR_INVALID,
			value ? "unknown option \"%s\"" : "\"%s\" has no value", text),
		"an address may have role=NAME and inactivity-probe=MILLISECONDS, and "
		"punix: also mode=MODE and group=NAME");
}

static struct err *parse(char *text, struct remote_config *config)
{
	char *rest = text, *key;
	struct stream_address a;
	struct err *e;

	config->address = xstrdup(strsep(&rest, ","));
	e = stream_address_parse(config->address, &a);
	if (e)
		return e;
	config->kind = a.kind;
	config->is_passive = a.is_passive;
	config->probe_ms = a.kind == STREAM_UNIX ? 0 : REMOTE_DEFAULT_PROBE_MS;
	while (!e && (key = strsep(&rest, ",")))
		e = take_key(config, key);
	return e ? err_at(e, "%s", config->address) : NULL;
}

struct err *remote_config_parse(const char *text, struct remote_config *ret_config)
{
	struct remote_config config = {.role = xstrdup(""), .mode = DEFAULT_MODE};
	CLEANUP(freep) char *copy = xstrdup(text);
	struct err *e = parse(copy, &config);

	if (e)
		remote_config_clear(&config);
	else
		*ret_config = config;
	return e;
}

void remote_config_clear(struct remote_config *config)
{
	free(config->address);
	free(config->role);
	free(config->group);
	*config = (struct remote_config){0};
}
