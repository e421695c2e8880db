/* A context on a database in memory, and command lines run on it without a daemon. */
#ifndef TESTS_CTL_WORLD_H
#define TESTS_CTL_WORLD_H 1

#include "ctl/session/context.h"

struct world {
	struct context ctx;
	struct db *db;
	char *said; /* the last failure's sentence; NULL if none */
	char *out;  /* what the last line printed */
	char *warnings;
};

void world_init(struct world *w);
void world_clear(struct world *w);

/* Runs a command, its words parted by '|' as in "set-slave|ns1/a|mtu=1400", and commits.
 * False if it failed: w->said tells why. */
bool world_try(struct world *w, const char *line);
/* The same; fails the test if the command fails. Returns what it printed. */
const char *world_run(struct world *w, const char *line);
/* Fails the test unless the command fails with these words. */
void world_refuse(struct world *w, const char *line, const char *words);

/* Begins an attempt and runs commands in it, "\n" between them; it stays open. */
void world_begin(struct world *w, const char *lines);

/* Writes the daemon's columns of a row: "state=ready". RECORD as in the commands. */
void world_status(struct world *w, const char *table, const char *record,
		  const char *assignments);
/* As if 'source' had been applied and declared the slave as it is. */
void world_declare(struct world *w, const char *slave, const char *source);
/* A row of Drift. */
void world_drift(struct world *w, int64_t time_ms, const char *assignments);

/* Fails the test showing both where they differ. */
void expect_text(const char *is, const char *right);

#endif
