/* Makes and removes namespaces, and writes the resolv.conf of a name. */
#include "datapath/kernel/execute/execute_netns.h"

#include "datapath/kernel/events/events_names.h"
#include "datapath/kernel/execute/kept.h"
#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/resolv.h"
#include "datapath/kernel/observe/observe_link.h"
#include "lib/alloc.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void settle(struct batch *batch, struct batch_item *item, struct err *e)
{
	if (e)
		batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
	else
		batch_item_done(item);
}

/* Its descriptor and its socket serve the steps that follow in this turn. */
static void hold(struct kernel *k, const char *name, const struct nsfs_made *made)
{
	if (held_add(&k->held, name, made->inode, made->fd)) {
		held_find(&k->held, name)->sock = made->sock;
		return;
	}
	nl_socket_close(made->sock);
	close(made->fd);
}

static struct err *make(struct batch *batch, struct batch_item *item)
{
	const char *name = item->step->netns->name;
	struct nsfs_made made;
	struct err *e;

	held_drop(&batch->k->held, name);
	events_names_expect(batch->k);
	e = nsfs_make(name, batch->k->own_fd, batch->k->port, &made);
	if (e)
		return e;
	item->result->inode = made.inode;
	item->result->cookie = made.cookie;
	events_names_note(batch->k, name);
	strangers_note_made(&batch->k->strangers, made.inode);
	hold(batch->k, name, &made);
	return NULL;
}

void execute_netns_add(struct batch *batch)
{
	struct err *e = nsfs_prepare();

	held_make_room(&batch->k->held, batch->n);
	for (size_t i = 0; i < batch->n; i++)
		settle(batch, &batch->items[i],
		       e ? err_copy(e) : make(batch, &batch->items[i]));
	err_free(e);
}

/* One more check: a device that another program has put into it since the plan was made
 * would be deleted too. */
static struct err *check_free(struct batch *batch, struct netns_ref *s)
{
	struct observation l = {.k = batch->k, .a = batch->a};
	struct err *e;

	netns_table_init(&l.netns, batch->k, batch->a);
	e = observe_link_dump(&l, s);
	for (size_t i = 0; !e && i < l.n; i++) {
		if (observe_link_is_foreign(&l, l.list[i]))
			e = err_new(ERR_BUSY,
				    "it has a device %s, which ipvl did not make",
				    l.list[i]->link.name);
	}
	observe_link_clear(&l);
	return e;
}

static struct err *remove_name(struct batch *batch, const struct plan_step *step)
{
	struct netns_ref *s = netns_table_add(&batch->netns, step->netns->name);
	struct err *e = NULL;

	if (s->state == NETNS_MISSING)
		return NULL;
	if (s->state == NETNS_LIVE && step->netns->inode &&
	    step->netns->inode != s->inode)
		return err_new(ERR_EXISTS, "the name now stands for another namespace, "
					   "which ipvl did not make");
	if (s->state == NETNS_LIVE)
		e = check_free(batch, s);
	events_names_expect(batch->k);
	if (!e)
		e = nsfs_remove(step->netns->name);
	if (!e) {
		cache_drop_text(&batch->k->cache, step->netns->name);
		events_names_note(batch->k, step->netns->name);
	}
	return e;
}

/* Not if a slave is still in it: the next observation finds it by what is remembered. */
static void forget(struct batch *batch, const struct batch_item *item)
{
	const struct netns_ref *s =
		netns_table_add(&batch->netns, item->step->netns->name);

	if (s->state != NETNS_LIVE || s->nsid == NSID_HERE)
		return;
	cache_forget_netns(&batch->k->cache, s->nsid);
	strangers_forget_netns(&batch->k->strangers, s->nsid);
}

static void remove_names(struct batch *batch, struct kept *kept)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];
		struct netns_ref *s =
			netns_table_add(&batch->netns, item->step->netns->name);
		struct err *e = remove_name(batch, item->step);

		if (e)
			settle(batch, item, e);
		else if (s->state == NETNS_LIVE && s->nsid != NSID_HERE)
			kept_add(kept, item, s);
	}
}

/* What is removed is looked up once more, and must not be kept alive. */
static void drop_held(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		held_drop(&batch->k->held, batch->items[i].step->netns->name);
}

void execute_netns_del(struct batch *batch)
{
	struct kept kept;
	struct err *e;

	drop_held(batch);
	for (size_t i = 0; i < batch->n; i++)
		netns_table_add(&batch->netns, batch->items[i].step->netns->name);
	kept_init(&kept, batch);
	e = netns_table_resolve(&batch->netns);
	drop_held(batch);
	if (!e) {
		remove_names(batch, &kept);
		e = kept_delete(&kept);
	}
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->items[i].is_settled)
			continue;
		if (!e)
			forget(batch, &batch->items[i]);
		settle(batch, &batch->items[i], e ? err_copy(e) : NULL);
	}
	err_free(e);
}

void execute_resolv(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];

		/* Only a namespace with a name has a folder in /etc/netns. */
		settle(batch, item,
		       nsfs_is_name(item->netns)
			       ? resolv_write(&batch->k->resolv, item->netns,
					      item->step->u.resolv_conf)
			       : err_new(ERR_UNSUPPORTED,
					 "the namespace has no name below /run/netns"));
	}
}
