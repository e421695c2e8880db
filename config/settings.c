/* The keys of Host.other_config, and their values. */
#include "config/settings.h"

#include "lib/text.h"

#include <string.h>

/* NULL if it is not set. */
static const char *find(const struct datum *other_config, const char *key)
{
	const union atom *keys = datum_keys(other_config);

	for (uint32_t i = 0; i < other_config->n; i++) {
		if (!strcmp(keys[i].string, key))
			return datum_values(other_config)[i].string;
	}
	return NULL;
}

static bool parse_port_watch(const char *text, uint64_t *ret_seconds)
{
	return text_to_uint(text, 0, SETTING_PORT_WATCH_MAX_S, ret_seconds);
}

static struct err *unknown_key(const char *key)
{
	static const char *const keys[] = {SETTING_PORT_WATCH, SETTING_LEFTOVERS,
					   SETTING_ANNOUNCE, NULL};
	const char *nearest = text_nearest(key, keys);
	struct err *e = err_new(ERR_CONSTRAINT, "unknown key \"%s\"", key);

	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e,
				  "the keys are %s, %s and %s; those of other programs "
				  "go into external_ids",
				  SETTING_PORT_WATCH, SETTING_LEFTOVERS,
				  SETTING_ANNOUNCE);
}

static struct err *invalid_value(const char *key, const char *value)
{
	return err_new(ERR_CONSTRAINT, "invalid value: %s=%s", key, value);
}

static struct err *check_pair(const char *key, const char *value)
{
	uint64_t seconds;

	if (!strcmp(key, SETTING_PORT_WATCH)) {
		if (parse_port_watch(value, &seconds))
			return NULL;
		return err_hint(err_new(ERR_CONSTRAINT,
					"%s=%s is not a number of seconds", key, value),
				"give 0 (off) to %d", SETTING_PORT_WATCH_MAX_S);
	}
	if (!strcmp(key, SETTING_ANNOUNCE)) {
		if (!strcmp(value, SETTING_ANNOUNCE_ON) ||
		    !strcmp(value, SETTING_ANNOUNCE_OFF))
			return NULL;
		return err_hint(invalid_value(key, value), "it is %s or %s",
				SETTING_ANNOUNCE_ON, SETTING_ANNOUNCE_OFF);
	}
	if (strcmp(key, SETTING_LEFTOVERS) != 0)
		return unknown_key(key);
	if (!strcmp(value, SETTING_LEFTOVERS_KEEP))
		return NULL;
	return err_hint(invalid_value(key, value), "it is %s, or not set",
			SETTING_LEFTOVERS_KEEP);
}

struct err *settings_check(const struct datum *old, const struct datum *new)
{
	struct err *e = NULL;

	for (uint32_t i = 0; i < new->n && !e; i++) {
		const char *key = datum_keys(new)[i].string;
		const char *value = datum_values(new)[i].string;
		const char *before = old ? find(old, key) : NULL;

		if (!before || strcmp(before, value) != 0)
			e = check_pair(key, value);
	}
	return e;
}

int64_t settings_port_watch_s(const struct datum *other_config)
{
	const char *text = find(other_config, SETTING_PORT_WATCH);
	uint64_t seconds;

	return text && parse_port_watch(text, &seconds) ? (int64_t)seconds
							: SETTING_PORT_WATCH_DEFAULT_S;
}

bool settings_keep_leftovers(const struct datum *other_config)
{
	const char *text = find(other_config, SETTING_LEFTOVERS);

	return text && !strcmp(text, SETTING_LEFTOVERS_KEEP);
}

bool settings_announce(const struct datum *other_config)
{
	const char *text = find(other_config, SETTING_ANNOUNCE);

	return !text || strcmp(text, SETTING_ANNOUNCE_OFF) != 0;
}
