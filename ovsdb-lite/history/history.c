/* The history of a database: an entry for each commit, the limits of their number, and
 * the ids by which clients name the states of the database. */
#include "ovsdb-lite/history/history_private.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/store/store.h"
#include "ovsdb-lite/rows/txn_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct history_limits history_default_limits = {
	.max_entries = 1000,
	.max_age_s = 30 * 24 * 3600,
	.max_bytes = (size_t)16 << 20,
};

/* Entries are removed in batches: when the history is an eighth above its limit. */
#define SLACK(max) ((max) + (max) / 8)
/* The history may take half of the size of the rows in the file, so that a small database
 * does not have a large history, but always FREE_BYTES, or FREE_ENTRIES. The size of the
 * rows is measured again after SHARE_INTERVAL commits. */
#define SHARE_INTERVAL 256
#define FREE_BYTES     ((size_t)128 << 10)
#define FREE_ENTRIES   32
/* The size of an entry in the file without its texts. */
#define ENTRY_BYTES 100

/* A new id for a state that has the same persistent columns as state 'base'. */
static struct uuid sibling(const struct uuid *base)
{
	struct uuid id = uuid_random();

	memcpy(id.bytes, base->bytes, 8);
	return id;
}

/* --- recent commits, in memory --- */

const struct history_recent *history_recent_at(const struct history *h, size_t i)
{
	assert(i < h->n_recent);
	return &h->recent[(h->first + i) % HISTORY_MAX_RECENT];
}

static void drop_inverse(struct history *h, struct history_recent *r)
{
	assert(h->recent_bytes >= r->n_inverse);
	h->recent_bytes -= r->n_inverse;
	r->n_inverse = 0;
	free(STEAL(r->inverse));
}

/* The next commit becomes the oldest. No state before it can be reached any more, so its
 * inverse is dropped too. */
static void forget_oldest(struct history *h)
{
	assert(h->n_recent);
	drop_inverse(h, &h->recent[h->first]);
	h->first = (h->first + 1) % HISTORY_MAX_RECENT;
	if (--h->n_recent)
		drop_inverse(h, &h->recent[h->first]);
}

/* Takes r.inverse. */
static void remember(struct history *h, struct history_recent r)
{
	if (h->n_recent == HISTORY_MAX_RECENT)
		forget_oldest(h);
	h->recent[(h->first + h->n_recent++) % HISTORY_MAX_RECENT] = r;
	h->recent_bytes += r.n_inverse;
	while (h->recent_bytes > HISTORY_MAX_RECENT_BYTES)
		forget_oldest(h);
	h->last_id = r.id;
	h->n_remembered++;
}

struct history_mark history_mark(const struct db *db)
{
	const struct history *h = db->history;

	return (struct history_mark){
		.sum = h->sum,
		.share_bytes = h->share_bytes,
		.has_ended = h->has_ended,
		.last_id = h->last_id,
		.n_remembered = h->n_remembered,
	};
}

/* What the commits since then pushed out of the memory stays forgotten. */
void history_return(struct db *db, const struct history_mark *m)
{
	struct history *h = db->history;
	uint64_t n_undone = h->n_remembered - m->n_remembered;

	for (; n_undone && h->n_recent; n_undone--) {
		h->n_recent--;
		drop_inverse(h,
			     &h->recent[(h->first + h->n_recent) % HISTORY_MAX_RECENT]);
	}
	h->sum = m->sum;
	h->share_bytes = m->share_bytes;
	h->has_ended = m->has_ended;
	if (!h->n_recent && h->limits.max_entries)
		remember(h, (struct history_recent){.id = m->last_id});
	h->last_id = m->last_id;
	h->n_remembered = m->n_remembered;
}

/* --- opening --- */

struct err *history_open(struct db *db)
{
	struct store_history_sum sum;
	struct uuid base = uuid_random();
	struct history *h;
	struct err *e;

