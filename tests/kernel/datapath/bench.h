/* A host of its own for each case, with a datapath open on it, and what cases do with
 * both. A function that finds anything wrong ends the case. */
#ifndef TESTS_KERNEL_DATAPATH_BENCH_H
#define TESTS_KERNEL_DATAPATH_BENCH_H 1

#include "datapath/kernel/kernel.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARK       0x1234567
#define OTHER_MARK 0x7654321

/* Of the case that runs. */
extern struct datapath *dp;
extern struct arena *arena;

/* Ends the case: it has failed. */
void fail_at(int line, const char *what);

#define CHECK(condition)                                                                 \
	do {                                                                             \
		if (!(condition))                                                        \
			fail_at(__LINE__, #condition);                                   \
	} while (0)

/* Runs a shell command; its exit status. */
int sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define RUN(...) CHECK(sh(__VA_ARGS__) == 0)

/* Opens 'dp' with MARK. */
void open_datapath(void);

/* Parts of a model, from text. */
struct ip_prefix prefix(const char *text);
struct ip_addr addr(const char *text);
struct model_route route_of(const char *to, const char *via);
struct model_slave slave_of(const char *netns, const char *name);
struct model_master master_of(const char *name, enum model_mode mode,
			      enum model_flag flag);
/* Gives the master its slaves. */
void with_slaves(struct model_master *m, struct model_slave *slaves, size_t n);

/* One step, alone in its batch; the second must succeed. */
struct err *try_step(struct plan_step *step, struct plan_result *ret_result);
struct plan_result do_step(struct plan_step *step);
/* The step fails so; what a person would read is shown. 'sys_errno' 0: not looked at. */
void check_refused(int line, struct plan_step *step, enum err_code code, int sys_errno,
		   const char *part);
#define REFUSED(...) check_refused(__LINE__, __VA_ARGS__)

struct plan_step step_of(enum plan_op op, const struct model_master *m,
			 const struct model_slave *want, const struct model_slave *have);
struct plan_step route_step(enum plan_op op, const struct model_master *m,
			    const struct model_slave *s, const struct model_route *r);

/* Steps that must succeed: the inode of the new namespace, the ifindex of the new slave. */
uint64_t add_netns(const char *name);
uint32_t add_link(const struct model_master *m, const struct model_slave *s);
void add_addr(const struct model_master *m, const struct model_slave *s,
	      const char *text);

/* Observes what the masters name, in 'arena'. */
struct model *observe(struct model_master *masters, size_t n, enum datapath_depth depth);
struct model_netns observe_netns(const char *name);
const struct model_master *seen_master(struct model_master *m, enum datapath_depth depth);

/* The events that come until none has come for 'ms'. Static. */
struct heard {
	char text[4096];
	int n;
};
const struct heard *listen_for(int ms);
/* One of them must contain 'what'. */
void check_heard(int line, const struct heard *heard, const char *what);
#define HEAR(what) check_heard(__LINE__, listen_for(150), what)

/* What a person would read: compared with said.txt, below the name of the case. Takes 'e', which
 * must not be NULL; "…" in the file is any text. */
void say(int line, struct err *e);
void say_text(const char *text);
#define SAY(e) say(__LINE__, e)
/* At the end of the case 'name': 0 if the file has these sentences, in this order. */
int end_said(const char *name);

/* The cases of test_moments.c. */
void test_between(void);
void test_answers(void);
void test_look(void);
void test_words(void);

/* The cases of test_steps.c. */
void test_thin_way(void);
void test_busy(void);
void test_refusals(void);
void test_slave_changes(void);
void test_ports(void);
void test_group_deletion(void);
void test_vlan(void);
void test_resolv(void);

/* The cases of test_inet.c. */
void test_routes(void);
void test_addresses(void);

/* The cases of test_observe.c. */
void test_everything(void);
void test_namespaces(void);
void test_far_master(void);
void test_strangers(void);

/* The cases of test_events.c. */
void test_events(void);

/* The cases of test_scale.c. */
void test_scale(void);
void test_churn(void);

#endif
