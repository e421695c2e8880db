/* What changed since a position of some monitors: a row is here from its first change
 * until that is sent, with its values at those clients. Its values of now are in the
 * database. For monitor*.c alone. */
#ifndef OVSDB_MONITOR_CHANGES_H
#define OVSDB_MONITOR_CHANGES_H 1

#include "lib/buffer.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/monitor/monitor_request.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>
#include <stddef.h>

struct monitor_row {
	struct uuid uuid;        /* key */
	bool was_seen;           /* the clients have it; if not, nothing below is known */
	struct uuid old_version; /* zeros: not known, and another one */
	UT_hash_handle hh;
	/* One for each of monitor_table.columns[]; none unless 'was_seen'. */
	struct monitor_cell {
		bool is_kept; /* if not, the value is what it is now */
		struct datum old;
	} cells[];
};

struct monitor_changes {
	const struct monitor_request *request;
	struct monitor_row **rows; /* by UUID, for each table of the schema */
	size_t n_rows;             /* of all tables */
	/* The clients' ephemeral columns are not known: each is sent again. */
	bool forgot_ephemeral;
	size_t n_monitors; /* at this position */
	/* The text for those monitors; "" if there is nothing to send. */
	struct buffer text;
	bool is_written;
	struct monitor_changes *prev, *next; /* in monitor_view.positions */
};

/* Borrows 'r'. */
struct monitor_changes *monitor_changes_new(const struct monitor_request *r)
	__attribute__((warn_unused_result));
void monitor_changes_free(struct monitor_changes *c); /* accepts NULL */

struct monitor_row *monitor_changes_find(const struct monitor_changes *c,
					 const struct monitor_table *mt,
					 const struct uuid *uuid); /* NULL if not there */
/* A row that is not there yet. */
struct monitor_row *monitor_changes_add(struct monitor_changes *c,
					const struct monitor_table *mt,
					const struct uuid *uuid, bool was_seen);
/* The clients' value of column number 'i', unless that is kept already. */
void monitor_row_keep(struct monitor_row *row, const struct monitor_table *mt, size_t i,
		      const struct datum *old);

/* A commit's change of a row that was monitored before it ('was_seen'), or was not. A
 * change in no monitored column is noted only for a row that is here already. */
void monitor_changes_note(struct monitor_changes *c, const struct monitor_table *mt,
			  const struct change *change, bool was_seen, bool shows);
/* The rows that only one of two requests includes, which differ in their conditions.
 * Borrows 'to'. */
struct monitor_changes *monitor_changes_between(const struct monitor_request *from,
						const struct monitor_request *to)
	__attribute__((warn_unused_result));

/* The columns of a row that the clients have and that is still monitored: their value of
 * it (of a MONITOR_REAL), and whether it is another one now. */
const struct datum *monitor_row_old(const struct monitor_row *row,
				    const struct monitor_table *mt, size_t i,
				    const struct row *now);
bool monitor_row_differs(const struct monitor_changes *c, const struct monitor_row *row,
			 const struct monitor_table *mt, size_t i, const struct row *now);

#endif
