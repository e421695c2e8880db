/* Deletes devices. Each deletion waits for the kernel's readers (RCU, 12 to 20 ms); those
 * of one group in one namespace wait once (docs/kernel.md, 17). */
#include "datapath/kernel/batch.h"
#include "datapath/kernel/observe_link.h"

#include "lib/alloc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Below two for each, a thread gains nothing; above sixteen, they wait for each other. */
#define MAX_LANES     16
#define LANE_MESSAGES 2

static void forget(struct job *j, const struct work *w)
{
	known_forget(&j->k->known, (struct known_key){w->space->nsid, w->link.ifindex});
}

static void settle(struct job *j, struct work *w, const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	if (e && a->sys_errno != ENODEV) {
		work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
		return;
	}
	err_free(e);
	forget(j, w);
	work_done(w);
}

/* The unsettled works of one namespace, sorted by ifindex. */
struct doomed {
	struct work **works;
	size_t n;
};

static int work_cmp(const void *x, const void *y)
{
	const struct work *const *a = x, *const *b = y;
	int32_t s = (*a)->space->nsid, t = (*b)->space->nsid;
	uint32_t i = (*a)->link.ifindex, k = (*b)->link.ifindex;

	return s != t ? (s > t) - (s < t) : (i > k) - (i < k);
}

static int ifindex_cmp(const void *x, const void *y)
{
	const uint32_t *ifindex = x;
	const struct work *const *w = y;

	return (*ifindex > (*w)->link.ifindex) - (*ifindex < (*w)->link.ifindex);
}

static bool is_doomed(const struct doomed *d, uint32_t ifindex)
{
	return bsearch(&ifindex, d->works, d->n, sizeof(struct work *), ifindex_cmp);
}

/* True where every device with our mark in the namespace is to go: a group takes all of
 * its members. */
static bool is_whole_group(struct job *j, const struct doomed *d)
{
	struct look l = {.k = j->k, .a = j->a};
	struct err *e;
	bool is_whole = true;

	space_table_init(&l.spaces, j->k, j->a);
	e = look_dump(&l, d->works[0]->space->same);
	if (e)
		is_whole = false;
	for (size_t i = 0; is_whole && i < l.n; i++) {
		const struct nl_link *link = &l.list[i]->link;

		if (link->group == j->k->config.mark && !is_doomed(d, link->ifindex))
			is_whole = false;
	}
	err_free(e);
	look_clear(&l);
	return is_whole;
}

/* Leaves works unsettled where the group cannot go at once. */
static void delete_group(struct job *j, const struct doomed *d)
{
	struct nl_msg m;
	struct err *e;

	if (d->n < 2 || !is_whole_group(j, d))
		return;
	nl_link_msg_del_group(&m, d->works[0]->space->nsid, j->k->config.mark);
	e = nl_run(j->k->sock, &m, NULL, NULL);
	for (size_t i = 0; !e && i < d->n; i++) {
		forget(j, d->works[i]);
		work_done(d->works[i]);
	}
	err_free(e);
}

static void delete_groups(struct job *j)
{
	struct work **works = arena_array(j->a, j->n, sizeof(struct work *));
	struct doomed d = {.works = works};
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++) {
		if (!j->works[i].is_settled)
			works[n++] = &j->works[i];
	}
	if (n > 1)
		qsort(works, n, sizeof(struct work *), work_cmp);
	for (; d.works < works + n; d.works += d.n) {
		d.n = 1;
		while (d.works + d.n < works + n &&
		       d.works[d.n]->space->nsid == d.works[0]->space->nsid)
			d.n++;
		delete_group(j, &d);
	}
}

/* A thread's share of the deletions. */
struct lane {
	struct nl_socket *sock;
	struct nl_batch batch;
	size_t *which; /* message number to work */
	struct err *e;
	pthread_t thread;
	bool is_started;
};

/* Threads wait for the kernel side by side; they do nothing else and touch nothing that
 * is shared. */
static void *run_lane(void *arg)
{
	struct lane *lane = arg;

	lane->e = nl_batch_run(lane->sock, &lane->batch, NULL, NULL);
	return NULL;
}

static void start_lane(struct lane *lane)
{
	sigset_t all, old;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	lane->is_started = !pthread_create(&lane->thread, NULL, run_lane, lane);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void run_lanes(struct lane *lanes, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (!lanes[i].e)
			start_lane(&lanes[i]);
	}
	run_lane(&lanes[0]);
	for (size_t i = 1; i < n; i++) {
		if (lanes[i].is_started)
			pthread_join(lanes[i].thread, NULL);
		else if (!lanes[i].e)
			run_lane(&lanes[i]);
	}
}

static void finish_lane(struct job *j, struct lane *lane)
{
	for (size_t i = 0; i < lane->batch.n; i++) {
		struct work *w = &j->works[lane->which[i]];

		if (lane->e && lane->batch.answers[i].sys_errno == NL_NO_ANSWER)
			work_fail(w,
				  err_wrap(err_copy(lane->e), "%s", work_sentence(j, w)));
		else
			settle(j, w, &lane->batch.answers[i]);
	}
	err_free(lane->e);
	nl_batch_clear(&lane->batch);
	if (lane->sock != j->k->sock)
		nl_socket_close(lane->sock);
}

static size_t count_open(const struct job *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++)
		n += !j->works[i].is_settled;
	return n;
}

static void delete_single(struct job *j)
{
	struct lane lanes[MAX_LANES] = {{.sock = j->k->sock}};
	size_t n_open = count_open(j), n_lanes = 1 + n_open / LANE_MESSAGES, at = 0;
	struct nl_msg m;

	if (n_lanes > MAX_LANES)
		n_lanes = MAX_LANES;
	for (size_t i = 0; i < n_lanes; i++) {
		lanes[i].which = arena_array(j->a, n_open, sizeof(*lanes[i].which));
		if (i)
			lanes[i].e =
				nl_socket_open(j->k->port + (uint32_t)i, &lanes[i].sock);
	}
	for (size_t i = 0; i < j->n; i++) {
		const struct work *w = &j->works[i];
		struct lane *lane = &lanes[at % n_lanes];

		if (w->is_settled)
			continue;
		nl_link_msg_del(&m, w->space->nsid, w->link.ifindex);
		lane->which[nl_batch_add(&lane->batch, &m)] = i;
		at++;
	}
	run_lanes(lanes, n_lanes);
	for (size_t i = 0; i < n_lanes; i++)
		finish_lane(j, &lanes[i]);
}

void apply_link_del(struct job *j)
{
	delete_groups(j);
	delete_single(j);
}

/* Somebody else's ipvlan or other device on the VLAN would be deleted with it. */
static struct err *check_unused(struct job *j, const struct work *w)
{
	struct look l = {.k = j->k, .a = j->a};
	struct err *e;

	space_table_init(&l.spaces, j->k, j->a);
	e = look_dump_all(&l);
	for (size_t i = 0; !e && i < l.n; i++) {
		const struct found *f = l.list[i];

		if (f->lower.ifindex == w->link.ifindex &&
		    f->lower.nsid == w->space->nsid && f->link.group != j->k->config.mark)
			e = err_new(ERR_BUSY,
				    "the %s %s, which ipvl did not make, is on it",
				    f->link.kind, f->link.name);
	}
	look_clear(&l);
	return e;
}

void apply_vlan_del(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct work *w = &j->works[i];
		struct err *e = w->is_settled ? NULL : check_unused(j, w);

		if (e)
			work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	}
	delete_single(j);
}
