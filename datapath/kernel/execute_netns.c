/* Namespaces that ipvl makes and removes, and the resolv.conf that goes with a name. */
#include "datapath/kernel/batch.h"
#include "datapath/kernel/observe_link.h"

#include "lib/alloc.h"

#include <errno.h>
#include <string.h>

static void settle(struct job *j, struct work *w, struct err *e)
{
	if (e)
		work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	else
		work_done(w);
}

void apply_netns_add(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct work *w = &j->works[i];
		const char *name = w->step->netns->name;
		struct err *e = netns_make(name, j->k->own_fd, &w->result->inode,
					   &w->result->cookie);

		if (!e) {
			events_note_name(j->k, name);
			strangers_note_made(&j->k->strangers, w->result->inode);
		}
		settle(j, w, e);
	}
}

/* A last look: what a stranger put into it since the plan was made would go with it. */
static struct err *check_free(struct job *j, struct space *s)
{
	struct look l = {.k = j->k, .a = j->a};
	struct err *e;

	space_table_init(&l.spaces, j->k, j->a);
	e = look_dump(&l, s);
	for (size_t i = 0; !e && i < l.n; i++) {
		if (look_is_strange(&l, l.list[i]))
			e = err_new(ERR_BUSY,
				    "there is a device %s in it that ipvl did not make",
				    l.list[i]->link.name);
	}
	look_clear(&l);
	return e;
}

static struct err *remove_name(struct job *j, const struct plan_step *step)
{
	struct space *s = space_add(&j->spaces, step->netns->name);
	struct err *e = NULL;

	if (s->state == NETNS_MISSING)
		return NULL;
	if (s->state == NETNS_LIVE && step->netns->inode &&
	    step->netns->inode != s->inode)
		return err_new(
			ERR_EXISTS,
			"the name now stands for a namespace that ipvl did not make");
	if (s->state == NETNS_LIVE)
		e = check_free(j, s);
	if (!e)
		e = netns_remove(step->netns->name);
	if (!e && s->state == NETNS_LIVE && s->nsid != NSID_HERE) {
		known_forget_space(&j->k->known, s->nsid);
		strangers_forget_space(&j->k->strangers, s->nsid);
	}
	if (!e)
		events_note_name(j->k, step->netns->name);
	return e;
}

void apply_netns_del(struct job *j)
{
	struct err *e;

	for (size_t i = 0; i < j->n; i++)
		space_add(&j->spaces, j->works[i].step->netns->name);
	e = space_resolve(&j->spaces);
	for (size_t i = 0; i < j->n; i++)
		settle(j, &j->works[i],
		       e ? err_copy(e) : remove_name(j, j->works[i].step));
	err_free(e);
}

void apply_resolv(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct work *w = &j->works[i];

		/* Only a namespace with a name has a folder of its own. */
		if (!netns_is_name(w->label))
			work_fail(w,
				  err_new(ERR_UNSUPPORTED,
					  "name servers need a namespace with a name"));
		else
			settle(j, w,
			       resolv_write(j->k, w->label, w->step->u.resolv_conf));
	}
}
