/* What one client may cost. A client that exceeds a limit is cut off, or its request is
 * refused; the others are not affected. */
#ifndef OVSDB_SERVER_LIMITS_H
#define OVSDB_SERVER_LIMITS_H 1

#include <stddef.h>
#include <stdint.h>

struct server_limits {
	/* At max_sessions a client of the remote with the most clients is cut off, or the
	 * new one is refused. Root and the server's own user on a unix socket are never
	 * refused (eviction.h). */
	size_t max_sessions;
	size_t max_message_bytes; /* of one request */
	size_t max_parsed_bytes;  /* of memory for the values of one request */
	/* Of memory for the requests behind one client's monitors and waiting
	 * transactions; above it they are answered with "resources exhausted". */
	size_t max_kept_bytes;
	/* The same for all clients together: the client with the most, of the remote with
	 * the most, is cut off. */
	size_t max_kept_sum_bytes;
	/* Of a transaction, in the units of exec_request.max_work; above it the operation
	 * is answered with "resources exhausted". */
	uint64_t max_work;
	/* Of memory for the incomplete requests of all clients together; as
	 * max_kept_sum_bytes. */
	size_t max_partial_bytes;
	size_t max_unsent_bytes;     /* of replies that one client does not read */
	size_t max_unsent_sum_bytes; /* of all clients together; as max_kept_sum_bytes */
	/* A client whose requests wait until it reads replies, and that reads nothing for
	 * this long, is cut off. */
	int64_t send_timeout_ms;
};

extern const struct server_limits server_limits_default;

#endif
