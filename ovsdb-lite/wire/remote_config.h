/* A remote of the server as a command line writes it: ADDRESS[,KEY=VALUE]... */
#ifndef OVSDB_REMOTE_CONFIG_H
#define OVSDB_REMOTE_CONFIG_H 1

#include "lib/err.h"
#include "lib/stream_address.h"

#include <stdint.h>
#include <sys/types.h>

/* As ovsdb-server asks, on everything but unix sockets. */
#define REMOTE_DEFAULT_PROBE_MS 5000
#define REMOTE_MIN_PROBE_MS     100
#define REMOTE_MAX_PROBE_MS     (24 * 3600 * 1000)

struct remote_config {
	char *address; /* any of stream_address.h's; a path has no comma */
	enum stream_kind kind;
	bool is_passive;
	char *role; /* "role": of clients whose certificate gives none; "" if none */
	int64_t probe_ms; /* "inactivity-probe": a client that was silent for so long is
			   * asked whether it lives, and cut off after that time again;
			   * 0: never */
	/* Of punix: alone. */
	mode_t mode; /* "mode", octal */
	char *group; /* "group", a name; NULL if not given */
};

/* ERR_INVALID in a sentence that begins with the text. */
struct err *remote_config_parse(const char *text,
				struct remote_config *ret_config) MUST_CHECK;
void remote_config_clear(struct remote_config *config);

#endif
