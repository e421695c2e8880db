/* Who changed what: the events of the datapath by object, the repairs of each object,
 * and the rows of the table Drift. */
#include "reconciler/drift/drift.h"

#include "config/object.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>

/* An older event has nothing to do with what is found now. */
#define EVENT_MAX_AGE_MS 5000
/* The kernel sends an event so much later than it shows the change, at most. */
#define LATE_EVENT_MS 2000
/* The same finding within this time counts up one row of the table. */
#define REPEAT_WINDOW_MS 60000
#define EVENTS_MAX       4096

struct noted_event {
	char *id; /* hash key: netns, newline, name */
	char *actor;
	int64_t noted_ms;
	UT_hash_handle hh;
};

struct history {
	char *id; /* hash key: kind, netns, name */
	/* A ring of the latest. */
	int64_t repairs_ms[DRIFT_CONTEST_TIMES + 1];
	unsigned int n_repairs;
	char *last_found;
	struct uuid last_row;
	int64_t last_ms;
	bool lacks_cause; /* last_row was written without an actor */
	unsigned int count;
	/* The last actor that was named; NULL if none was. */
	char *opponent;
	/* The contest; 'rounds' 0: there is none. */
	unsigned int rounds, times;
	int64_t since_wall_ms, repaired_ms;
	UT_hash_handle hh;
};

struct drift_log {
	const struct ipvl_columns *columns;
	/* In the order of their first events. */
	struct noted_event *events;
	/* In the order of their last drift. */
	struct history *histories;
	/* A ring: rows[n_rows % DRIFT_MAX_ROWS] is the oldest once it is full. */
	struct uuid rows[DRIFT_MAX_ROWS];
	uint64_t n_rows;
};

struct drift_log *drift_log_new(const struct ipvl_columns *columns)
{
	struct drift_log *d = xcalloc(1, sizeof(*d));

	d->columns = columns;
	return d;
}

static void event_free(struct drift_log *d, struct noted_event *r)
{
	HASH_DEL(d->events, r);
	free(r->id);
	free(r->actor);
	free(r);
}

static void history_free(struct drift_log *d, struct history *h)
{
	HASH_DEL(d->histories, h);
	free(h->id);
	free(h->last_found);
	free(h->opponent);
	free(h);
}

void drift_log_free(struct drift_log *d)
{
	struct noted_event *r, *next_event;
	struct history *h, *next_history;

	if (!d)
		return;
	HASH_ITER (hh, d->events, r, next_event)
		event_free(d, r);
	HASH_ITER (hh, d->histories, h, next_history)
		history_free(d, h);
	free(d);
}

static char *actor_of(const struct datapath_event *e)
{
	return xstrdup(e->by ? e->by : "");
}

static struct history *find_history(const struct drift_log *d, const struct key *key)
{
	CLEANUP(freep) char *id = key_id(key);
	struct history *h;

	HASH_FIND_STR(d->histories, id, h);
	return h;
}

/* The record that the event completes; NULL if there is none. */
static struct history *find_incomplete(const struct drift_log *d,
				       const struct datapath_event *e, int64_t now_ms)
{
	static const enum key_kind kinds[] = {KEY_SLAVE, KEY_MASTER};

	for (size_t i = 0; e->by && *e->by && i < ARRAY_SIZE(kinds); i++) {
		const struct key key = {
			.kind = kinds[i], .netns = e->netns, .name = e->name};
		struct history *h = find_history(d, &key);

		if (h && h->lacks_cause && now_ms - h->last_ms <= LATE_EVENT_MS &&
		    !strcmp(h->last_found, e->what))
			return h;
	}
	return NULL;
}

bool drift_note_event(struct drift_log *d, const struct datapath_event *e, int64_t now_ms)
{
	char *id;
	struct noted_event *r;

	if (find_incomplete(d, e, now_ms))
		return true;
	id = object_id(e->netns, e->name);
	HASH_FIND_STR(d->events, id, r);
	if (r && now_ms - r->noted_ms > EVENT_MAX_AGE_MS) {
		event_free(d, r);
		r = NULL;
	}
	if (!r) {
		if (HASH_COUNT(d->events) >= EVENTS_MAX)
			event_free(d, d->events);
		r = xcalloc(1, sizeof(*r));
		r->id = STEAL(id);
		r->actor = actor_of(e);
		r->noted_ms = now_ms;
		HASH_ADD_KEYPTR(hh, d->events, r->id, strlen(r->id), r);
	} else if (!*r->actor) {
		/* The first of several events is the cause, but a later one may be the
		 * first with a name. */
		free(r->actor);
		r->actor = actor_of(e);
	}
	free(id);
	return false;
}

