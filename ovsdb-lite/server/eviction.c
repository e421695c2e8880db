/* Who gives way where seats or memory run short. Beside it: server.c admits, session*.c
 * count. Not here: what one client alone may have, which is theirs. */
#include "ovsdb-lite/server/share.h"

#include "ovsdb-lite/server/session.h"

#include <assert.h>
#include <unistd.h>
#include <utlist.h>

void share_set(struct share *s, enum share_kind kind, size_t n)
{
	size_t before = s->used[kind];

	for (; s; s = s->parent) {
		assert(s->used[kind] >= before);
		s->used[kind] += n - before;
	}
}

void share_clear(struct share *s)
{
	for (enum share_kind kind = 0; kind < SHARE_N; kind++)
		share_set(s, kind, 0);
}

struct share *share_group(struct server *server, struct remote *remote,
			  const struct stream_peer *peer)
{
	bool is_privileged = remote_config(remote)->kind == STREAM_UNIX &&
			     peer->uid != (uid_t)-1 &&
			     (!peer->uid || peer->uid == geteuid());

	return is_privileged ? &server->privileged : remote_share(remote);
}

/* --- seats --- */

/* One that loses nothing if it must connect anew, in no smaller a group than 'group', and
 * in that itself only if there is no larger one. The one that is silent for longest. */
static struct session *find_idle(const struct server *server, const struct share *group,
				 bool has_larger)
{
	struct session *s;

	DL_FOREACH (server->sessions, s) {
		const struct share *other = s->share.parent;

		if (s->is_aborted || (other->is_privileged && !group->is_privileged) ||
		    (other == group && has_larger))
			continue;
		if (other->used[SHARE_SEATS] >= group->used[SHARE_SEATS] &&
		    session_is_dispensable(s))
			return s;
	}
	return NULL;
}

/* The remote whose clients have most of it, but for the privileged; NULL if none has any.
 */
static const struct share *find_largest(const struct server *server, enum share_kind kind,
					const struct share *asker, size_t more)
{
	const struct share *largest = NULL;
	size_t n_largest = 0;

	for (size_t i = 0; i < server->n_remotes; i++) {
		const struct share *group = remote_share(server->remotes[i]);
		size_t n = group->used[kind] + (group == asker ? more : 0);

		if (n > n_largest) {
			largest = group;
			n_largest = n;
		}
	}
	return largest;
}

static struct session *find_newest(const struct server *server, const struct share *group)
{
	struct session *newest = NULL, *s;

	DL_FOREACH (server->sessions, s) {
		if (!s->is_aborted && s->share.parent == group &&
		    (!newest || s->number > newest->number))
			newest = s;
	}
	return newest;
}

/* Those who came first stay: they are more likely to be the ones for whom the remote was
 * made. */
static struct session *find_who_yields(const struct server *server,
				       const struct share *group)
{
	const struct share *largest = find_largest(server, SHARE_SEATS, NULL, 0);
	/* One more here and one less there must not be the same the other way round. */
	bool has_larger = largest && largest != group &&
			  largest->used[SHARE_SEATS] >= group->used[SHARE_SEATS] + 2;
	struct session *idle = find_idle(server, group, has_larger);

	if (idle)
		return idle;
	if (largest && (has_larger || group->is_privileged))
		return find_newest(server, largest);
	return NULL;
}

bool eviction_make_seat(struct server *server, const struct share *group)
{
	struct session *s;

	if (server->all.used[SHARE_SEATS] < server->limits.max_sessions)
		return true;
	s = find_who_yields(server, group);
	if (s)
		session_abort(s, "too many clients, and of this remote the most");
	return s || group->is_privileged;
}

/* --- memory --- */

/* Of several with the same, the one that wants still more. */
static struct session *find_most(const struct server *server, const struct share *group,
				 enum share_kind kind, const struct session *asker,
				 size_t more)
{
	struct session *most = NULL, *s;
	size_t n_most = 0;

	DL_FOREACH (server->sessions, s) {
		size_t n = s->share.used[kind] + (s == asker ? more : 0);

		if (s->is_aborted || s->share.parent != group || n < n_most ||
		    (n == n_most && s != asker))
			continue;
		most = s;
		n_most = n;
	}
	return most;
}

struct session *eviction_find_worst(const struct server *server, enum share_kind kind,
				 const struct session *asker, size_t more)
{
	const struct share *group =
		find_largest(server, kind, asker ? asker->share.parent : NULL, more);

	return find_most(server, group ? group : &server->privileged, kind, asker, more);
}

/* What was counted is from when it was last written to: much may have been read since. */
static void count_unsent(struct server *server)
{
	struct session *s;

	DL_FOREACH (server->sessions, s)
		if (!s->is_aborted)
			share_set(&s->share, SHARE_UNSENT, session_unsent_bytes(s));
}

void eviction_relieve_unsent(struct server *server)
{
	struct session *worst;

	if (server->all.used[SHARE_UNSENT] <= server->limits.max_unsent_sum_bytes)
		return;
	count_unsent(server);
	while (server->all.used[SHARE_UNSENT] > server->limits.max_unsent_sum_bytes &&
	       (worst = eviction_find_worst(server, SHARE_UNSENT, NULL, 0)))
		session_abort(worst, "too many bytes of unread replies of all clients");
}
