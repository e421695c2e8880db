/* What has to be looked at: keys, never events' contents (design.md 6, level-triggered).
 *
 * A key stands for a master, a slave or a namespace by name. Marking it twice is marking
 * it once. A key that failed, or that somebody keeps undoing, is held back for a growing
 * time; an edit of its row lets it through at once. */
#ifndef RECONCILER_QUEUE_H
#define RECONCILER_QUEUE_H 1

#include "lib/arena.h"
#include "reconciler/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_BACKOFF_MIN_MS 250
#define QUEUE_BACKOFF_MAX_MS 60000

struct queue;

struct queue *queue_new(void) __attribute__((warn_unused_result));
void queue_free(struct queue *q); /* accepts NULL */

/* Copies 'key'. KEY_CONFIG ends a hold, KEY_EVENT does not. */
void queue_mark(struct queue *q, const struct key *key, enum key_cause cause,
		int64_t now_ms);
/* Everything is to be read again. */
void queue_mark_all(struct queue *q);

/* When there is something to do: 0 now, else that many ms from now; -1 never. */
int64_t queue_wait_ms(const struct queue *q, int64_t now_ms);
/* All keys that are due, copied into 'a', and whether everything is to be read. They are
 * unmarked. */
void queue_take(struct queue *q, int64_t now_ms, struct arena *a, struct key **ret_keys,
		size_t *ret_n, bool *ret_everything);

/* How long a key waits after so many failures in a row (1 or more). */
int64_t queue_backoff_ms(unsigned int times);
/* How often the key failed in a row. */
unsigned int queue_failures(const struct queue *q, const struct key *key);

/* How a key's pass went. A failed one is marked again, for later: returns in how many ms.
 */
int64_t queue_failed(struct queue *q, const struct key *key, int64_t now_ms);
/* The same where a try is cheap and its success worth the wait: after 'min_ms' at least,
 * 'max_ms' at most. */
int64_t queue_retry(struct queue *q, const struct key *key, int64_t min_ms,
		    int64_t max_ms, int64_t now_ms);
/* The same for a failure that no retry helps: it is looked at when it is marked again,
 * but not before the time that a failed one would wait, lest its own traces in the kernel
 * make it go round in circles. */
void queue_gave_up(struct queue *q, const struct key *key, int64_t now_ms);
void queue_succeeded(struct queue *q, const struct key *key);
/* The same for a key whose pass had nothing to say of it: an object that is gone. Nothing
 * is forgotten of one that is marked again. */
void queue_forget(struct queue *q, const struct key *key);
/* Somebody keeps undoing it: look again after a growing time, which is returned. */
int64_t queue_hold(struct queue *q, const struct key *key, unsigned int times,
		   int64_t now_ms);

#endif
