/* The schedule: a queue for each announcement of an address, and one for what is tried
 * again. All that is in a queue has waited equally long, so each is in the order of time. */
#include "reconciler/announce/announce_schedule.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>

/* By precedence. The first ANNOUNCE_TIMES are the announcements. */
enum { QUEUE_SECOND = 1, QUEUE_THIRD, QUEUE_LATER, N_QUEUES };
_Static_assert(QUEUE_LATER == ANNOUNCE_TIMES, "a queue for each announcement");

static const int64_t delays_ms[N_QUEUES] = {
	[QUEUE_SECOND] = ANNOUNCE_SECOND_MS,
	[QUEUE_THIRD] = ANNOUNCE_THIRD_MS,
	[QUEUE_LATER] = ANNOUNCE_LATER_MS,
};

struct entry {
	char *id; /* hash key */
	char *netns, *name, *master_netns, *master;
	struct ip_addr address;
	uint32_t n_copies;
	unsigned int n_done, n_tries;
	int64_t due_ms;
	struct fifo *queue;
	struct entry *next, *previous;
	UT_hash_handle hh;
};

struct fifo {
	struct entry *first, *last;
};

struct announce_schedule {
	struct fifo queues[N_QUEUES];
	struct entry *by_id;
	int64_t not_before_ms; /* the next slice */
};

struct announce_schedule *announce_schedule_new(void)
{
	return xcalloc(1, sizeof(struct announce_schedule));
}

static void leave(struct entry *e)
{
	struct fifo *q = e->queue;

	*(e->previous ? &e->previous->next : &q->first) = e->next;
	*(e->next ? &e->next->previous : &q->last) = e->previous;
	e->next = e->previous = NULL;
}

static void join(struct announce_schedule *s, struct entry *e, unsigned int queue,
		 int64_t now_ms)
{
	struct fifo *q = e->queue = &s->queues[queue];

	e->due_ms = now_ms + delays_ms[queue];
	e->previous = q->last;
	*(q->last ? &q->last->next : &q->first) = e;
	q->last = e;
}

static void drop(struct announce_schedule *s, struct entry *e)
{
	leave(e);
	HASH_DELETE(hh, s->by_id, e);
	free(e->id);
	free(e->netns);
	free(e->name);
	free(e->master_netns);
	free(e->master);
	free(e);
}

void announce_schedule_free(struct announce_schedule *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < N_QUEUES; i++) {
		while (s->queues[i].first)
			drop(s, s->queues[i].first);
	}
	free(s);
}

static char *id_of(const struct announce_item *item)
{
	char address[IP_TEXT_BYTES];

	/* No name and no address has a blank. */
	return xasprintf("%s %s %s", ip_addr_format(&item->address, address), item->name,
			 item->netns);
}

static struct entry *find(const struct announce_schedule *s,
			  const struct announce_item *item)
{
	CLEANUP(freep) char *id = id_of(item);
	struct entry *e;

	HASH_FIND_STR(s->by_id, id, e);
	return e;
}

void announce_schedule_add(struct announce_schedule *s, const struct announce_item *item,
			   int64_t now_ms)
{
	struct entry *e = find(s, item);

	if (e) {
		leave(e);
	} else {
		e = xcalloc(1, sizeof(*e));
		e->id = id_of(item);
		e->netns = xstrdup(item->netns);
		e->name = xstrdup(item->name);
		e->address = item->address;
		HASH_ADD_KEYPTR(hh, s->by_id, e->id, strlen(e->id), e);
	}
	free(e->master_netns);
	free(e->master);
	e->master_netns = xstrdup(item->master_netns);
	e->master = xstrdup(item->master);
	e->n_copies = item->n_copies;
	e->n_done = e->n_tries = 0;
	join(s, e, 0, now_ms);
}

int64_t announce_schedule_wait_ms(const struct announce_schedule *s, int64_t now_ms)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < N_QUEUES; i++) {
		const struct entry *e = s->queues[i].first;

		if (e && e->due_ms < due)
			due = e->due_ms;
	}
	if (due == INT64_MAX)
		return -1;
	if (due < s->not_before_ms)
		due = s->not_before_ms;
	return due > now_ms ? due - now_ms : 0;
}

size_t announce_schedule_due(const struct announce_schedule *s, int64_t now_ms,
			     struct announce_item ret_items[ANNOUNCE_SLICE_MAX])
{
	uint64_t copies = 0;
	size_t n = 0;

	if (now_ms < s->not_before_ms)
		return 0;
	for (size_t i = 0; i < N_QUEUES; i++) {
		for (const struct entry *e = s->queues[i].first; e; e = e->next) {
			copies += e->n_copies;
			if (e->due_ms > now_ms)
				break;
			if (n == ANNOUNCE_SLICE_MAX ||
			    (n && copies > ANNOUNCE_SLICE_COPIES))
				return n;
			ret_items[n++] =
				(struct announce_item){.netns = e->netns,
						       .name = e->name,
						       .master_netns = e->master_netns,
						       .master = e->master,
						       .address = e->address,
						       .n_copies = e->n_copies};
		}
	}
	return n;
}

static void settle_one(struct announce_schedule *s, struct entry *e,
		       enum datapath_announced result, int64_t now_ms)
{
	switch (result) {
	case DATAPATH_ANNOUNCED:
		if (++e->n_done == ANNOUNCE_TIMES)
			break;
		leave(e);
		join(s, e, e->n_done, now_ms);
		return;
	case DATAPATH_ANNOUNCE_LATER:
		if (++e->n_tries > ANNOUNCE_TRIES)
			break;
		leave(e);
		join(s, e, QUEUE_LATER, now_ms);
		return;
	case DATAPATH_ANNOUNCE_NEVER:
		break;
	}
	drop(s, e);
}

void announce_schedule_settle(struct announce_schedule *s,
			      const struct announce_item *items,
			      const enum datapath_announced *results, size_t n,
			      int64_t now_ms)
{
	for (size_t i = 0; results && i < n; i++) {
		struct entry *e = find(s, &items[i]);

		if (e)
			settle_one(s, e, results[i], now_ms);
	}
	s->not_before_ms = now_ms + ANNOUNCE_SLICE_MS;
}
