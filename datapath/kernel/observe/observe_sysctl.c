/* Reads settings of devices: files of their namespace, which is entered once for all of them. */
#include "datapath/kernel/observe/observe_sysctl.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/sysctl.h"

/* The device whose files are read: of a master that is still to be made, what it will begin
 * with. NULL: none. */
static const char *sysctl_folder(const struct observed_detail *d)
{
	if (d->found)
		return d->found->link.name;
	return d->slave ? NULL : "default";
}

static bool has_sysctls(const struct observed_detail *details, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (details[i].n_sysctls && sysctl_folder(&details[i]))
			return true;
	}
	return false;
}

static void read_sysctls_of(struct observation *o, const struct observed_detail *d)
{
	const char *folder = sysctl_folder(d);
	struct model_sysctl *values;

	if (!folder || !d->n_sysctls)
		return;
	values = arena_array(o->a, d->n_sysctls, sizeof(*values));
	for (size_t i = 0; i < d->n_sysctls; i++)
		values[i] = (struct model_sysctl){
			.key = d->sysctls[i].key,
			.value = sysctl_read(o->a, folder, d->sysctls[i].key),
		};
	if (d->slave) {
		d->slave->sysctls = values;
		d->slave->n_sysctls = d->n_sysctls;
	} else {
		d->master->sysctls = values;
		d->master->n_sysctls = d->n_sysctls;
	}
}

/* The keys that are recorded of a device. */
static void read_left(struct observation *o, const struct model_master *scope,
		      struct model_master *left)
{
	left->sysctls = arena_array(o->a, scope->n_saved, sizeof(*left->sysctls));
	for (size_t i = 0; i < scope->n_saved; i++) {
		if (scope->saved[i].ifindex != left->seen.ifindex)
			continue;
		left->sysctls[left->n_sysctls++] = (struct model_sysctl){
			.key = scope->saved[i].key,
			.value =
				sysctl_read(o->a, left->seen.device, scope->saved[i].key),
		};
	}
}

struct err *observe_sysctl_read_left(struct observation *o, struct model *have)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		struct model_master *m = &have->masters[i];
		const struct model_master *scope =
			model_find_master(o->scope, m->netns, m->name);
		struct err *e;

		if (!m->seen.n_left)
			continue;
		e = netns_ref_enter(o->k, netns_table_add(&o->netns, m->netns)->same);
		if (e)
			return e;
		for (size_t k = 0; k < m->seen.n_left; k++)
			read_left(o, scope, &m->seen.left[k]);
		nsfs_leave(o->k->own_fd);
	}
	return NULL;
}

struct err *observe_sysctl_read(struct observation *o,
				const struct observed_detail *details, size_t n)
{
	struct err *e;

	if (!has_sysctls(details, n))
		return NULL;
	e = netns_ref_enter(o->k, details[0].ns);
	if (e)
		return e;
	for (size_t i = 0; i < n; i++)
		read_sysctls_of(o, &details[i]);
	nsfs_leave(o->k->own_fd);
	return NULL;
}
