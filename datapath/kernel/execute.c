/* Does a batch of steps: finds the device that each acts on, makes sure that it is still
 * what the plan took it for, and lets the op's file do it.
 *
 * What is not an ipvlan with our mark is never written to but as a master; the check is
 * made here, right before, and not only when the plan was made. */
#include "datapath/kernel/batch.h"

#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So many namespaces may be open at a time; deletions open none. */
#define MAX_WORKS 64

enum subject {
	SUBJECT_NONE,
	SUBJECT_SLAVE,  /* an ipvlan of ours */
	SUBJECT_EITHER, /* that, or the master where the step names no slave */
	SUBJECT_MASTER,
	SUBJECT_VLAN,      /* a master that is a VLAN of ours */
	SUBJECT_VLAN_LINK, /* the device below it */
};

static const struct op {
	const char *verb; /* of the sentence about its failure */
	enum subject subject;
	bool is_removal; /* what is not there is as good as removed */
	job_fn *run;
} ops[PLAN_OP_N] = {
	[PLAN_OP_ROUTE_DEL] = {"remove", SUBJECT_EITHER, true, apply_route},
	[PLAN_OP_ADDR_DEL] = {"remove", SUBJECT_SLAVE, true, apply_address},
	[PLAN_OP_LINK_DEL] = {"delete", SUBJECT_SLAVE, true, apply_link_del},
	[PLAN_OP_NETNS_DEL] = {"remove", SUBJECT_NONE, true, apply_netns_del},
	[PLAN_OP_VLAN_DEL] = {"delete", SUBJECT_VLAN, true, apply_vlan_del},
	[PLAN_OP_NETNS_ADD] = {"make", SUBJECT_NONE, false, apply_netns_add},
	[PLAN_OP_VLAN_ADD] = {"make", SUBJECT_VLAN_LINK, false, apply_vlan_add},
	[PLAN_OP_MASTER_SET] = {"change", SUBJECT_MASTER, false, apply_link_change},
	[PLAN_OP_PORT_SET] = {"set", SUBJECT_SLAVE, false, apply_port_set},
	[PLAN_OP_LINK_ADD] = {"make", SUBJECT_MASTER, false, apply_link_add},
	[PLAN_OP_LINK_RENAME] = {"rename", SUBJECT_SLAVE, false, apply_link_change},
	[PLAN_OP_SYSCTL_SET] = {"set", SUBJECT_SLAVE, false, apply_sysctl},
	[PLAN_OP_LINK_SET] = {"change", SUBJECT_SLAVE, false, apply_link_change},
	[PLAN_OP_ADDR_ADD] = {"add", SUBJECT_SLAVE, false, apply_address},
	[PLAN_OP_ROUTE_ADD] = {"add", SUBJECT_EITHER, false, apply_route},
	[PLAN_OP_RESOLV_SET] = {"write", SUBJECT_NONE, false, apply_resolv},
};

void work_fail(struct work *w, struct err *e)
{
	assert(!w->is_settled);
	w->is_settled = true;
	w->result->kind = PLAN_FAILED;
	w->result->error = e;
}

void work_done(struct work *w)
{
	assert(!w->is_settled);
	w->is_settled = true;
	w->result->kind = PLAN_DONE;
}

static const char *slave_label(struct job *j, const struct plan_step *s)
{
	const struct model_slave *slave = s->want ? s->want : s->have;

	return *slave->netns || !*s->master->netns
		       ? model_slave_label(j->a, slave)
		       : arena_printf(j->a, "%s/%s", s->master->netns, slave->name);
}

