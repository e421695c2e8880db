/* What `ipvl-ctl trace` says. */
#include "datapath/trace/trace.h"
#include "lib/alloc.h"
#include "tests/twin/stage_private.h"

#include <string.h>

static bool is_outside(const struct trace *t)
{
	bool found = false;

	for (size_t i = 0; i < t->n_hops; i++)
		found |= !strcmp(t->hops[i].place, "outside");
	return found;
}

const char *stage_trace(struct stage *s, struct arena *a, const char *netns,
			const struct ip_addr *to)
{
	struct trace_question question = {
		.netns = strcmp(netns, ".") != 0 ? netns : "", .name = "", .to = *to};
	struct desired_source source = reconciler_source(s->reconciler);
	const struct desired *desired = desired_build(&source, NULL, 0, true, a);
	struct model *have;
	struct trace *t;
	struct err *e =
		datapath_survey(s->witness, desired->want, DATAPATH_FOR_TRACE, a, &have);

	if (!e)
		e = trace_run(s->witness, have, &question, a, &t);
	if (e) {
		/* Such as a namespace that is not there. */
		err_free(e);
		return "";
	}
	if (t->verdict == TRACE_UNKNOWN || is_outside(t))
		return "";
	return t->verdict == TRACE_ARRIVES ? "yes" : "no";
}
