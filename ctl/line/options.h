/* The options of a line that belong to no command. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H 1

#include "ctl/output/format.h"
#include "lib/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* The environment variable that stands for --db. */
#define OPTIONS_DB_VARIABLE "IPVL_DB"
#define OPTIONS_DEFAULT_DB  "unix:/run/ipvl/db.sock"
/* How long to wait for an answer without --timeout. */
#define OPTIONS_DEFAULT_TIMEOUT_MS 10000
/* Of `try`. */
#define OPTIONS_DEFAULT_TRIAL_S 120
/* Past a century clock_now_ms() plus the timeout could overflow. */
#define OPTIONS_MAX_TIMEOUT_S ((uint64_t)100 * 366 * 86400)

struct options {
	const char *db; /* borrowed from argv or the environment, or static */
	struct stream_tls_files tls; /* borrowed; all NULL if not given */
	const char *schema;          /* for a new database file; borrowed */
	int64_t timeout_ms;          /* -1: not given */
	int64_t trial_s;             /* how long the change is on trial; 0: it is not */
	bool no_wait, dry_run;
	bool strict;     /* refuse what could not become ready now */
	bool no_disrupt; /* refuse what costs traffic */
	enum format format;
	bool no_headings; /* of a table, a list and CSV */
	bool bare;        /* values without quotes and brackets */
};

#endif
