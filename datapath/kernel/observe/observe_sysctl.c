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
