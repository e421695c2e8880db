/* The keys of Host.other_config. valid_txn.c refuses wrong values, reconciler/ reads the
 * right ones. */
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

struct err *settings_check(const struct datum *other_config)
{
	const char *watch = find(other_config, SETTING_PORT_WATCH);
	const char *leftovers = find(other_config, SETTING_LEFTOVERS);
	uint64_t seconds;

	if (watch && !parse_port_watch(watch, &seconds))
		return err_hint(err_new(ERR_CONSTRAINT, "%s=%s is no number of seconds",
					SETTING_PORT_WATCH, watch),
				"give 0 (off) to %d", SETTING_PORT_WATCH_MAX_S);
	if (leftovers && strcmp(leftovers, SETTING_LEFTOVERS_KEEP) != 0)
		return err_hint(err_new(ERR_CONSTRAINT, "%s=%s means nothing",
					SETTING_LEFTOVERS, leftovers),
				"it is %s, or not set", SETTING_LEFTOVERS_KEEP);
	return NULL;
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
