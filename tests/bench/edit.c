/* What an edit of a master with many slaves costs the daemon, by the column that changes.
 *
 * `edit [N]`: N slaves (default 2000) on the simulator. The CPU time of this process from
 * the commit until cur_cfg has followed, the least of some rounds, and how many times
 * less that is than for an edit of the MTU, which reaches every slave. */
#include "config/rows.h"
#include "lib/alloc.h"
#include "lib/log.h"
#include "ovsdb-lite/rows/txn.h"
#include "tests/twin/stage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DEFAULT_N 2000
#define N_ROUNDS  5
#define MAX_TURNS 100000

static void check(struct err *e)
{
	if (!e)
		return;
	fprintf(stderr, "edit: %s\n", e->message);
	exit(1);
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void wait_until_followed(struct stage *s)
{
	const struct ipvl_columns *c = stage_columns(s);
	const struct row *host = rows_find_host(c, NULL, NULL);

	for (int i = 0; i < MAX_TURNS; i++) {
		if (datum_integer(row_get(host, c->host.cur_cfg), 0) ==
		    datum_integer(row_get(host, c->host.next_cfg), 0))
			return;
		check(stage_turn(s, 100));
	}
	fprintf(stderr, "edit: cur_cfg does not follow\n");
	exit(1);
}

static void set_external_ids(const struct ipvl_columns *c, struct txn *t, struct row *m,
			     int round)
{
	union atom key = {.string = (char[]){"round"}}, value;
	char text[16];
	struct datum d;

	snprintf(text, sizeof(text), "%d", round);
	value.string = text;
	value = atom_copy(&value, ATOM_STRING);
	datum_init_empty(&d);
	datum_append(&d, atom_copy(&key, ATOM_STRING), &value);
	txn_set(t, m, c->master.external_ids, &d);
}

static void set_drift(const struct ipvl_columns *c, struct txn *t, struct row *m,
		      int round)
{
	txn_set_string(t, m, c->master.drift, round % 2 ? "report" : "repair");
}

static void set_flag(const struct ipvl_columns *c, struct txn *t, struct row *m,
		     int round)
{
	txn_set_string(t, m, c->master.flag, round % 2 ? "private" : "bridge");
}

static void set_mode(const struct ipvl_columns *c, struct txn *t, struct row *m,
		     int round)
{
	txn_set_string(t, m, c->master.mode, round % 2 ? "l3" : "l3s");
}

static void set_mtu(const struct ipvl_columns *c, struct txn *t, struct row *m, int round)
{
	txn_set_integer(t, m, c->master.mtu, round % 2 ? 1400 : 1500);
}

static const struct column {
	const char *name;
	void (*set)(const struct ipvl_columns *c, struct txn *t, struct row *m,
		    int round);
} columns[] = {
	{"mtu", set_mtu},
	{"mode", set_mode},
	{"flag", set_flag},
	{"drift", set_drift},
	{"external_ids", set_external_ids},
};

/* The least of the rounds but the first, which sets the value that they change. */
static double measure(struct stage *s, const struct column *column)
{
	const struct ipvl_columns *c = stage_columns(s);
	double least = -1;

	for (int round = 0; round <= N_ROUNDS; round++) {
		struct txn *t = stage_txn(s);
		double ms;

		column->set(c, t, rows_find_master(c, t, "", "eth0"), round);
		ms = cpu_ms();
		check(stage_commit(s, t, NULL, NULL));
		wait_until_followed(s);
		ms = cpu_ms() - ms;
		if (round && (least < 0 || ms < least))
			least = ms;
		check(stage_settle(s));
	}
	return least;
}

static void make_slaves(struct stage *s, unsigned int n)
{
	const struct twin_request eth0 = {
		.kind = TWIN_LINK_NEW,
		.flags = TWIN_CREATE | TWIN_EXCL,
		.netns = "",
		.name = "eth0",
		.u.link = {.kind = "dummy", .sent = TWIN_LINK_UP, .is_up = true},
	};
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t size = 64 * (size_t)n + 100, at;
	char *yaml = arena_alloc(a, size);
	struct txn *t;

	at = (size_t)snprintf(yaml, size,
			      "version: 1\nmasters:\n  - name: eth0\n    mode: l3s\n"
			      "    slaves:\n");
	for (unsigned int i = 0; i < n; i++)
		at += (size_t)snprintf(yaml + at, size - at,
				       "      - {name: a, netns: n%u, addresses: "
				       "[10.%u.%u.2/24]}\n",
				       i, i / 250, i % 250);
	check(stage_request(s, &eth0));
	check(stage_start(s));
	check(stage_declare(s, "bench", yaml, &t));
	check(stage_commit(s, t, NULL, NULL));
	wait_until_followed(s);
	check(stage_settle(s));
}

int main(int argc, char **argv)
{
	const struct stage_options options = {.accidents = spy_no_accidents};
	unsigned int n = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : DEFAULT_N;
	struct stage *s;
	double all = 0;

	log_set_level(LOG_LEVEL_ERR);
	check(stage_new(&options, &s));
	make_slaves(s, n);
	printf("an edit of a master with %u slaves:\n", n);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		double ms = measure(s, &columns[i]);

		if (!i)
			all = ms;
		printf("%-12s %9.3f ms %8.1f\n", columns[i].name, ms, all / ms);
		fflush(stdout);
	}
	stage_free(s);
	return 0;
}
