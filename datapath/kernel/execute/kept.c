/* Slaves whose namespace stays without its name. */
#include "datapath/kernel/execute/kept.h"

#include "datapath/kernel/execute/execute_del.h"
#include "lib/alloc.h"

#include <errno.h>

void kept_init(struct kept *kept, struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		n += batch->items[i].step->u.n_going;
	kept->batch = (struct batch){
		.k = batch->k,
		.a = batch->a,
		.op = PLAN_OP_LINK_DEL,
		.items = arena_array(batch->a, n, sizeof(*kept->batch.items))};
	kept->results = arena_array(batch->a, n, sizeof(*kept->results));
	kept->owners = arena_array(batch->a, n, sizeof(struct batch_item *));
}

void kept_add(struct kept *kept, struct batch_item *owner, struct netns_ref *ns)
{
	const struct plan_step *step = owner->step;

	for (size_t i = 0; i < step->u.n_going; i++) {
		size_t n = kept->batch.n++;

		kept->owners[n] = owner;
		kept->batch.items[n] = (struct batch_item){
			.step = step,
			.result = &kept->results[n],
			.ns = ns,
			.link.ifindex = step->u.going[i]->seen.ifindex};
	}
}

static void take_kept(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct kept *kept = aux;
	struct batch_item *item = &kept->batch.items[number];
	struct nl_link link;

	item->is_found =
		nl_link_parse(h, &link) && link.group == kept->batch.k->config.mark;
}

/* Forgets the first 'skip', and of the others those that are gone. A namespace that is going
 * answers EINVAL: nothing waits for it. */
static struct err *drop_gone(struct kept *kept, size_t skip)
{
	struct batch *batch = &kept->batch;
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;
	size_t n = 0;

	batch->items += skip;
	kept->owners += skip;
	batch->n -= skip;
	for (size_t i = 0; i < batch->n; i++) {
		batch->items[i].is_found = false;
		nl_link_msg_get(&m, batch->items[i].ns->nsid, NULL,
				batch->items[i].link.ifindex);
		nl_batch_add(&b, &m);
	}
	e = nl_batch_run(batch->k->sock, &b, take_kept, kept);
	nl_batch_clear(&b);
	for (size_t i = 0; i < batch->n; i++) {
		if (!batch->items[i].is_found)
			continue;
		kept->owners[n] = kept->owners[i];
		batch->items[n++] = batch->items[i];
	}
	batch->n = n;
	return e;
}

static void delete_some(struct kept *kept, size_t n)
{
	struct batch some = kept->batch;

	some.n = n;
	execute_link_del(&some);
	for (size_t i = 0; i < n; i++) {
		struct batch_item *owner = kept->owners[i];
		struct err *e = STEAL(some.items[i].result->error);

		/* EINVAL: the namespace has gone meanwhile. */
		if (e && e->sys_errno != EINVAL && !owner->is_settled)
			batch_item_fail(owner, e);
		else
			err_free(e);
	}
}

/* Those of the first namespace. */
static size_t count_first(const struct kept *kept)
{
	const struct batch *batch = &kept->batch;
	size_t n = 0;

	while (n < batch->n && batch->items[n].ns == batch->items[0].ns)
		n++;
	return n;
}

/* A netlink socket in a namespace keeps it for a moment after its close, until the readers of the
 * kernel have left it (RCU). One deletion takes as long, and then many of the others are gone by
 * themselves. */
struct err *kept_delete(struct kept *kept)
{
	struct err *e = drop_gone(kept, 0);
	size_t n = count_first(kept);

	if (!e && n < kept->batch.n) {
		delete_some(kept, n);
		e = drop_gone(kept, n);
	}
	if (!e && kept->batch.n)
		delete_some(kept, kept->batch.n);
	return e;
}
