/* Host.other_config: what can be set of the daemon. Keys that are not known here are left
 * alone, as OVSDB's habit is. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H 1

#include "lib/err.h"
#include "ovsdb-lite/datum.h"

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

/* ERR_CONSTRAINT for a value that means nothing. */
struct err *settings_check(const struct datum *other_config) MUST_CHECK;

/* The value, or the default where there is none or (from a server without our validator)
 * a wrong one. */
int64_t settings_port_watch_s(const struct datum *other_config);
bool settings_keep_leftovers(const struct datum *other_config);

#endif
