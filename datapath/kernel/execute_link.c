/* Makes and changes devices: slaves, VLANs, the port's mode and flag, up and MTU, names.
 */
#include "datapath/kernel/batch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* An ifindex that is taken is tried anew so often. */
#define MAX_TRIES 8

static uint32_t next_ifindex(struct kernel *k)
{
	if (k->next_ifindex >= INT32_MAX)
		k->next_ifindex = 1U << 20;
	return k->next_ifindex++;
}

/* One message makes the slave in its namespace. It carries an ifindex of our choosing:
 * then the kernel looks for that in our namespace instead of for the name, which may well
 * be taken here (docs/kernel.md, 5). Without mode it would turn the whole port to l3, so
 * mode and flag always go along. */
static bool build_link_add(struct job *j, struct work *w, struct nl_msg *m)
{
	const struct plan_step *s = w->step;
	const struct nl_link_new l = {
		.ifindex = w->new_ifindex = next_ifindex(j->k),
		.name = s->want->name,
		.kind = "ipvlan",
		.lower = w->link.ifindex,
		.group = j->k->config.mark,
		.mtu = s->want->mtu,
		.netns_fd = w->target_fd,
		.up = !s->want->n_sysctls,
		.mode = (uint8_t)s->master->mode,
		.flag = (uint8_t)s->master->flag,
	};

	nl_link_msg_new(m, &l);
	return true;
}

static void set_name(struct nl_link *link, const char *name)
{
	memset(link->name, 0, sizeof(link->name));
	memcpy(link->name, name, strnlen(name, sizeof(link->name) - 1));
}

static void remember_new(struct job *j, const struct work *w)
{
	struct known_key key = {.nsid = w->target->nsid, .ifindex = w->new_ifindex};
	struct known_key lower = {.nsid = w->space->nsid, .ifindex = w->link.ifindex};
	struct known_device *d = known_get(&j->k->known, key), *master;

	d->link = (struct nl_link){.kind = "ipvlan"};
	set_name(&d->link, w->step->want->name);
	d->link.ifindex = w->new_ifindex;
	d->link.group = j->k->config.mark;
	d->link.lower = w->link.ifindex;
	d->link.flags = w->step->want->n_sysctls ? 0 : IFF_UP;
	d->is_new = true;
	known_declare(d, w->step->want->addresses, w->step->want->n_addresses,
		      w->step->want->n_routes);
	d->lower = lower;
	known_set_place(&j->k->known, d, key.nsid, w->step->want->name);
	master = known_get(&j->k->known, lower);
	if (!master->is_master)
		master->link = w->link;
	master->is_master = true;
	if (!master->member.ifindex)
		master->member = key;
}

/* What the errno alone does not tell a person. */
static struct err *hint_link_add(struct err *e, const struct nl_answer *a,
				 const char *master)
{
	if (a->sys_errno == EOPNOTSUPP)
		return err_hint(e, "this kernel does not have ipvlan: `modprobe ipvlan`, "
				   "or install a "
				   "kernel with CONFIG_IPVLAN");
	if (a->sys_errno == EBUSY)
		return err_hint(
			e, "%s is in use: a bridge's or bond's port, or below a macvlan",
			master);
	if (a->sys_errno == EINVAL && !a->text)
		return err_hint(
			e,
			"ipvlan needs an Ethernet device below it, which %s may not be",
			master);
	return e;
}

/* EEXIST is left open: name or ifindex. */
static void judge_link_add(struct job *j, struct work *w, struct nl_socket *sock,
			   const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	(void)sock;
	if (e && a->sys_errno == EEXIST) {
		err_free(e);
		w->new_ifindex = 0;
	} else if (e) {
		e = hint_link_add(e, a, w->name);
		work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	} else {
		w->result->ifindex = w->new_ifindex;
		remember_new(j, w);
		work_done(w);
	}
}

static void note_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct nl_link *link = aux;

	(void)number;
	nl_link_parse(h, link);
}