const char *work_sentence(struct job *j, const struct work *w)
{
	const struct plan_step *s = w->step;
	const char *verb = ops[j->op].verb;
	char buf[IP_TEXT_BYTES], mode[8], flag[8];

	switch (j->op) {
	case PLAN_OP_ADDR_ADD:
	case PLAN_OP_ADDR_DEL:
		return arena_printf(j->a, "cannot %s the address %s %s %s", verb,
				    ip_prefix_format(&s->u.address, buf),
				    j->op == PLAN_OP_ADDR_ADD ? "to" : "from", w->label);
	case PLAN_OP_ROUTE_ADD:
	case PLAN_OP_ROUTE_DEL:
		return arena_printf(j->a, "cannot %s the route %s %s %s", verb,
				    model_route_text(j->a, &s->u.route),
				    j->op == PLAN_OP_ROUTE_ADD ? "to" : "from", w->label);
	case PLAN_OP_LINK_ADD:
		return arena_printf(j->a, "cannot make the ipvlan %s on %s", w->label,
				    w->name);
	case PLAN_OP_VLAN_ADD:
		return arena_printf(j->a, "cannot make the VLAN %s on %s",
				    s->master->name, w->name);
	case PLAN_OP_PORT_SET:
		return arena_printf(j->a, "cannot set %s to %s %s", s->master->name,
				    model_mode_name((uint8_t)s->master->mode, mode),
				    model_flag_name((uint8_t)s->master->flag, flag));
	case PLAN_OP_SYSCTL_SET:
		return arena_printf(j->a, "cannot set %s of %s to %s", s->u.sysctl.key,
				    w->label, s->u.sysctl.value);
	case PLAN_OP_LINK_RENAME:
		return arena_printf(j->a, "cannot rename %s to %s", w->name,
				    s->want->name);
	case PLAN_OP_RESOLV_SET:
		return arena_printf(j->a, "cannot set the name servers of %s", w->label);
	case PLAN_OP_NETNS_ADD:
	case PLAN_OP_NETNS_DEL:
		return arena_printf(j->a, "cannot %s the namespace %s", verb, w->label);
	case PLAN_OP_LINK_DEL:
	case PLAN_OP_VLAN_DEL:
	case PLAN_OP_MASTER_SET:
	case PLAN_OP_LINK_SET:
	case PLAN_OP_N:
		break;
	}
	return arena_printf(j->a, "cannot %s %s", verb, w->label);
}

/* The slave of a step at the time of its op: it is renamed in the midst of them. */
static const struct model_slave *slave_of(const struct plan_step *s)
{
	const struct model_slave *first =
		s->op <= PLAN_OP_LINK_RENAME ? s->have : s->want;

	return first ? first : s->want ? s->want : s->have;
}

static void find_subject(struct job *j, struct work *w)
{
	const struct plan_step *s = w->step;
	const struct model_slave *slave = slave_of(s);
	enum subject subject = ops[j->op].subject;

	w->target_fd = -1;
	if (subject == SUBJECT_NONE) {
		w->label = s->netns ? s->netns->name : slave->netns;
		return;
	}
	w->space = space_add(&j->spaces, s->master->netns);
	w->label = model_master_label(j->a, s->master);
	w->name = subject == SUBJECT_VLAN_LINK ? s->master->vlan_link : s->master->name;
	if (j->op == PLAN_OP_LINK_ADD) {
		w->target =
			*slave->netns ? space_add(&j->spaces, slave->netns) : w->space;
		w->label = slave_label(j, s);
	}
	if (subject == SUBJECT_SLAVE || (subject == SUBJECT_EITHER && slave)) {
		w->name = slave->name;
		w->label = slave_label(j, s);
		if (*slave->netns)
			w->space = space_add(&j->spaces, slave->netns);
	}
}

struct looking {
	struct job *job;
	size_t *which; /* message number to work */
};

static void take_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct looking *looking = aux;
	struct work *w = &looking->job->works[looking->which[number]];

	if (nl_link_parse(h, &w->link))
		w->is_found = true;
}

static struct err *read_subjects(struct job *j)
{
	struct looking looking = {.job = j,
				  .which = arena_array(j->a, j->n, sizeof(size_t))};
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;

	for (size_t i = 0; i < j->n; i++) {
		const struct work *w = &j->works[i];

		if (!w->space || w->space->state != NETNS_LIVE ||
		    strlen(w->name) >= IFNAMSIZ)
			continue;
		nl_link_msg_get(&m, w->space->nsid, w->name, 0);
		looking.which[nl_batch_add(&b, &m)] = i;
	}
	e = nl_batch_run(j->k->sock, &b, take_link, &looking);
	nl_batch_clear(&b);
	return e;
}

static bool is_expected(const struct job *j, const struct work *w)
{
	enum subject subject = ops[j->op].subject;
	bool is_marked = w->link.group == j->k->config.mark;

	if (subject == SUBJECT_MASTER || subject == SUBJECT_VLAN_LINK ||
	    (subject == SUBJECT_EITHER && !slave_of(w->step)))
		return true;
	return is_marked && !strcmp(w->link.name, w->name) &&
	       !strcmp(w->link.kind, subject == SUBJECT_VLAN ? "vlan" : "ipvlan");
}

