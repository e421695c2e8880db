/* The default limits; docs/man/ovsdb-lite.8.scd has the options that change them. */
#include "ovsdb-lite/server/server_limits.h"

#include "ovsdb-lite/exec/exec.h"

const struct server_limits server_limits_default = {
	.max_sessions = 500,
	.max_message_bytes = 64 << 20,
	.max_parsed_bytes = 256 << 20,
	.max_kept_bytes = 32 << 20,
	.max_kept_sum_bytes = 256 << 20,
	.max_work = EXEC_MAX_WORK,
	/* One request with the most values, and space for those of other clients. */
	.max_partial_bytes = 384 << 20,
	.max_unsent_bytes = 16 << 20,
	.max_unsent_sum_bytes = 256 << 20,
	.send_timeout_ms = 60 * 1000,
};
