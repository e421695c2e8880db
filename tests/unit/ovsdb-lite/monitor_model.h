/* A client of a monitor as the wire's rules make it: a copy of the rows that it asked
 * for, kept by what it is told and by nothing else. Says so if it is told anything that
 * does not fit. */
#ifndef TESTS_MONITOR_MODEL_H
#define TESTS_MONITOR_MODEL_H 1

#include "lib/hash_table.h"
#include "ovsdb-lite/monitor/monitor.h"

#include <stdbool.h>
#include <stddef.h>

struct model_row {
	struct uuid uuid; /* key */
	unsigned int mark;
	UT_hash_handle hh;
	struct datum columns[]; /* all of the table; those not asked for stay empty */
};

#define MODEL_MAX_TABLES 4

struct model {
	enum monitor_method method;
	struct monitor *monitor; /* NULL while it is away */
	/* What it asks for, by the schema's number of the table: columns as bits by their
	 * number (0: the table is not monitored), clauses of which any must hold, as
	 * texts ('n_where' 0: every row). */
	struct model_table {
		unsigned int columns;
		char *where[3];
		size_t n_where;
		struct model_row *rows;
	} tables[MODEL_MAX_TABLES];
	unsigned int id; /* its monitor's */
	struct uuid last;
	const struct schema *schema;
};

void model_init(struct model *m, enum monitor_method method, const struct schema *s);
void model_clear(struct model *m);

/* Begins to monitor. True if only the difference was told (MONITOR_COND_SINCE). */
bool model_connect(struct model *m, struct monitor_set *set);
void model_disconnect(struct model *m);
/* Takes what is due. */
void model_catch_up(struct model *m);
/* The clauses of some tables are others now: monitor_cond_change. */
void model_change(struct model *m);
/* Fails unless its rows are those that selects find in the database. */
void model_check(struct model *m, struct db *db);

#endif
