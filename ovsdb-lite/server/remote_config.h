/* A remote of the server as on the command line: ADDRESS[,KEY=VALUE]... */
#ifndef OVSDB_REMOTE_CONFIG_H
#define OVSDB_REMOTE_CONFIG_H 1

#include "lib/err.h"
#include "lib/stream_address.h"

#include <stdint.h>
#include <sys/types.h>

/* The default group of unix sockets, if it exists and the process may give it a file. */
#define REMOTE_SOCKET_GROUP "ipvl"

/* Of the inactivity probe; the default, as ovsdb-server's, on all but unix sockets. */
#define REMOTE_DEFAULT_PROBE_MS 5000
#define REMOTE_MIN_PROBE_MS     100
#define REMOTE_MAX_PROBE_MS     (24 * 3600 * 1000)

struct remote_config {
	char *address; /* as in stream_address.h; a path has no comma */
	enum stream_kind kind;
	bool is_passive;
	/* "role": of clients whose certificate has none of its own (--subject-role); ""
	 * if there is none. */
	char *role;
	/* "inactivity-probe": after this time without input the client gets an `echo`,
	 * and is disconnected after this time again; 0: never. */
	int64_t probe_ms;
	/* Of punix: only. */
	mode_t mode; /* "mode", octal */
	char *group; /* "group", a name; NULL if not given */
};

/* ERR_INVALID in a sentence that begins with the text. */
struct err *remote_config_parse(const char *text,
				struct remote_config *ret_config) MUST_CHECK;
void remote_config_clear(struct remote_config *config);

#endif
