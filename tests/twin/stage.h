/* A host with a daemon in this process: a database, its validator, the reconciler, a
 * loop, and a kernel: the simulator, or the one below this process.
 *
 * On the simulator the clock stands still and is moved on while nothing happens. The real
 * kernel is that of the calling process's namespaces: stage_isolate() gives it new
 * ones. */
#ifndef TESTS_TWIN_STAGE_H
#define TESTS_TWIN_STAGE_H 1

#include "config/rows.h"
#include "datapath/sim/twin/twin_request.h"
#include "lib/arena.h"
#include "lib/err.h"
#include "tests/twin/lines.h"
#include "tests/twin/spy.h"

#include <stdbool.h>

struct stage;

struct stage_options {
	bool on_kernel;
	/* The file of the database; NULL: in memory. */
	const char *db_file;
	struct spy_accidents accidents; /* of spy_no_accidents, if none are meant */
};

/* The daemon does not run yet. The host has no devices but lo. */
struct err *stage_new(const struct stage_options *options,
		      struct stage **ret_stage) MUST_CHECK;
void stage_free(struct stage *s); /* accepts NULL */

/* Starts the daemon, and makes its first pass. Does nothing if it runs. */
struct err *stage_start(struct stage *s) MUST_CHECK;
/* SIGTERM, and kill -9: what is ephemeral in the database is lost in both. */
void stage_stop(struct stage *s);
bool stage_is_running(const struct stage *s);

/* A request of another process. The error has the kernel's errno and text. */
struct err *stage_request(struct stage *s, const struct twin_request *r) MUST_CHECK;

/* What a preview foretold: steps as spy_steps(), the same as `ipvl-ctl diff` prints them,
 * which names those that are disruptive, and the lines of stage_state() for the rows that
 * it names. */
struct foretold {
	const char *steps, *diff, *state;
	struct lines labels;
};

/* A transaction of a client, for stage_commit(). */
struct txn *stage_txn(const struct stage *s);
/* The same, of a YAML file as the source 'source'. The error is what ipvl-ctl prints. */
struct err *stage_declare(const struct stage *s, const char *source, const char *yaml,
			  struct txn **ret_t) MUST_CHECK;
/* Takes 't', and does not wait for what follows. Foretells it if 'ret_foretold' is not NULL:
 * the daemon must run then. '*ret_foretold' is from 'a'. */
struct err *stage_commit(struct stage *s, struct txn *t, struct arena *a,
			 struct foretold *ret_foretold) MUST_CHECK;
/* Both: `ipvl-ctl apply` of 'yaml'. */
struct err *stage_apply(struct stage *s, const char *source, const char *yaml,
			struct arena *a, struct foretold *ret_foretold) MUST_CHECK;
/* The same of rows "ns1/a" or "eth0": `ipvl-ctl adopt` or `release`, by 'transfer'
 * (config/rows.h). */
struct err *stage_transfer(struct stage *s, const struct lines *labels,
			   const char *transfer, struct arena *a,
			   struct foretold *ret_foretold) MUST_CHECK;
/* How what happened differs from it; "" if it does not. From 'a'. */
const char *stage_surprise(const struct stage *s, const struct foretold *f,
			   struct arena *a);

/* Runs the loop until nothing is left to do. A daemon that dies of an accident is started
 * again. An error names what is still left after minutes. */
struct err *stage_settle(struct stage *s) MUST_CHECK;

/* The same without waiting for what is to be done later: retries, the port watch. */
struct err *stage_react(struct stage *s) MUST_CHECK;
/* Runs the loop once, for 'timeout_ms' at most. */
struct err *stage_turn(struct stage *s, int64_t timeout_ms) MUST_CHECK;

/* The daemon's rows, and their database. */
const struct ipvl_columns *stage_columns(const struct stage *s);
struct db *stage_db(const struct stage *s);
struct datapath *stage_spy(const struct stage *s);
/* The simulator; NULL on the kernel. */
struct datapath *stage_sim(const struct stage *s);

/* What is wanted, what is there, and the plan of a complete pass. From 'a'. */
struct stage_view {
	struct model *want, *have;
	struct plan *plan;
};
struct err *stage_look(struct stage *s, struct arena *a,
		       struct stage_view *ret_view) MUST_CHECK;
/* What a complete pass would do now: "" if everything is in order, else a line for each
 * step. Steps for rows in error are left out. From 'a'. */
struct err *stage_next_plan(struct stage *s, struct arena *a,
			    const char **ret_plan) MUST_CHECK;
/* What `ipvl-ctl import` writes now, and what it would change to apply that with an empty
 * database: "" if nothing, as it must be if 'ret_is_whole': everything of the host has keys,
 * and its devices are up. From 'a'. */
struct err *stage_import(struct stage *s, struct arena *a, const char **ret_text,
			 bool *ret_is_whole) MUST_CHECK;
/* The devices with our mark, a label in each line. From 'a'. */
struct err *stage_ours(struct stage *s, struct arena *a,
		       const char **ret_text) MUST_CHECK;

/* A line for each row that is not ready, and for each warning, sorted. From 'a'. */
const char *stage_state(const struct stage *s, struct arena *a);
/* A line for each record of drift since the last stage_forget_drift(), sorted. From
 * 'a'. */
const char *stage_drift(const struct stage *s, struct arena *a);
void stage_forget_drift(struct stage *s);
/* The state of the kernel as sim_dump() has it. From 'a'. */
const char *stage_dump(const struct stage *s, struct arena *a);

/* True if a ping from the namespace ("." is the own one) to the address is answered: on
 * the simulator, by what its state implies. */
bool stage_reaches(const struct stage *s, const char *netns, const struct ip_addr *to);
/* What `ipvl-ctl trace` says of it: "yes", "no"; "" where what is outside decides, or what it
 * does not follow. From 'a'. The daemon is running. */
const char *stage_trace(struct stage *s, struct arena *a, const char *netns,
			const struct ip_addr *to);

/* Puts this process into network and mount namespaces of its own, with its own /run and
 * /etc/netns. */
struct err *stage_isolate(void) MUST_CHECK;

#endif
