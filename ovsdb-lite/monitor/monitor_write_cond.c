/* Row updates of `monitor_cond` and `monitor_cond_since`: new rows without what is at its
 * default, changed ones as a difference (ovsdb-server(7) 4.1.14 <row-update2>). */
#include "ovsdb-lite/json/json_write.h"
#include "ovsdb-lite/monitor/monitor_write.h"

static void initial(struct buffer *b, const struct monitor_table *mt, const struct row *r)
{
	buffer_puts(b, "{\"initial\":");
	monitor_write_row(b, mt, r, MONITOR_INITIAL, false);
	buffer_putc(b, '}');
}

static void write_difference(struct buffer *b, const struct monitor_table *mt,
			     const struct monitor_row *row, size_t i,
			     const struct row *now)
{
	const struct monitor_column *mc = &mt->columns[i];
	struct datum diff;

	monitor_write_column(b, mc);
	if (mc->pseudo != MONITOR_REAL || mc->schema->type.n_max == 1) {
		monitor_write_value(b, mc, now);
		return;
	}
	datum_diff(&diff, monitor_row_old(row, mt, i, now), row_get(now, mc->schema),
		   &mc->schema->type);
	datum_write(b, &diff, &mc->schema->type);
	datum_clear(&diff, &mc->schema->type);
}

static void write_modify(struct buffer *b, const struct monitor_changes *c,
			 const struct monitor_table *mt, const struct monitor_row *row,
			 const struct row *now)
{
	size_t before = b->n, begin;

	buffer_puts(b, "{\"modify\":{");
	begin = b->n;
	for (size_t i = 0; i < mt->n_columns; i++)
		if ((mt->columns[i].select & MONITOR_MODIFY) &&
		    monitor_row_differs(c, row, mt, i, now))
			write_difference(b, mt, row, i, now);
	if (b->n == begin)
		monitor_unwrite(b, before);
	else
		buffer_puts(b, "}}");
}

static void update(struct buffer *b, const struct monitor_changes *c,
		   const struct monitor_table *mt, const struct monitor_row *row,
		   const struct row *now)
{
	if (row->was_seen && now) {
		write_modify(b, c, mt, row, now);
	} else if (row->was_seen && (mt->select & MONITOR_DELETE)) {
		buffer_puts(b, "{\"delete\":null}");
	} else if (!row->was_seen && (mt->select & MONITOR_INSERT)) {
		buffer_puts(b, "{\"insert\":");
		monitor_write_row(b, mt, now, MONITOR_INSERT, false);
		buffer_putc(b, '}');
	}
}

const struct monitor_format monitor_format_cond = {initial, update};
