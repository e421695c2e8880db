/* Who is disconnected when seats or memory run short. */
#include "ovsdb-lite/server/eviction.h"

#include "ovsdb-lite/server/session_out.h"

#include <utlist.h>

/* --- seats --- */

/* No monitor, lock, waiting transaction or unread reply: the client loses nothing if it
 * must connect again. */
static bool is_dispensable(const struct session *s)
{
	return !s->watches && !s->waiting && !s->task && !session_unsent_bytes(s) &&
	       !lock_has_any(s->common->locks, s);
}

/* A dispensable one, of a group as large as 'group' or larger; of 'group' itself only if
 * there is no larger one. The one whose last request is oldest. */
static struct session *find_idle(const struct session_common *common,
				 const struct share *group, bool has_larger)
{
	struct session *s;

	DL_FOREACH (common->sessions, s) {
		const struct share *other = s->share.parent;

		if (s->is_aborted || (other->is_privileged && !group->is_privileged) ||
		    (other == group && has_larger))
			continue;
		if (other->used[SHARE_SEATS] >= group->used[SHARE_SEATS] &&
		    is_dispensable(s))
			return s;
	}
	return NULL;
}

/* The remote whose clients use most, without the privileged; NULL if none uses any. */
static const struct share *find_largest(const struct session_common *common,
					enum share_kind kind, const struct share *asker,
					size_t more)
{
	const struct share *largest = NULL;
	size_t n_largest = 0;

	for (size_t i = 0; i < common->n_remotes; i++) {
		const struct share *group = remote_share(common->remotes[i]);
		size_t n = group->used[kind] + (group == asker ? more : 0);

		if (n > n_largest) {
			largest = group;
			n_largest = n;
		}
	}
	return largest;
}

static struct session *find_newest(const struct session_common *common,
				   const struct share *group)
{
	struct session *newest = NULL, *s;

	DL_FOREACH (common->sessions, s) {
		if (!s->is_aborted && s->share.parent == group &&
		    (!newest || s->number > newest->number))
			newest = s;
	}
	return newest;
}

/* The oldest sessions stay: the remote is more likely to be meant for them. */
static struct session *find_victim(const struct session_common *common,
				   const struct share *group)
{
	const struct share *largest = find_largest(common, SHARE_SEATS, NULL, 0);
	/* By 2: or two groups would take the same seat from each other in turn. */
	bool has_larger = largest && largest != group &&
			  largest->used[SHARE_SEATS] >= group->used[SHARE_SEATS] + 2;
	struct session *idle = find_idle(common, group, has_larger);

	if (idle)
		return idle;
	if (largest && (has_larger || group->is_privileged))
		return find_newest(common, largest);
	return NULL;
}

bool eviction_make_seat(struct session_common *common, const struct share *group)
{
	struct session *s;

	if (common->all.used[SHARE_SEATS] < common->limits.max_sessions)
		return true;
	s = find_victim(common, group);
	if (s)
		session_abort(s, "too many clients, and of this remote the most");
	return s || group->is_privileged;
}

/* --- memory --- */

/* Of several with the same number, the asker. */
static struct session *find_most(const struct session_common *common,
				 const struct share *group, enum share_kind kind,
				 const struct session *asker, size_t more)
{
	struct session *most = NULL, *s;
	size_t n_most = 0;

	DL_FOREACH (common->sessions, s) {
		size_t n = s->share.used[kind] + (s == asker ? more : 0);

		if (s->is_aborted || s->share.parent != group || n < n_most ||
		    (n == n_most && s != asker))
			continue;
		most = s;
		n_most = n;
	}
	return most;
}

struct session *eviction_find_worst(const struct session_common *common,
				    enum share_kind kind, const struct session *asker,
				    size_t more)
{
	const struct share *group =
		find_largest(common, kind, asker ? asker->share.parent : NULL, more);

	return find_most(common, group ? group : &common->privileged, kind, asker, more);
}

/* The counts are of the last write: much may have been read since. */
static void count_unsent(struct session_common *common)
{
	struct session *s;

	DL_FOREACH (common->sessions, s)
		if (!s->is_aborted)
			share_set(&s->share, SHARE_UNSENT, session_unsent_bytes(s));
}

void eviction_relieve_unsent(struct session_common *common)
{
	struct session *worst;

	if (common->all.used[SHARE_UNSENT] <= common->limits.max_unsent_sum_bytes)
		return;
	count_unsent(common);
	while (common->all.used[SHARE_UNSENT] > common->limits.max_unsent_sum_bytes &&
	       (worst = eviction_find_worst(common, SHARE_UNSENT, NULL, 0)))
		session_abort(worst, "too many bytes of unread replies of all clients");
}