static struct noted_event *event_about(const struct drift_log *d, const struct key *k)
{
	char *id = object_id(k->netns, k->name);
	struct noted_event *r;

	HASH_FIND_STR(d->events, id, r);
	free(id);
	return r;
}

static bool event_is_fresh(const struct noted_event *event, int64_t now_ms)
{
	return event && now_ms - event->noted_ms <= EVENT_MAX_AGE_MS;
}

const char *drift_actor(const struct drift_log *d, const struct key *key, int64_t now_ms,
			struct arena *a)
{
	const struct noted_event *event = event_about(d, key);

	return event_is_fresh(event, now_ms) ? arena_strdup(a, event->actor) : "";
}

void drift_forget(struct drift_log *d, const struct key *key, int64_t before_ms)
{
	struct noted_event *r = event_about(d, key);

	if (r && r->noted_ms < before_ms)
		event_free(d, r);
}

static struct history *history_of(struct drift_log *d, const struct key *k)
{
	char *id = key_id(k);
	struct history *h;

	HASH_FIND_STR(d->histories, id, h);
	if (h) {
		free(id);
		/* The latest is last. */
		HASH_DEL(d->histories, h);
	} else {
		if (HASH_COUNT(d->histories) >= DRIFT_MAX_OBJECTS)
			history_free(d, d->histories);
		h = xcalloc(1, sizeof(*h));
		h->id = id;
		h->last_found = xstrdup("");
	}
	HASH_ADD_KEYPTR(hh, d->histories, h->id, strlen(h->id), h);
	return h;
}

size_t drift_n_objects(const struct drift_log *d)
{
	return HASH_COUNT(d->histories);
}

/* The repairs in the window, the next one included; it would replace the oldest of the ring. */
static unsigned int count_with_next(const struct history *h, int64_t now_ms)
{
	size_t next = h->n_repairs % ARRAY_SIZE(h->repairs_ms);
	unsigned int n = 1;

	for (size_t i = 0; i < ARRAY_SIZE(h->repairs_ms) && i < h->n_repairs; i++)
		n += i != next && now_ms - h->repairs_ms[i] <= DRIFT_CONTEST_WINDOW_MS;
	return n;
}

unsigned int drift_count_with(const struct drift_log *d, const struct key *key,
			      int64_t now_ms)
{
	const struct history *h = find_history(d, key);

	return h ? count_with_next(h, now_ms) : 1;
}

struct drift_contest drift_contest(const struct drift_log *d, const struct key *key,
				   int64_t now_ms, struct arena *a)
{
	const struct history *h = find_history(d, key);
	struct drift_contest c = {.opponent = ""};

	if (!h)
		return c;
	if (h->opponent)
		c.opponent = arena_strdup(a, h->opponent);
	c.is_on = h->rounds;
	c.rounds = h->rounds;
	c.times = h->rounds ? h->times + 1 : count_with_next(h, now_ms);
	c.since_wall_ms = h->rounds ? h->since_wall_ms : clock_wall_ms();
	c.wait_ms = h->repaired_ms + DRIFT_CONTEST_QUIET_MS - now_ms;
	if (!h->rounds || c.wait_ms < 0)
		c.wait_ms = 0;
	return c;
}

void drift_contest_note(struct drift_log *d, const struct key *key,
			const struct drift_contest *c, int64_t now_ms)
{
	struct history *h = find_history(d, key);

	if (!h)
		return;
	h->rounds = c->rounds + 1;
	h->times = c->times;
	h->since_wall_ms = c->since_wall_ms;
	h->repaired_ms = now_ms;
}

void drift_contest_end(struct drift_log *d, const struct key *key)
{
	struct history *h = find_history(d, key);

	/* The repairs of this contest are not those of the next. */
	if (h)
		h->rounds = h->n_repairs = 0;
}