/* True where the name is the reason; settles 'w' then. */
static bool is_name_taken(struct job *j, struct work *w)
{
	struct nl_link link = {0};
	struct nl_msg m;
	struct err *e;

	nl_link_msg_get(&m, w->target->nsid, w->step->want->name, 0);
	e = nl_run(j->k->sock, &m, note_link, &link);
	if (e || !link.ifindex) {
		err_free(e);
		return false;
	}
	e = err_new(ERR_EXISTS, "a device of that name is there already (%s)",
		    *link.kind ? link.kind : "of no kind");
	e->sys_errno = EEXIST;
	work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	return true;
}

static bool is_open(const struct work *w)
{
	return !w->is_settled;
}

static void open_targets(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct work *w = &j->works[i];
		struct err *e = NULL;

		if (w->is_settled || w->target->same == w->space->same)
			continue;
		if (w->target->state != NETNS_LIVE)
			e = err_new(ERR_NOT_FOUND, "there is no network namespace %s",
				    w->target->text);
		else
			e = space_open_fd(w->target, &w->target_fd);
		if (e)
			work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	}
}

void apply_link_add(struct job *j)
{
	bool is_again = true;

	open_targets(j);
	for (int try = 0; is_again && try < MAX_TRIES; try++) {
		job_send(j, build_link_add, judge_link_add);
		is_again = false;
		for (size_t i = 0; i < j->n; i++) {
			if (is_open(&j->works[i]) && !is_name_taken(j, &j->works[i]))
				is_again = true;
		}
	}
	for (size_t i = 0; i < j->n; i++) {
		struct work *w = &j->works[i];

		if (w->target_fd >= 0)
			close(w->target_fd);
		if (is_open(w))
			work_fail(w,
				  err_wrap(err_sys(EEXIST, "no free ifindex was found"),
					   "%s", work_sentence(j, w)));
	}
}

static bool build_vlan_add(struct job *j, struct work *w, struct nl_msg *m)
{
	const struct model_master *master = w->step->master;
	const struct nl_link_new l = {
		.name = master->name,
		.kind = "vlan",
		.lower = w->link.ifindex,
		.group = j->k->config.mark,
		.mtu = master->mtu,
		.netns_fd = -1,
		.vlan_id = master->vlan_id,
	};

	nl_link_msg_new(m, &l);
	return true;
}

static void judge_vlan_add(struct job *j, struct work *w, struct nl_socket *sock,
			   const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	if (!e || a->sys_errno != EOPNOTSUPP) {
		err_free(e);
		work_judge(j, w, sock, a);
		return;
	}
	e = err_hint(e, "this kernel does not have VLANs: `modprobe 8021q`");
	work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
}

void apply_vlan_add(struct job *j)
{
	job_send(j, build_vlan_add, judge_vlan_add);
}

static bool build_link_change(struct job *j, struct work *w, struct nl_msg *m)
{
	const struct plan_step *s = w->step;

	if (j->op == PLAN_OP_LINK_RENAME)
		nl_link_msg_rename(m, w->link.ifindex, s->want->name);
	else
		nl_link_msg_set(m, w->link.ifindex, s->u.link.set_up, s->u.link.mtu);
	return true;
}

static void judge_link_change(struct job *j, struct work *w, struct nl_socket *sock,
			      const struct nl_answer *a)
{
	struct known_device *d;

	work_judge(j, w, sock, a);
	d = known_find(&j->k->known, (struct known_key){w->space->nsid, w->link.ifindex});
	if (a->sys_errno || !d)
		return;
	if (j->op == PLAN_OP_LINK_RENAME) {
		set_name(&d->link, w->step->want->name);
		known_set_place(&j->k->known, d, w->space->nsid, w->step->want->name);
	} else if (w->step->u.link.set_up) {
		d->link.flags |= IFF_UP;
	}
	if (w->step->u.link.mtu && j->op != PLAN_OP_LINK_RENAME)
		d->link.mtu = w->step->u.link.mtu;
}

/* MASTER_SET, LINK_SET and LINK_RENAME. */
void apply_link_change(struct job *j)
{
	job_send(j, build_link_change, judge_link_change);
}

static bool build_port_set(struct job *j, struct work *w, struct nl_msg *m)
{
	const struct model_master *master = w->step->master;

	(void)j;
	nl_link_msg_port(m, w->link.ifindex, (uint8_t)master->mode,
			 (uint8_t)master->flag);
	return true;
}

void apply_port_set(struct job *j)
{
	job_send(j, build_port_set, work_judge);
}
