/* What the next pass must look at: keys, never the contents of events
 * (level-triggered).
 *
 * A key names a master, a slave or a namespace. Marking it twice is marking it once. A
 * key that failed, or that somebody keeps undoing, is held back for a growing time; an
 * edit of its row ends the hold. */
#ifndef RECONCILER_QUEUE_H
#define RECONCILER_QUEUE_H 1

#include "lib/arena.h"
#include "reconciler/wanted/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_BACKOFF_MIN_MS 250
#define QUEUE_BACKOFF_MAX_MS 60000

struct queue;

struct queue *queue_new(void) __attribute__((warn_unused_result));
void queue_free(struct queue *q); /* accepts NULL */

/* Copies 'key'. 'causes': of enum key_cause. KEY_CONFIG ends a hold, KEY_EVENT does
 * not: a slave that has nothing but events waits as long as its master is held. */
void queue_mark(struct queue *q, const struct key *key, unsigned int causes,
		int64_t now_ms);
/* Everything must be read again. */
void queue_mark_all(struct queue *q);

/* Milliseconds until a key is due; 0: now; -1: never. */
int64_t queue_wait_ms(const struct queue *q, int64_t now_ms);
/* Copies all due keys into 'a' and unmarks them; '*ret_everything': everything must be
 * read. */
void queue_take(struct queue *q, int64_t now_ms, struct arena *a, struct key **ret_keys,
		size_t *ret_n, bool *ret_everything);

/* How long a key waits after so many failures in a row (1 or more). */
int64_t queue_backoff_ms(unsigned int times);
/* How often the key failed in a row. */
unsigned int queue_failures(const struct queue *q, const struct key *key);

/* After a failed pass the key is marked again for later. Returns in how many ms. */
int64_t queue_failed(struct queue *q, const struct key *key, int64_t now_ms);
/* The same for a cheap try whose success is worth it: after at least 'min_ms' and at
 * most 'max_ms'. */
int64_t queue_retry(struct queue *q, const struct key *key, int64_t min_ms,
		    int64_t max_ms, int64_t now_ms);
/* The same for a failure that no retry can end. The key is not marked, and a mark has
 * no effect before the time of a retry: the traces that the failed pass leaves in the
 * kernel would mark it for ever. */
void queue_gave_up(struct queue *q, const struct key *key, int64_t now_ms);
void queue_succeeded(struct queue *q, const struct key *key);
/* The same for a key without a result, since its object is gone. No effect on a key
 * that is marked again. */
void queue_forget(struct queue *q, const struct key *key);
/* Somebody keeps undoing the object: the key is marked for later, after 'quiet_ms' at
 * most. An event before that means that it was undone again; then it waits for all of the
 * hold. Returns that in ms. */
int64_t queue_hold(struct queue *q, const struct key *key, unsigned int times,
		   int64_t quiet_ms, int64_t now_ms);
/* The key is looked at in 'wait_ms', unless an event comes first. */
void queue_look_in(struct queue *q, const struct key *key, int64_t wait_ms,
		   int64_t now_ms);

#endif