	if (!db->store)
		return NULL;
	e = store_history_sum(db->store, &sum);
	if (e)
		return e;
	h = xcalloc(1, sizeof(*h));
	h->limits = history_default_limits;
	h->sum = sum;
	h->share_bytes = FREE_BYTES;
	h->recent = xcalloc(HISTORY_MAX_RECENT, sizeof(*h->recent));
	if (sum.last_serial)
		base = sum.last_id;
	/* Not the id of the last entry: a client that has it saw ephemeral columns which
	 * the restart has cleared. */
	remember(h, (struct history_recent){.id = sibling(&base)});
	db->history = h;
	return NULL;
}

void history_close(struct db *db)
{
	struct history *h = STEAL(db->history);

	if (!h)
		return;
	while (h->n_recent)
		forget_oldest(h);
	free(h->recent);
	free(h);
}

void history_set_limits(struct db *db, const struct history_limits *limits)
{
	if (db->history)
		db->history->limits = *limits;
}

const struct uuid *history_last_id(const struct db *db)
{
	static const struct uuid zeros;
	const struct history *h = db->history;

	return h && h->limits.max_entries ? &h->last_id : &zeros;
}

/* --- a commit --- */

/* A commit without an entry makes all earlier entries useless. */
static struct err *end_history(struct db *db)
{
	struct history *h = db->history;
	struct err *e = NULL;

	h->pending = h->sum;
	if (h->has_ended)
		return NULL;
	e = store_history_clear(db->store, "the history was turned off");
	return e ? e : store_history_sum(db->store, &h->pending);
}

/* Half of what the rows take. */
static struct err *find_share(const struct db *db, size_t *ret_bytes)
{
	const struct store_history_sum *sum = &db->history->pending;
	size_t n_used, n_rows;
	struct err *e = store_used_bytes(db->store, &n_used);

	if (e)
		return e;
	n_rows = n_used > sum->n_bytes ? n_used - sum->n_bytes : 0;
	*ret_bytes = n_rows / 2 > FREE_BYTES ? n_rows / 2 : FREE_BYTES;
	return NULL;
}

/* Measuring costs as much as some commits: done when the share seems to be used up, after
 * every SHARE_INTERVAL commits, and after a large transaction. */
static struct err *update_share(const struct db *db, bool is_large)
{
	struct history *h = db->history;

	if (h->pending.n_bytes <= FREE_BYTES || h->pending.n_entries <= FREE_ENTRIES)
		return NULL;
	if (h->pending.n_bytes <= SLACK(h->share_bytes) && !is_large &&
	    h->pending.last_serial % SHARE_INTERVAL != 0)
		return NULL;
	return find_share(db, &h->share_bytes);
}

static bool is_too_old(const struct history_limits *l, int64_t time_ms, int64_t now)
{
	return l->max_age_s && time_ms < now - l->max_age_s * 1000;
}

static bool is_too_much(const struct history_limits *l,
			const struct store_history_sum *sum, size_t max_bytes,
			int64_t now)
{
	size_t allowed = sum->n_entries > FREE_ENTRIES ? max_bytes : l->max_bytes;

	return sum->n_entries > l->max_entries || sum->n_bytes > allowed ||
	       is_too_old(l, sum->oldest_time_ms, now);
}

/* Always keeps the newest entry: the next serial and the state's id come from it. */
static struct err *remove_oldest(struct db *db, size_t max_bytes, int64_t now)
{
	struct store_history_sum *sum = &db->history->pending, left = *sum;
	CLEANUP(store_history_closep) struct store_history_cursor *c = NULL;
	struct store_history_entry entry;
	bool found = true;
	struct err *e = store_history_open_oldest(db->store, &c);

	while (!e && found) {
		e = store_history_next(c, &found, &entry);
		if (e || !found)
			break;
		left.oldest_time_ms = entry.time_ms;
		if (left.n_entries <= 1 ||
		    (db->history->keep_from && entry.serial >= db->history->keep_from) ||
		    !is_too_much(&db->history->limits, &left, max_bytes, now))
			break;
		left.n_entries--;
		left.n_bytes -= entry.n_bytes;
	}
	store_history_close(STEAL(c));
	if (!e && found)
		e = store_history_delete_before(db->store, entry.serial);
	if (!e)
		*sum = left;
	return e;
}

