/* Groups the devices of a survey by master. A row has one datapath and one mode, so that a device
 * may have to do without a master. */
#include "datapath/kernel/observe/survey_found.h"

#include "datapath/kernel/files/nsfs.h"

#include <stdlib.h>
#include <string.h>

/* The device below. An ipvtap names one in another namespace by its number there, as if it were
 * beside it (Linux ipvtap_link_ops has no get_link_net()): it has that one's MAC address. */
static const struct observed_link *lower_of(const struct observation *o,
					    const struct observed_link *f)
{
	const struct observed_link *lower = observe_link_find(o, f->lower);
	const struct link_type *t = f->link.type;

	if (!t || !link_type_has(t, LINK_HIDES_NETNS) || f->link.lower_is_away ||
	    (lower && !memcmp(lower->link.mac, f->link.mac, sizeof(f->link.mac))))
		return lower;
	for (size_t i = 0; i < o->n; i++) {
		const struct observed_link *d = o->list[i];

		if (d->link.ifindex == f->link.lower && !nl_link_is_upper(&d->link) &&
		    !memcmp(d->link.mac, f->link.mac, sizeof(d->link.mac)))
			return d;
	}
	return NULL;
}

/* The master, where a row could have both. */
static const struct observed_link *master_of(const struct observation *o,
					     const struct observed_link *f)
{
	const struct observed_link *lower = lower_of(o, f);

	if (!f->link.type || !lower || nsfs_is_id(lower->ns->text) ||
	    nsfs_is_id(f->ns->text) || (f->ns->nsid == NSID_HERE && lower->ns != f->ns))
		return NULL;
	return lower;
}

/* Which of two on one master says what the slaves of its row are: an ipvlan if there is one,
 * else one of ours. */
static int kind_cmp(const struct survey_found *x, const struct survey_found *y)
{
	const struct observed_link *a = x->link, *b = y->link;
	bool is_a = a && nl_link_is_ipvlan(&a->link),
	     is_b = b && nl_link_is_ipvlan(&b->link);
	int c;

	if (!a || !b)
		return !a - !b;
	c = is_a != is_b ? is_b - is_a : strcmp(a->link.kind, b->link.kind);
	if (!c)
		c = y->is_ours - x->is_ours;
	if (!c)
		c = strcmp(a->ns->text, b->ns->text);
	return c ? c : strcmp(a->link.name, b->link.name);
}

/* Those of one master follow each other. */
static int found_cmp(const void *x, const void *y)
{
	const struct survey_found *a = x, *b = y;

	return a->master != b->master ? (a->master > b->master) - (a->master < b->master)
				      : kind_cmp(a, b);
}

static bool is_alike(const struct nl_link *a, const struct nl_link *b)
{
	return a->type == b->type && a->mode == b->mode && a->flag == b->flag;
}

/* For a file: a row has one datapath, mode and flag, and those of one master that have others are
 * without a master. */
static void part(struct survey_found *group, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (group[i].link && group[0].link &&
		    !is_alike(&group[i].link->link, &group[0].link->link))
			group[i].master = NULL;
	}
}

size_t survey_found_end(const struct survey_found *found, size_t n, size_t i)
{
	size_t end = i + 1;

	while (end < n && found[end].master == found[i].master)
		end++;
	return end;
}

static void sort(struct survey_found *found, size_t n)
{
	if (n > 1)
		qsort(found, n, sizeof(*found), found_cmp);
}

struct survey_found *survey_found_all(const struct observation *o,
				      enum datapath_survey_use use, size_t *ret_n)
{
	struct survey_found *all = arena_array(o->a, o->n, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		const struct observed_link *f = o->list[i];
		bool is_slave =
			nl_link_is_in_port(&f->link) || (f->link.type && f->link.lower);

		if (is_slave)
			all[n++] = (struct survey_found){f, master_of(o, f),
							 observe_link_is_ours(o, f)};
		else if (observe_link_is_our_master(o, f) && !nsfs_is_id(f->ns->text))
			all[n++] = (struct survey_found){.master = f};
	}
	sort(all, n);
	for (size_t i = 0; i < n; i = survey_found_end(all, n, i)) {
		if (all[i].master && use == DATAPATH_FOR_FILE)
			part(&all[i], survey_found_end(all, n, i) - i);
	}
	sort(all, n);
	*ret_n = n;
	return all;
}
