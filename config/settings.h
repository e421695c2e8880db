/* Host.other_config: what can be set of the daemon. Other programs' keys belong into
 * external_ids: a key that is not known here is a mistyped one. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds between two looks at the masters' modes and flags; 0: never. */
#define SETTING_PORT_WATCH           "port-watch"
#define SETTING_PORT_WATCH_DEFAULT_S 5
#define SETTING_PORT_WATCH_MAX_S     86400

/* "keep": devices with our mark that no row wants are left alone. Set by ipvld where its
 * database was lost and the devices were not. */
#define SETTING_LEFTOVERS      "leftovers"
#define SETTING_LEFTOVERS_KEEP "keep"

/* ERR_CONSTRAINT for a key or value that means nothing, as far as 'old' (NULL: nothing)
 * does not have the same pair: what a row has had since an earlier version may stay. */
struct err *settings_check(const struct datum *old, const struct datum *new) MUST_CHECK;

/* The value, or the default where there is none or (from a server without our validator)
 * a wrong one. */
int64_t settings_port_watch_s(const struct datum *other_config);
bool settings_keep_leftovers(const struct datum *other_config);

#endif
