/* Short ways to write a wanted model, to plan it on a simulated kernel and to run it. */
#ifndef TESTS_UNIT_DATAPATH_BUILD_H
#define TESTS_UNIT_DATAPATH_BUILD_H 1

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "datapath/apply.h"
#include "datapath/plan/plan.h"
#include "datapath/plan/plan_text.h"
#include "datapath/sim/sim.h"

/* One simulated host and what is wanted of it. */
struct bench {
	struct datapath *dp;
	struct arena *arena;
	struct model want;
	struct model *have;
	struct plan *plan;
	struct plan_result *results; /* of the last bench_apply() */
	size_t n_results;
};

int bench_setup(void **state);
int bench_teardown(void **state);
/* Fails the test, with the error's text. Takes 'e'. */
void must(struct err *e);
/* Fails the test if 'e' is not this errno. Takes 'e'. */
void must_fail(struct err *e, int sys_errno);

/* Pointers stay valid until the next one of the same kind is added. */
struct model_master *want_master(struct bench *b, const char *name, enum model_mode mode);
/* 'addresses': words with blanks between; NULL: external. */
struct model_slave *want_slave(struct bench *b, struct model_master *m, const char *netns,
			       const char *name, const char *addresses);
/* "DESTINATION[ via GATEWAY][ metric N]", DESTINATION with its length or "default". */
struct model_route route(const char *text);
void want_route(struct bench *b, struct model_slave *s, const char *text);
void want_master_route(struct bench *b, struct model_master *m, const char *text);
/* Notes every namespace that slaves are in; 'is_ours': written down as made by us. */
void want_namespaces(struct bench *b, bool is_ours);
struct model_netns *want_netns(struct bench *b, const char *name);

/* Observes everything and plans. */
void bench_plan(struct bench *b);
/* Runs the plan made last. */
void bench_apply(struct bench *b);
void bench_forget_results(struct bench *b);
/* Both, and fails if a step failed, if something foreign was touched, or if a second plan
 * has steps. */
void bench_converge(struct bench *b);
/* Fails if a plan has steps now. */
void bench_is_settled(struct bench *b);

/* plan_text() of the plan made last. From the arena. */
const char *bench_text(struct bench *b);
/* What was observed last, to standard error. */
void print_have(struct bench *b);
/* The step of this op, for this slave (NULL: any), NULL if there is none. */
const struct plan_step *find_step(const struct bench *b, enum plan_op op,
				  const char *netns, const char *name);
size_t count_steps(const struct bench *b, enum plan_op op);
/* Of the slave, or of the master where 'slave' is NULL. */
const struct plan_verdict *verdict(const struct bench *b, const char *netns,
				   const char *slave, const char *master);
/* The slave as it was observed last. */
const struct model_slave *seen(const struct bench *b, const char *master,
			       const char *netns, const char *name);

/* Of the plan made last. */
const struct plan_step *plan_step_of(const struct bench *b, uint32_t id);
/* Plans, and compares bench_text(). */
void expect_steps(struct bench *b, const char *text);
/* Of the slave, or of the master where 'slave' is NULL. */
void expect_verdict(const struct bench *b, const char *netns, const char *slave,
		    const char *master, enum plan_verdict_kind kind, const char *message);
/* 'text': the verdict's warnings, a line each. */
void expect_warnings(const struct bench *b, const char *netns, const char *slave,
		     const char *master, const char *text);
/* Wanted, in l2. */
struct model_master *eth0(struct bench *b);
/* A host with one slave as wanted: ns1/a on eth0 with 10.0.0.2/24, a default route, and
 * an IPv6 address. */
struct model_slave *settled(struct bench *b);

#endif
