/* A whole daemon without its sockets: a database in memory, the simulator, the
 * reconciler, a loop. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H 1

#include "config/rows.h"
#include "datapath/sim/sim.h"
#include "lib/loop.h"
#include "reconciler/preview.h"
#include "reconciler/reconcile.h"

/* cmocka.h and what it needs are included by each test. */
#define WORLD_TEST(name)                                                                 \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* YAML: eth0 in l2 with ns0/ipvl0, which has a default route, and ns1/ipvl1. */
#define WORLD_TWO_SLAVES                                                                 \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"                                                                 \
	"    slaves:\n"                                                                  \
	"      - {name: ipvl0, netns: ns0, addresses: [10.0.0.2/24],\n"                  \
	"         routes: [{to: default, via: 10.0.0.1}]}\n"                             \
	"      - {name: ipvl1, netns: ns1, addresses: [10.0.0.3/24]}\n"

struct world {
	struct loop *loop;
	struct db *db;
	struct ipvl_columns columns;
	struct datapath *sim;
	struct reconciler *reconciler;
	bool is_ready;    /* after the first pass */
	int64_t audit_ms; /* of the next world_start(); 0: never */
};

/* The simulator has the masters eth0 and eth1. The reconciler is not started yet. */
struct world *world_new(void);
void world_free(struct world *w);
/* For cmocka: *state is a struct world. */
int world_setup(void **state);
int world_teardown(void **state);

/* Starts the reconciler (again); stops it as a crash would, with the kernel as it is. */
void world_start(struct world *w);
void world_stop(struct world *w);

/* Applies a YAML text as the source "test"; fails the test if it is refused. */
void world_apply(struct world *w, const char *yaml);

/* The transaction of that; to be committed, or freed, by the caller. */
struct txn *world_declare(struct world *w, const char *yaml);
/* Foretells what committing 't' leads to. In 'a'. */
struct preview *world_foretell(struct world *w, const struct txn *t, struct arena *a);
/* After the commit: fails the test if a row is not as foretold. */
void world_is_as_foretold(struct world *w, const struct preview *p);

/* Applies WORLD_TWO_SLAVES, starts the reconciler, waits until both are ready. */
void world_two_slaves(struct world *w);

/* Runs the loop until 'state' is the slave's (the master's, if 'netns' is NULL), two
 * seconds at most. */
void world_wait_state(struct world *w, const char *netns, const char *name,
		      const char *state);
/* Runs the loop for so long. */
void world_run_for(struct world *w, int64_t ms);
/* Runs the loop until nothing has happened for a while. */
void world_settle(struct world *w);

/* Borrowed; "" if the row or the value is missing. */
const char *world_slave_text(const struct world *w, const char *netns, const char *name,
			     const char *column);
const char *world_master_text(const struct world *w, const char *name,
			      const char *column);
int64_t world_slave_integer(const struct world *w, const char *netns, const char *name,
			    const char *column);

/* The newest Drift row's column, "" if there is none. */
const char *world_drift_text(const struct world *w, const char *column);
size_t world_n_drifts(const struct world *w);

/* Fails the test with the error's sentence. Takes 'e'. */
void world_check(struct err *e);

#endif