static struct err *prune(struct db *db, int64_t now, bool is_large)
{
	struct history *h = db->history;
	const struct history_limits *l = &h->limits;
	const struct store_history_sum *sum = &h->pending;
	struct err *e = update_share(db, is_large);
	size_t max_bytes = h->share_bytes < l->max_bytes ? h->share_bytes : l->max_bytes;

	if (e)
		return e;
	if (sum->n_entries <= FREE_ENTRIES)
		max_bytes = l->max_bytes;
	if (sum->n_entries <= SLACK(l->max_entries) && sum->n_bytes <= SLACK(max_bytes) &&
	    !is_too_old(l, sum->oldest_time_ms, now))
		return NULL;
	return remove_oldest(db, max_bytes, now);
}

static size_t length(const char *s)
{
	return s ? strlen(s) : 0;
}

static const char *unless_empty(const char *s)
{
	return *s ? s : NULL;
}

static struct store_history_entry new_entry(const struct history *h, const struct txn *t)
{
	const struct txn_origin *o = txn_origin(t);
	struct store_history_entry entry = {
		.serial = h->sum.last_serial + 1,
		.id = uuid_random(),
		.time_ms = clock_wall_ms(),
		.uid = o->uid,
		.pid = o->pid,
		.command = o->command,
		.subject = o->subject,
		.comment = unless_empty(txn_comment(t)),
	};

	if (o->internal && !entry.command)
		entry.command = program_invocation_short_name;
	return entry;
}

static size_t max_inverse_of(const struct history *h)
{
	return h->limits.max_bytes / 4;
}

bool history_can_keep(const struct txn *t)
{
	const struct history *h = t->db->history;
	CLEANUP(buffer_clearp) struct buffer inverse = {0};

	if (!h || !h->limits.max_entries)
		return false;
	history_write_inverse(&inverse, t, HISTORY_FILE, max_inverse_of(h));
	return inverse.n <= max_inverse_of(h);
}

void history_keep_from(struct db *db, int64_t serial)
{
	if (db->history)
		db->history->keep_from = serial;
}

struct err *history_write(struct db *db, const struct txn *t)
{
	struct history *h = db->history;
	CLEANUP(buffer_clearp) struct buffer inverse = {0};
	size_t max_inverse = max_inverse_of(h);
	struct store_history_entry entry;
	struct err *e;

	if (!h->limits.max_entries)
		return end_history(db);
	entry = new_entry(h, t);
	entry.n_rows = history_write_inverse(&inverse, t, HISTORY_FILE, max_inverse);
	if (inverse.n <= max_inverse) {
		entry.inverse = inverse.data;
		entry.n_inverse = inverse.n;
	}
	entry.n_bytes = ENTRY_BYTES + entry.n_inverse + length(entry.command) +
			length(entry.subject) + length(entry.comment);
	e = store_history_append(db->store, &entry);
	if (e)
		return e;
	h->pending = h->sum;
	h->pending.last_serial = entry.serial;
	h->pending.last_id = entry.id;
	h->pending.n_bytes += entry.n_bytes;
	if (!h->pending.n_entries++)
		h->pending.oldest_time_ms = entry.time_ms;
	return prune(db, entry.time_ms, inverse.n > FREE_BYTES / 2);
}

void history_advance(struct db *db, const struct txn *t, bool is_persistent)
{
	struct history *h = db->history;
	struct history_recent r = {0};
	CLEANUP(buffer_clearp) struct buffer inverse = {0};

	if (!h)
		return;
	if (is_persistent) {
		h->sum = h->pending;
		h->has_ended = !h->limits.max_entries;
	}
	if (!h->limits.max_entries) {
		while (h->n_recent)
			forget_oldest(h);
		h->last_id = sibling(&h->sum.last_id);
		return;
	}
	r.serial = is_persistent ? h->sum.last_serial : 0;
	r.id = is_persistent ? h->sum.last_id : sibling(&h->last_id);
	history_write_inverse(&inverse, t, HISTORY_MEMORY, HISTORY_MAX_RECENT_BYTES);
	r.n_inverse = inverse.n;
	if (inverse.n)
		r.inverse = xrealloc_array(buffer_take(&inverse), r.n_inverse + 1, 1);
	remember(h, r);
}
