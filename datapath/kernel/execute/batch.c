/* One batch of steps: the result of each, and sending the messages for them. */
#include "datapath/kernel/execute/batch.h"

#include "datapath/plan/plan_failure.h"

#include <assert.h>

void batch_item_fail(struct batch_item *item, struct err *e)
{
	assert(!item->is_settled);
	item->is_settled = true;
	item->result->kind = PLAN_FAILED;
	item->result->error = e;
}

void batch_item_done(struct batch_item *item)
{
	assert(!item->is_settled);
	item->is_settled = true;
	item->result->kind = PLAN_DONE;
}

const char *batch_item_message(struct batch *batch, const struct batch_item *item)
{
	return plan_failure(batch->a, item->step);
}

void batch_item_settle(struct batch *batch, struct batch_item *item,
		       struct nl_socket *sock, const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	(void)sock;
	if (e)
		batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
	else
		batch_item_done(item);
}

void batch_fail(struct batch *batch, struct err *e)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];

		if (!item->is_settled)
			batch_item_fail(item, err_wrap(err_copy(e), "%s",
						       batch_item_message(batch, item)));
	}
	err_free(e);
}

/* Sends for the items from 'first' on that are not settled and are in its namespace. */
static void send_in_netns(struct batch *batch, size_t first, batch_build_fn *build,
			  batch_settle_fn *settle)
{
	const struct netns_ref *ns = batch->items[first].ns->same;
	size_t *which = arena_array(batch->a, batch->n, sizeof(*which));
	struct nl_batch b = {0};
	struct nl_socket *sock;
	struct err *e = netns_ref_open_socket(batch->k, ns, &sock);
	bool is_open = !e;

	for (size_t i = first; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];
		struct nl_msg m;

		if (item->is_settled || item->ns->same != ns)
			continue;
		if (e)
			batch_item_fail(item, err_wrap(err_copy(e), "%s",
						       batch_item_message(batch, item)));
		else if (build(batch, item, &m))
			which[nl_batch_add(&b, &m)] = i;
	}
	if (!e)
		e = nl_batch_run(sock, &b, NULL, NULL);
	for (size_t i = 0; is_open && i < b.n; i++) {
		struct batch_item *item = &batch->items[which[i]];

		if (e && b.answers[i].sys_errno == NL_NO_ANSWER)
			batch_item_fail(item, err_wrap(err_copy(e), "%s",
						       batch_item_message(batch, item)));
		else
			settle(batch, item, sock, &b.answers[i]);
	}
	err_free(e);
	nl_batch_clear(&b);
	if (is_open)
		netns_ref_close_socket(batch->k, sock);
}

void batch_send(struct batch *batch, batch_build_fn *build, batch_settle_fn *settle)
{
	for (size_t i = 0; i < batch->n; i++) {
		if (!batch->items[i].is_settled)
			send_in_netns(batch, i, build, settle);
	}
}