static void check_subject(struct job *j, struct work *w)
{
	struct err *e = NULL;

	if (w->space->state != NETNS_LIVE)
		e = err_new(ERR_NOT_FOUND, "there is no network namespace %s",
			    w->space->text);
	else if (!w->is_found)
		e = err_new(ERR_NOT_FOUND, "there is no device %s", w->name);
	else if (!is_expected(j, w))
		e = err_new(ERR_EXISTS, "%s is now a device that ipvl did not make",
			    w->name);
	if (!e)
		return;
	if (ops[j->op].is_removal) {
		/* Gone, or another in its place: ours is not there. */
		err_free(e);
		work_done(w);
	} else {
		work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	}
}

static void fail_all(struct job *j, struct err *e)
{
	for (size_t i = 0; i < j->n; i++) {
		struct work *w = &j->works[i];

		if (!w->is_settled)
			work_fail(w, err_wrap(err_copy(e), "%s", work_sentence(j, w)));
	}
	err_free(e);
}

void work_judge(struct job *j, struct work *w, struct nl_socket *sock,
		const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	(void)sock;
	if (e)
		work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	else
		work_done(w);
}

/* The unsettled works from 'first' on that are in its namespace. */
static void send_room(struct job *j, size_t first, work_build_fn *build,
		      work_judge_fn *judge)
{
	const struct space *space = j->works[first].space->same;
	size_t *which = arena_array(j->a, j->n, sizeof(*which));
	struct nl_batch b = {0};
	struct nl_socket *sock;
	struct err *e = space_open_socket(j->k, space, &sock);
	bool is_open = !e;

	for (size_t i = first; i < j->n; i++) {
		struct work *w = &j->works[i];
		struct nl_msg m;

		if (w->is_settled || w->space->same != space)
			continue;
		if (e)
			work_fail(w, err_wrap(err_copy(e), "%s", work_sentence(j, w)));
		else if (build(j, w, &m))
			which[nl_batch_add(&b, &m)] = i;
	}
	if (!e)
		e = nl_batch_run(sock, &b, NULL, NULL);
	for (size_t i = 0; is_open && i < b.n; i++) {
		struct work *w = &j->works[which[i]];

		if (e && b.answers[i].sys_errno == NL_NO_ANSWER)
			work_fail(w, err_wrap(err_copy(e), "%s", work_sentence(j, w)));
		else
			judge(j, w, sock, &b.answers[i]);
	}
	err_free(e);
	nl_batch_clear(&b);
	if (is_open)
		space_close_socket(j->k, sock);
}

void job_send(struct job *j, work_build_fn *build, work_judge_fn *judge)
{
	for (size_t i = 0; i < j->n; i++) {
		if (!j->works[i].is_settled)
			send_room(j, i, build, judge);
	}
}

static void run(struct job *j)
{
	struct err *e;

	for (size_t i = 0; i < j->n; i++)
		find_subject(j, &j->works[i]);
	e = space_resolve(&j->spaces);
	if (!e)
		e = read_subjects(j);
	if (e) {
		fail_all(j, e);
		return;
	}
	for (size_t i = 0; i < j->n; i++) {
		if (j->works[i].space)
			check_subject(j, &j->works[i]);
	}
	ops[j->op].run(j);
}

static void run_some(struct kernel *k, const struct plan_step *const *steps, size_t n,
		     struct plan_result *results)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct job j = {.k = k, .a = a, .op = steps[0]->op, .n = n};

	space_table_init(&j.spaces, k, a);
	j.spaces.is_observed = true;
	j.works = arena_array(a, n, sizeof(*j.works));
	for (size_t i = 0; i < n; i++) {
		assert(steps[i]->op == j.op);
		j.works[i] = (struct work){.step = steps[i], .result = &results[i]};
		results[i] = (struct plan_result){.kind = PLAN_DONE};
	}
	run(&j);
	for (size_t i = 0; i < n; i++)
		assert(j.works[i].is_settled);
	space_table_clear(&j.spaces);
}

void kernel_apply(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		  struct plan_result *results)
{
	struct kernel *k = (struct kernel *)dp;
	size_t most = n && steps[0]->op == PLAN_OP_LINK_DEL ? n : MAX_WORKS;

	for (size_t at = 0; at < n; at += most)
		run_some(k, steps + at, n - at < most ? n - at : most, results + at);
}
