/* Deletes devices. Each deletion waits for the readers of the kernel (RCU, 12 to 20 ms).
 * Those of one group in one namespace wait once (kernel.md 17). */
#include "datapath/kernel/execute/execute_del.h"

#include "datapath/kernel/observe/observe_link.h"
#include "lib/alloc.h"
#include "lib/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* With fewer than two deletions a thread gains nothing; with more than sixteen they wait
 * for each other. */
#define MAX_LANES     16
#define LANE_MESSAGES 2

/* VLANs on VLANs. A veth may name its other end as the device below, in a circle. */
#define MAX_DEPTH 8

_Static_assert(MAX_LANES <= KERNEL_N_PORTS / 2, "each thread has a port of its own");

static void forget(struct batch *batch, const struct batch_item *item, bool is_by_us)
{
	struct cache *cache = &batch->k->cache;
	const struct cache_key key = {item->ns->nsid, item->link.ifindex};
	const struct cache_device *d = is_by_us ? cache_find(cache, key) : NULL;

	if (d && nl_link_is_in_port(&d->link))
		cache_expect(cache, d->lower);
	cache_forget(cache, key);
}

static void settle(struct batch *batch, struct batch_item *item,
		   const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	if (e && a->sys_errno != ENODEV) {
		batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
		return;
	}
	forget(batch, item, !e);
	err_free(e);
	batch_item_done(item);
}

/* Items of one namespace that are not settled, sorted by ifindex. */
struct doomed {
	struct batch_item **items;
	size_t n;
};

static int item_cmp(const void *x, const void *y)
{
	const struct batch_item *const *a = x, *const *b = y;
	int32_t s = (*a)->ns->nsid, t = (*b)->ns->nsid;
	uint32_t i = (*a)->link.ifindex, k = (*b)->link.ifindex;

	return s != t ? (s > t) - (s < t) : (i > k) - (i < k);
}

static int ifindex_cmp(const void *x, const void *y)
{
	const uint32_t *ifindex = x;
	const struct batch_item *const *item = y;

	return (*ifindex > (*item)->link.ifindex) - (*ifindex < (*item)->link.ifindex);
}

static bool is_doomed(const struct doomed *d, uint32_t ifindex)
{
	return bsearch(&ifindex, d->items, d->n, sizeof(struct batch_item *),
		       ifindex_cmp);
}

/* True if every device with our mark in the namespace is to be deleted: deleting a group
 * takes all of its members. */
static bool is_whole_group(struct batch *batch, const struct doomed *d)
{
	struct observation l = {.k = batch->k, .a = batch->a};
	struct err *e;
	bool is_whole = true;

	netns_table_init(&l.netns, batch->k, batch->a);
	e = observe_link_dump(&l, d->items[0]->ns->same);
	if (e)
		is_whole = false;
	for (size_t i = 0; is_whole && i < l.n; i++) {
		const struct nl_link *link = &l.list[i]->link;

		if (link->group == batch->k->config.mark && !is_doomed(d, link->ifindex))
			is_whole = false;
	}
	err_free(e);
	observe_link_clear(&l);
	return is_whole;
}

/* Leaves items unsettled if the group cannot be deleted at once. */
static void delete_group(struct batch *batch, const struct doomed *d)
{
	struct nl_msg m;
	struct err *e;

	if (d->n < 2 || !is_whole_group(batch, d))
		return;
	nl_link_msg_del_group(&m, d->items[0]->ns->nsid, batch->k->config.mark);
	e = nl_run(batch->k->sock, &m, NULL, NULL);
	for (size_t i = 0; !e && i < d->n; i++) {
		forget(batch, d->items[i], true);
		batch_item_done(d->items[i]);
	}
	err_free(e);
}

static void delete_groups(struct batch *batch)
{
	struct batch_item **items =
		arena_array(batch->a, batch->n, sizeof(struct batch_item *));
	struct doomed d = {.items = items};
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		if (!batch->items[i].is_settled)
			items[n++] = &batch->items[i];
	}
	if (n > 1)
		qsort(items, n, sizeof(struct batch_item *), item_cmp);
	for (; d.items < items + n; d.items += d.n) {
		d.n = 1;
		while (d.items + d.n < items + n &&
		       d.items[d.n]->ns->nsid == d.items[0]->ns->nsid)
			d.n++;
		delete_group(batch, &d);
	}
}

/* The deletions of one thread. */
struct lane {
	struct nl_socket *sock;
	struct nl_batch batch;
	size_t *which; /* number of the message to index of the item */
	struct err *e;
	pthread_t thread;
	bool is_started;
};

