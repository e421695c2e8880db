/* The memory of requests that outlive their reply, of monitors and waiting transactions:
 * bounded for one client, and for all together. */
#include "ovsdb-lite/server/session_keep.h"

#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/server/eviction.h"

/* Makes room for 'more' bytes that 's' will keep. */
static struct err *make_room_to_keep(struct session *s, size_t more)
{
	struct session_common *common = s->common;
	size_t max = common->limits.max_kept_sum_bytes;

	while (common->all.used[SHARE_KEPT] + more > max) {
		struct session *worst = eviction_find_worst(common, SHARE_KEPT, s, more);

		if (worst == s)
			return err_new(ERR_RESOURCES,
				       "the monitors and waiting transactions of all "
				       "clients would take more than %zu bytes",
				       max);
		session_abort(worst, "it keeps more than others that need some");
	}
	return NULL;
}

struct err *session_keep(struct session *s, size_t *kept_bytes)
{
	size_t n = json_stream_tree_bytes(s->parser), kept = s->share.used[SHARE_KEPT];
	struct err *e;

	if (n <= *kept_bytes)
		return NULL;
	if (kept - *kept_bytes + n > s->common->limits.max_kept_bytes)
		return err_new(ERR_RESOURCES,
			       "this client's monitors and waiting transactions would "
			       "take more than %zu bytes",
			       s->common->limits.max_kept_bytes);
	e = make_room_to_keep(s, n - *kept_bytes);
	if (e)
		return e;
	share_set(&s->share, SHARE_KEPT, kept - *kept_bytes + n);
	*kept_bytes = n;
	return NULL;
}

void session_release_kept(struct session *s, size_t kept_bytes)
{
	if (!s->is_aborted)
		share_set(&s->share, SHARE_KEPT, s->share.used[SHARE_KEPT] - kept_bytes);
}
