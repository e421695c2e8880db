/* What keeps a namespace from being used, whatever is wanted in it: sentences with a
 * cure. None of it is mended by trying again; the next look finds it gone.
 *
 * Neighbours: plan_decide.c gives the verdicts. Namespaces to be made or removed are
 * plan_space.c's. */
#include "datapath/plan_work.h"

#include <string.h>

static const char *file_of(struct plan_work *w, const char *netns)
{
	return *netns == '/' ? netns : arena_printf(w->arena, "/run/netns/%s", netns);
}

static const char *text_other(struct plan_work *w, const struct model_netns *n)
{
	return arena_printf(w->arena, "%s is %s, no network namespace: %s",
			    file_of(w, n->name), n->seen.what,
			    *n->name == '/'
				    ? "give a path such as /proc/PID/ns/net, or a "
				      "name"
				    : "remove it, or give another name");
}

static const char *text_denied(struct plan_work *w, const struct model_netns *n)
{
	uint32_t pid = model_netns_pid(n->name);

	if (!pid)
		return arena_printf(w->arena,
				    "ipvld may not open %s (%s): let it, or give the "
				    "namespace a name with `ip netns attach`",
				    file_of(w, n->name), n->seen.what);
	return arena_printf(
		w->arena,
		"ipvld may not open %s (%s): it needs CAP_SYS_PTRACE, as its "
		"systemd unit has it; or give the namespace a name, `ip netns "
		"attach NAME %u`",
		n->name, n->seen.what, pid);
}

/* A name that the daemon's own namespace was given stays it after a reboot; a process's
 * path says nothing that leaving it out does not say better. */
static const char *text_own(struct plan_work *w, const struct model_netns *n,
			    const char *master_netns)
{
	return arena_printf(w->arena, "%s is this host's own network namespace: %s",
			    n->name,
			    *master_netns ? "give it a name, `ip netns attach NAME 1`, "
					    "and write that"
					  : "leave out `netns`");
}

const char *netns_trouble(struct plan_work *w, const char *netns,
			  const char *master_netns)
{
	const struct model_netns *n = *netns ? model_find_netns(w->have, netns) : NULL;

	switch (n ? n->seen.trouble : MODEL_NETNS_FINE) {
	case MODEL_NETNS_FINE:
		break;
	case MODEL_NETNS_OTHER:
		return text_other(w, n);
	case MODEL_NETNS_DENIED:
		return text_denied(w, n);
	}
	if (n && n->seen.is_own && *netns == '/')
		return text_own(w, n, master_netns);
	return NULL;
}
