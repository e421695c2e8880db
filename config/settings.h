/* Host.other_config: the settings of ipvld. Keys of other programs belong into
 * external_ids; an unknown key here is refused as a mistyped one. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds between two checks of the masters' modes and flags; 0: never. */
#define SETTING_PORT_WATCH           "port-watch"
#define SETTING_PORT_WATCH_DEFAULT_S 5
#define SETTING_PORT_WATCH_MAX_S     86400

/* "keep": devices with our mark that no row wants are left alone. ipvld sets it if its
 * database was lost and the devices were not. */
#define SETTING_LEFTOVERS      "leftovers"
#define SETTING_LEFTOVERS_KEEP "keep"

/* "off": addresses that appear, move or are repaired are not announced. "on" is the
 * default. */
#define SETTING_ANNOUNCE     "announce"
#define SETTING_ANNOUNCE_ON  "on"
#define SETTING_ANNOUNCE_OFF "off"

/* ERR_CONSTRAINT for an unknown key or value, unless 'old' (NULL: nothing) has the
 * same pair: what an earlier version wrote may stay. */
struct err *settings_check(const struct datum *old, const struct datum *new) MUST_CHECK;

/* The value; the default if there is none, or a wrong one (from a server without our
 * validator). */
int64_t settings_port_watch_s(const struct datum *other_config);
bool settings_keep_leftovers(const struct datum *other_config);
bool settings_announce(const struct datum *other_config);

#endif
