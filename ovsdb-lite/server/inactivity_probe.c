/* Whether a silent client lives (ovsdb-server(1) "inactivity probe", RFC 7047 4.1.11): it
 * is asked by an `echo`, and cut off if that brings nothing either. Beside it: session.c
 * tells what it hears. A client that does not read its replies is session.c's affair. */
#include "ovsdb-lite/server/session.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

/* The id of our requests, as ovsdb-server has it. */
#define PROBE_ID "echo"

/* Silence that is our own doing, or that of a client busy with what we sent. */
static bool is_excused(struct session *s)
{
	size_t unsent = stream_unsent_bytes(s->stream);
	bool is_reading = unsent && unsent != s->probe.unsent_bytes;

	s->probe.unsent_bytes = unsent;
	return s->n_inbox || is_reading;
}

static void on_silence(void *aux)
{
	struct session *s = aux;
	int64_t silent_ms;

	if (s->is_aborted)
		return;
	if (is_excused(s))
		inactivity_probe_heard(s);
	silent_ms = loop_now_ms() - s->probe.heard_ms;
	if (silent_ms < s->probe.interval_ms) {
		loop_timer_set(s->probe.timer, s->probe.interval_ms - silent_ms);
	} else if (!s->probe.is_asked) {
		s->probe.is_asked = true;
		s->probe.n_unanswered++;
		loop_timer_set(s->probe.timer, s->probe.interval_ms);
		session_request(s, "echo", json_array(), json_string(PROBE_ID));
	} else {
		session_abort(s, "it is silent and does not answer");
	}
}

void inactivity_probe_start(struct session *s, int64_t interval_ms)
{
	if (!interval_ms)
		return;
	s->probe.interval_ms = interval_ms;
	s->probe.heard_ms = loop_now_ms();
	s->probe.timer = loop_timer_new(s->server->loop, on_silence, s);
	loop_timer_set(s->probe.timer, interval_ms);
}

void inactivity_probe_stop(struct session *s)
{
	loop_timer_free(STEAL(s->probe.timer));
}

/* The timer is left as it is, and finds out when it fires. */
void inactivity_probe_heard(struct session *s)
{
	if (!s->probe.timer)
		return;
	s->probe.heard_ms = loop_now_ms();
	s->probe.is_asked = false;
}

bool inactivity_probe_takes(struct session *s, const struct json_object *id)
{
	if (!s->probe.n_unanswered || json_kind(id) != JSON_STRING ||
	    strcmp(json_get_string(id), PROBE_ID) != 0)
		return false;
	s->probe.n_unanswered--;
	return true;
}
