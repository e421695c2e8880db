/* Look-ups as a provider answers them: names to devices, and the answer to the arena. Counters are
 * all 0, as no packets are simulated: which devices are there is the answer. */
#include "datapath/sim/sim_lookup.h"

#include "datapath/sim/sim_host.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_lookup.h"
#include "datapath/sim/twin/twin_world.h"

/* "": NULL. */
static struct err *find_device(const struct twin_netns *s, const char *name,
			       const struct twin_link **ret_link)
{
	*ret_link = *name ? twin_link_find(s, name) : NULL;
	return *name && !*ret_link
		       ? err_new(ERR_NOT_FOUND, "cannot find the device %s", name)
		       : NULL;
}

struct err *sim_lookup(struct datapath *dp, struct datapath_lookup *l, struct arena *a)
{
	const struct twin_netns *s = twin_netns_find_alive(&dp->world, l->netns);
	const struct twin_link *in, *out;
	struct err *e;

	if (!s)
		return err_new(ERR_NOT_FOUND, "there is no namespace %s", l->netns);
	e = find_device(s, l->in, &in);
	if (!e)
		e = find_device(s, l->out, &out);
	if (e)
		return e;
	twin_lookup(s, in, out, l);
	l->device = arena_strdup(a, l->device);
	return NULL;
}

struct err *sim_count(struct datapath *dp, struct datapath_counters *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct twin_netns *s =
			twin_netns_find_alive(&dp->world, list[i].netns);

		list[i].is_there = s && twin_link_find(s, list[i].name);
	}
	return NULL;
}