/* A thread waits for the kernel and does nothing else. It touches nothing that is
 * shared. */
static void *run_lane(void *arg)
{
	struct lane *lane = arg;

	lane->e = nl_batch_run(lane->sock, &lane->batch, NULL, NULL);
	return NULL;
}

static void run_lanes(struct lane *lanes, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (!lanes[i].e)
			lanes[i].is_started =
				!thread_start(&lanes[i].thread, run_lane, &lanes[i]);
	}
	run_lane(&lanes[0]);
	for (size_t i = 1; i < n; i++) {
		if (lanes[i].is_started)
			pthread_join(lanes[i].thread, NULL);
		else if (!lanes[i].e)
			run_lane(&lanes[i]);
	}
}

static void finish_lane(struct batch *batch, struct lane *lane)
{
	for (size_t i = 0; i < lane->batch.n; i++) {
		struct batch_item *item = &batch->items[lane->which[i]];

		if (lane->e && lane->batch.answers[i].sys_errno == NL_NO_ANSWER)
			batch_item_fail(item, err_wrap(err_copy(lane->e), "%s",
						       batch_item_message(batch, item)));
		else
			settle(batch, item, &lane->batch.answers[i]);
	}
	err_free(lane->e);
	nl_batch_clear(&lane->batch);
	if (lane->sock != batch->k->sock)
		nl_socket_close(lane->sock);
}

static size_t count_open(const struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		n += !batch->items[i].is_settled;
	return n;
}

static void delete_single(struct batch *batch)
{
	struct lane lanes[MAX_LANES] = {{.sock = batch->k->sock}};
	size_t n_open = count_open(batch), n_lanes = 1 + n_open / LANE_MESSAGES, at = 0;
	struct nl_msg m;

	if (n_lanes > MAX_LANES)
		n_lanes = MAX_LANES;
	for (size_t i = 0; i < n_lanes; i++) {
		lanes[i].which = arena_array(batch->a, n_open, sizeof(*lanes[i].which));
		if (i)
			lanes[i].e = nl_socket_open(batch->k->port + (uint32_t)i,
						    &lanes[i].sock);
	}
	for (size_t i = 0; i < batch->n; i++) {
		const struct batch_item *item = &batch->items[i];
		struct lane *lane = &lanes[at % n_lanes];

		if (item->is_settled)
			continue;
		nl_link_msg_del(&m, item->ns->nsid, item->link.ifindex);
		lane->which[nl_batch_add(&lane->batch, &m)] = i;
		at++;
	}
	run_lanes(lanes, n_lanes);
	for (size_t i = 0; i < n_lanes; i++)
		finish_lane(batch, &lanes[i]);
}

void execute_link_del(struct batch *batch)
{
	delete_groups(batch);
	delete_single(batch);
}

/* It stands on the device, perhaps with others between, or is its port. */
static bool uses(const struct observation *l, const struct observed_link *f,
		 const struct batch_item *item)
{
	const struct cache_key key = {.nsid = item->ns->nsid,
				      .ifindex = item->link.ifindex};

	if (f->link.upper == key.ifindex && f->key.nsid == key.nsid)
		return true;
	for (int depth = 0; f && f->lower.ifindex && depth < MAX_DEPTH; depth++) {
		if (!memcmp(&f->lower, &key, sizeof(key)))
			return true;
		f = observe_link_find(l, f->lower);
	}
	return false;
}

/* A foreign device on it would be deleted with it, and a port of it would be cut off. */
static struct err *check_unused(struct batch *batch, const struct batch_item *item)
{
	struct observation l = {.k = batch->k, .a = batch->a};
	struct err *e;

	netns_table_init(&l.netns, batch->k, batch->a);
	e = observe_link_dump_all(&l);
	for (size_t i = 0; !e && i < l.n; i++) {
		const struct observed_link *f = l.list[i];

		if (observe_link_is_foreign(&l, f) && uses(&l, f, item))
			e = err_new(ERR_BUSY,
				    "the %s %s, which ipvl did not make, uses it",
				    f->link.kind, f->link.name);
	}
	observe_link_clear(&l);
	return e;
}

void execute_master_del(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];
		struct err *e = item->is_settled ? NULL : check_unused(batch, item);

		if (e)
			batch_item_fail(
				item, err_wrap(e, "%s", batch_item_message(batch, item)));
	}
	delete_single(batch);
}
