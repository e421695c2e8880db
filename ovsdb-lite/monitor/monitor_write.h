/* Updates of monitors as JSON text. For monitor*.c alone. */
#ifndef OVSDB_MONITOR_WRITE_H
#define OVSDB_MONITOR_WRITE_H 1

#include "ovsdb-lite/monitor/monitor_changes.h"

/* Appends {TABLE: {UUID: row}}, the monitored rows as they are now. */
void monitor_write_rows(struct buffer *out, const struct monitor_request *r);
/* The same for what changed: the text of 'c', made at the first call; "" if there is
 * nothing to send. Borrowed from 'c'. */
const struct buffer *monitor_write_changes(struct monitor_changes *c);

/* How the row updates of a kind of monitor are written, after the "UUID": of the row. */
struct monitor_format {
	/* In the reply to the request. */
	void (*initial)(struct buffer *b, const struct monitor_table *mt,
			const struct row *r);
	/* 'now' is NULL if the row is deleted or not monitored any more; then
	 * row->was_seen is true. Appends nothing if there is nothing to send. */
	void (*update)(struct buffer *b, const struct monitor_changes *c,
		       const struct monitor_table *mt, const struct monitor_row *row,
		       const struct row *now);
};
extern const struct monitor_format monitor_format_plain; /* RFC 7047 4.1.6 */
extern const struct monitor_format monitor_format_cond;  /* <table-updates2> */

/* Appends [,]"NAME": of a column. */
void monitor_write_column(struct buffer *b, const struct monitor_column *mc);
/* Appends the value of a column as it is now. */
void monitor_write_value(struct buffer *b, const struct monitor_column *mc,
			 const struct row *r);
/* Appends the row as it is now, {COLUMN: VALUE}, in the columns that are monitored for
 * 'select'. */
void monitor_write_row(struct buffer *b, const struct monitor_table *mt,
		       const struct row *r, enum monitor_select select,
		       bool with_defaults);
/* Removes what was appended since 'b' had 'n' bytes. */
void monitor_unwrite(struct buffer *b, size_t n);

#endif
