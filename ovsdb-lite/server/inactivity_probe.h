/* The inactivity probe of a session: an `echo` after a time without input. */
#ifndef OVSDB_INACTIVITY_PROBE_H
#define OVSDB_INACTIVITY_PROBE_H 1

#include "ovsdb-lite/server/session.h"

struct json_object;

/* 'interval_ms' 0: the client is never probed. */
void inactivity_probe_start(struct session *s, int64_t interval_ms);
void inactivity_probe_stop(struct session *s);
/* Something came from the client. */
void inactivity_probe_note_input(struct session *s);
/* A reply with that 'id' came: true if it answers a probe. */
bool inactivity_probe_take_reply(struct session *s, const struct json_object *id);

#endif
