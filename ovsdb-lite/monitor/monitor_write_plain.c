/* Row updates of `monitor`: the old and the new image (RFC 7047 4.1.6 <row-update>). */
#include "ovsdb-lite/json/json_write.h"
#include "ovsdb-lite/monitor/monitor_write.h"

#include <stdlib.h>

/* The row as it is, in the columns that are monitored for 'select'. */
static void write_new(struct buffer *b, const struct monitor_table *mt,
		      const struct row *r, enum monitor_select select)
{
	json_write_name(b, "new");
	monitor_write_row(b, mt, r, select, true);
}

static void initial(struct buffer *b, const struct monitor_table *mt, const struct row *r)
{
	buffer_putc(b, '{');
	write_new(b, mt, r, MONITOR_INITIAL);
	buffer_putc(b, '}');
}

static void write_old_value(struct buffer *b, const struct monitor_table *mt,
			    const struct monitor_row *row, size_t i,
			    const struct row *now)
{
	const struct monitor_column *mc = &mt->columns[i];

	monitor_write_column(b, mc);
	switch (mc->pseudo) {
	case MONITOR_UUID:
		datum_write_uuid(b, &row->uuid);
		return;
	case MONITOR_VERSION:
		datum_write_uuid(b, &row->old_version);
		return;
	case MONITOR_REAL:
		datum_write(b, monitor_row_old(row, mt, i, now), &mc->schema->type);
		return;
	}
	abort();
}

static void write_delete(struct buffer *b, const struct monitor_table *mt,
			 const struct monitor_row *row)
{
	buffer_puts(b, "{\"old\":{");
	for (size_t i = 0; i < mt->n_columns; i++)
		if (mt->columns[i].select & MONITOR_DELETE)
			write_old_value(b, mt, row, i, NULL);
	buffer_puts(b, "}}");
}

/* "old" has the columns that changed, "new" all of them. */
static void write_modify(struct buffer *b, const struct monitor_changes *c,
			 const struct monitor_table *mt, const struct monitor_row *row,
			 const struct row *now)
{
	size_t before = b->n, begin;

	buffer_puts(b, "{\"old\":{");
	begin = b->n;
	for (size_t i = 0; i < mt->n_columns; i++)
		if ((mt->columns[i].select & MONITOR_MODIFY) &&
		    monitor_row_differs(c, row, mt, i, now))
			write_old_value(b, mt, row, i, now);
	if (b->n == begin) {
		monitor_unwrite(b, before);
		return;
	}
	buffer_putc(b, '}');
	write_new(b, mt, now, MONITOR_MODIFY);
	buffer_putc(b, '}');
}

static void update(struct buffer *b, const struct monitor_changes *c,
		   const struct monitor_table *mt, const struct monitor_row *row,
		   const struct row *now)
{
	if (row->was_seen && now) {
		write_modify(b, c, mt, row, now);
	} else if (row->was_seen && (mt->select & MONITOR_DELETE)) {
		write_delete(b, mt, row);
	} else if (!row->was_seen && (mt->select & MONITOR_INSERT)) {
		buffer_putc(b, '{');
		write_new(b, mt, now, MONITOR_INSERT);
		buffer_putc(b, '}');
	}
}

const struct monitor_format monitor_format_plain = {initial, update};
