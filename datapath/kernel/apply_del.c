/* Deletes devices. Each deletion waits for the kernel's readers (RCU, 12 to 20 ms); those
 * of one group in one namespace wait once (docs/kernel.md, 17). */
#include "datapath/kernel/job.h"
#include "datapath/kernel/look.h"

#include "lib/alloc.h"

#include <errno.h>
#include <string.h>

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

static bool is_doomed(const struct job *j, const struct space *s, uint32_t ifindex)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct work *w = &j->works[i];

		if (!w->is_settled && w->space->same == s && w->link.ifindex == ifindex)
			return true;
	}
	return false;
}

/* True where every device with our mark in the namespace is to go: a group takes all of
 * its members. */
static bool is_whole_group(struct job *j, struct space *s)
{
	struct look l = {.k = j->k, .a = j->a};
	struct err *e;
	bool is_whole = true;

	space_table_init(&l.spaces, j->k, j->a);
	e = look_dump(&l, s);
	if (e)
		is_whole = false;
	for (size_t i = 0; is_whole && i < l.n; i++) {
		const struct nl_link *link = &l.list[i]->link;

		if (link->group == j->k->config.mark && !is_doomed(j, s, link->ifindex))
			is_whole = false;
	}
	err_free(e);
	look_clear(&l);
	return is_whole;
}

static size_t count_in(const struct job *j, const struct space *s)
{
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++)
		n += !j->works[i].is_settled && j->works[i].space->same == s;
	return n;
}

/* Leaves works unsettled where the group cannot go at once. */
static void delete_group(struct job *j, struct space *s)
{
	struct nl_msg m;
	struct err *e;

	if (count_in(j, s) < 2 || !is_whole_group(j, s))
		return;
	nl_link_msg_del_group(&m, s->nsid, j->k->config.mark);
	e = nl_run(j->k->sock, &m, NULL, NULL);
	for (size_t i = 0; !e && i < j->n; i++) {
		struct work *w = &j->works[i];

		if (w->is_settled || w->space->same != s)
			continue;
		forget(j, w);
		work_done(w);
	}
	err_free(e);
}

static void delete_single(struct job *j)
{
	size_t *which = arena_array(j->a, j->n, sizeof(*which));
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;

	for (size_t i = 0; i < j->n; i++) {
		const struct work *w = &j->works[i];

		if (w->is_settled)
			continue;
		nl_link_msg_del(&m, w->space->nsid, w->link.ifindex);
		which[nl_batch_add(&b, &m)] = i;
	}
	e = nl_batch_run(j->k->sock, &b, NULL, NULL);
	for (size_t i = 0; i < b.n; i++)
		settle(j, &j->works[which[i]], &b.answers[i]);
	err_free(e);
	nl_batch_clear(&b);
}

void apply_link_del(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		if (!j->works[i].is_settled)
			delete_group(j, j->works[i].space->same);
	}
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
