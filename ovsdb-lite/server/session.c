/* The life of a session between session_new() and session_free(): how it ends. */
#include "ovsdb-lite/server/session.h"

#include "lib/alloc.h"
#include "lib/log.h"

#include <utlist.h>

void session_abort(struct session *s, const char *why)
{
	if (s->is_aborted)
		return;
	log_event(LOG_LEVEL_DEBUG, "client_gone", "peer=\"%s\" pid=%lld reason=\"%s\"",
		  s->name ? s->name : "unix", (long long)s->origin.pid, why);
	s->is_aborted = true;
	share_clear(&s->share);
	stream_free(STEAL(s->stream));
	remote_lost(s->remote);
	loop_timer_clear(s->send_timeout);
	if (s->is_queued)
		DL_DELETE2(s->common->backlog, s, prev_backlog, next_backlog);
	if (s->is_fresh)
		DL_DELETE2(s->common->fresh, s, prev_backlog, next_backlog);
	s->is_queued = s->is_fresh = false;
	loop_timer_set(s->common->reaper, 0);
}

void session_end(struct session *s)
{
	s->is_ending = true;
	stream_pause(s->stream);
}
