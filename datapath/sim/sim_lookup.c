/* Look-ups as a provider answers them: names to devices, and the answer to the arena. */
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