/* Replaces the oldest row once the table is full. */
static struct row *new_row(struct drift_log *d, struct txn *t)
{
	struct table *table = d->columns->drift.table;
	struct uuid *slot = &d->rows[d->n_rows % DRIFT_MAX_ROWS];
	struct row *oldest =
		d->n_rows >= DRIFT_MAX_ROWS ? txn_find(t, table, slot) : NULL;
	struct row *r;
	struct err *e;

	if (oldest)
		txn_delete(t, oldest);
	e = txn_insert(t, table, NULL, &r);
	if (e) { /* only a UUID that is taken could fail, and none was given */
		err_free(e);
		return NULL;
	}
	*slot = *row_uuid(r);
	d->n_rows++;
	return r;
}

static void write_row(const struct drift_log *d, struct txn *t, struct row *r,
		      const struct drift *drift, const char *actor, int64_t took_ms,
		      unsigned int count)
{
	const struct ipvl_columns *c = d->columns;

	txn_set_integer(t, r, c->drift.time, clock_wall_ms());
	txn_set_string(t, r, c->drift.object, drift->object);
	txn_set_string(t, r, c->drift.found, drift->found);
	txn_set_string(t, r, c->drift.actor, actor);
	txn_set_string(t, r, c->drift.done, drift->action);
	txn_set_integer(t, r, c->drift.took_ms, took_ms);
	txn_set_integer(t, r, c->drift.count, count);
}

/* Returns the actor. 'event' may be NULL. */
static const char *write_record(struct drift_log *d, struct txn *t,
				const struct drift *drift, struct history *h,
				const struct noted_event *event, int64_t now_ms)
{
	bool is_fresh = event_is_fresh(event, now_ms);
	bool is_repair = strcmp(drift->action, DRIFT_LEFT) != 0;
	const char *actor = is_fresh ? event->actor : "";
	bool is_repeat = now_ms - h->last_ms <= REPEAT_WINDOW_MS &&
			 !strcmp(h->last_found, drift->found);
	struct row *r =
		is_repeat ? txn_find(t, d->columns->drift.table, &h->last_row) : NULL;

	h->count = r ? h->count + 1 : 1;
	if (!r)
		r = new_row(d, t);
	if (r) {
		write_row(d, t, r, drift, actor,
			  is_fresh && is_repair ? now_ms - event->noted_ms : 0, h->count);
		h->last_row = *row_uuid(r);
	}
	free(h->last_found);
	h->last_found = xstrdup(drift->found);
	h->last_ms = now_ms;
	h->lacks_cause = !*actor;
	if (*actor) {
		free(h->opponent);
		h->opponent = xstrdup(actor);
	}
	return actor;
}

unsigned int drift_record(struct drift_log *d, struct txn *t, const struct drift *drift,
			  int64_t now_ms, struct arena *a, const char **ret_actor)
{
	struct noted_event *event = event_about(d, drift->key);
	struct history *h = history_of(d, drift->key);
	unsigned int times;

	*ret_actor = arena_strdup(a, write_record(d, t, drift, h, event, now_ms));
	if (event)
		event_free(d, event);
	times = count_with_next(h, now_ms);
	h->repairs_ms[h->n_repairs++ % ARRAY_SIZE(h->repairs_ms)] = now_ms;
	return times;
}

const char *drift_note(struct drift_log *d, struct txn *t, const struct drift *drift,
		       int64_t now_ms, struct arena *a)
{
	return arena_strdup(a, write_record(d, t, drift, history_of(d, drift->key),
					    event_about(d, drift->key), now_ms));
}

bool drift_name_cause(struct drift_log *d, struct txn *t, const struct datapath_event *e,
		      int64_t now_ms)
{
	struct history *h = find_incomplete(d, e, now_ms);
	struct row *r = h ? txn_find(t, d->columns->drift.table, &h->last_row) : NULL;

	if (!r)
		return false;
	txn_set_string(t, r, d->columns->drift.actor, e->by);
	h->lacks_cause = false;
	free(h->opponent);
	h->opponent = xstrdup(e->by);
	return true;
}
