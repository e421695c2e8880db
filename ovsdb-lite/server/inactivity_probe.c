/* Whether a silent client is alive (ovsdb-server(1) "inactivity probe", RFC 7047 4.1.11):
 * it gets an `echo` request, and is disconnected if nothing comes after that either. A
 * client that does not read its replies has the send timeout instead. */
#include "ovsdb-lite/server/inactivity_probe.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/session_out.h"

#include <stdlib.h>
#include <string.h>

/* The id of our requests, as ovsdb-server's. */
#define PROBE_ID "echo"

struct inactivity_probe {
	struct loop_timer *timer;
	int64_t interval_ms, heard_ms;
	size_t unsent_bytes; /* at the last check */
	bool is_asked;       /* nothing was received since */
	unsigned int n_unanswered;
};

/* The server reads nothing from the client, or the client is busy reading replies. */
static bool is_excused(struct session *s)
{
	size_t unsent = stream_unsent_bytes(s->stream);
	bool is_reading = unsent && unsent != s->probe->unsent_bytes;

	s->probe->unsent_bytes = unsent;
	return s->n_inbox || is_reading;
}

static void on_silence(void *aux)
{
	struct session *s = aux;
	int64_t silent_ms;

	if (s->is_aborted)
		return;
	if (is_excused(s))
		inactivity_probe_note_input(s);
	silent_ms = clock_now_ms() - s->probe->heard_ms;
	if (silent_ms < s->probe->interval_ms) {
		loop_timer_set(s->probe->timer, s->probe->interval_ms - silent_ms);
	} else if (!s->probe->is_asked) {
		s->probe->is_asked = true;
		s->probe->n_unanswered++;
		loop_timer_set(s->probe->timer, s->probe->interval_ms);
		session_request(s, "echo", json_array(), json_string(PROBE_ID));
	} else {
		session_abort(s, "it is silent and does not answer");
	}
}

void inactivity_probe_start(struct session *s, int64_t interval_ms)
{
	if (!interval_ms)
		return;
	s->probe = xcalloc(1, sizeof(*s->probe));
	s->probe->interval_ms = interval_ms;
	s->probe->heard_ms = clock_now_ms();
	s->probe->timer = loop_timer_new(s->common->loop, on_silence, s);
	loop_timer_set(s->probe->timer, interval_ms);
}

void inactivity_probe_stop(struct session *s)
{
	if (s->probe)
		loop_timer_free(s->probe->timer);
	free(STEAL(s->probe));
}

/* The timer stays as it is; on_silence() compares the times. */
void inactivity_probe_note_input(struct session *s)
{
	if (!s->probe)
		return;
	s->probe->heard_ms = clock_now_ms();
	s->probe->is_asked = false;
}

bool inactivity_probe_take_reply(struct session *s, const struct json_object *id)
{
	if (!s->probe || !s->probe->n_unanswered || json_kind(id) != JSON_STRING ||
	    strcmp(json_get_string(id), PROBE_ID) != 0)
		return false;
	s->probe->n_unanswered--;
	return true;
}
