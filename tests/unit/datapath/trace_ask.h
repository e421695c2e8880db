/* A question of a trace test: its hops and its cure go to the golden file. */
#ifndef TESTS_UNIT_DATAPATH_TRACE_ASK_H
#define TESTS_UNIT_DATAPATH_TRACE_ASK_H 1

#include "build.h"
#include "tests/unit/golden.h"

#include "datapath/trace/trace.h"

static inline struct trace *ask(struct bench *b, const char *netns, const char *to,
				unsigned int outside)
{
	struct trace_question q = {
		.netns = netns, .name = *netns ? "s" : "", .outside = outside};
	struct model scope = {0}, *survey;
	struct trace *t;

	must(ip_addr_parse(to, &q.to));
	must(datapath_survey(b->dp, &scope, DATAPATH_FOR_TRACE, b->arena, &survey));
	must(trace_run(b->dp, survey, &q, b->arena, &t));
	for (size_t i = 0; i < t->n_hops; i++)
		golden_add(t->hops[i].text);
	golden_add(t->cure);
	return t;
}

#endif
