/* What prevents the use of a namespace, whatever is wanted in it: sentences with a
 * remedy. Trying again corrects none of it; the next observation shows when it is
 * gone. */
#include "datapath/plan/plan_trouble.h"

#include <assert.h>
#include <string.h>

static const char *file_of(struct plan_context *ctx, const char *netns)
{
	return *netns == '/' ? netns : arena_printf(ctx->arena, "/run/netns/%s", netns);
}

static const char *text_other(struct plan_context *ctx, const struct model_netns *n)
{
	assert(*n->seen.what);
	return arena_printf(ctx->arena, "%s is %s, not a network namespace: %s",
			    file_of(ctx, n->name), n->seen.what,
			    *n->name == '/'
				    ? "give a path such as /proc/PID/ns/net, or a "
				      "name"
				    : "remove it, or give another name");
}

static const char *text_denied(struct plan_context *ctx, const struct model_netns *n)
{
	uint32_t pid = model_netns_pid(n->name);

	if (!pid)
		return arena_printf(ctx->arena,
				    "ipvld may not open %s (%s): allow it, or give the "
				    "namespace a name with `ip netns attach`",
				    file_of(ctx, n->name), n->seen.what);
	return arena_printf(
		ctx->arena,
		"ipvld may not open %s (%s): it needs CAP_SYS_PTRACE, as its "
		"systemd unit has it; or give the namespace a name, `ip netns "
		"attach NAME %u`",
		n->name, n->seen.what, pid);
}

/* A name for the daemon's own namespace is still valid after a reboot. A path through a
 * process adds nothing to leaving `netns` out. */
static const char *text_own(struct plan_context *ctx, const struct model_netns *n,
			    const char *master_netns)
{
	return arena_printf(
		ctx->arena, "%s is this host's own network namespace: %s", n->name,
		*master_netns ? "give it a name, `ip netns attach NAME 1`, and use that"
			      : "leave out `netns`");
}

static const char *text_replaced(struct plan_context *ctx, const struct model_netns *n)
{
	assert(n->seen.process.pid);
	return arena_printf(
		ctx->arena,
		"%s leads to another namespace than when ipvl first used it (PIDs are "
		"used again), and is not entered: give the namespace a name, `ip netns "
		"attach NAME %u`, and use that; or remove the row, and add it again",
		file_of(ctx, n->name), n->seen.process.pid);
}

static const char *text_ended(struct plan_context *ctx, const struct model_netns *n)
{
	return arena_printf(
		ctx->arena,
		"%s does not exist, since there is no process %u: give the namespace of "
		"a running process a name, `ip netns attach NAME PID`, and use that",
		file_of(ctx, n->name), n->seen.process.pid);
}

const char *plan_process_warning(struct plan_context *ctx, const char *netns)
{
	const struct model_netns *n = *netns ? model_find_netns(ctx->have, netns) : NULL;

	if (!n || !n->seen.exists || !n->seen.process.pid)
		return NULL;
	return arena_printf(ctx->arena,
			    "%s is valid as long as process %u runs, and is not entered "
			    "once another process has its PID, at the latest after a "
			    "reboot: a name stays valid, `ip netns attach NAME %u`",
			    file_of(ctx, n->name), n->seen.process.pid,
			    n->seen.process.pid);
}

const char *plan_netns_trouble(struct plan_context *ctx, const char *netns,
			       const char *master_netns)
{
	const struct model_netns *n = *netns ? model_find_netns(ctx->have, netns) : NULL;

	switch (n ? n->seen.trouble : MODEL_NETNS_FINE) {
	case MODEL_NETNS_FINE:
		break;
	case MODEL_NETNS_OTHER:
		return text_other(ctx, n);
	case MODEL_NETNS_DENIED:
		return text_denied(ctx, n);
	case MODEL_NETNS_REPLACED:
		return text_replaced(ctx, n);
	}
	if (n && n->seen.process.pid && !n->seen.exists)
		return text_ended(ctx, n);
	if (n && n->seen.is_own && *netns == '/')
		return text_own(ctx, n, master_netns);
	return NULL;
}
