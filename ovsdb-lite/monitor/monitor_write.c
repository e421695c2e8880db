/* Updates as text: tables, and in each the row updates of the monitor's format. */
#include "ovsdb-lite/monitor/monitor_write.h"

#include "ovsdb-lite/json/json_write.h"

static const struct monitor_format *format_of(const struct monitor_request *r)
{
	return r->is_plain ? &monitor_format_plain : &monitor_format_cond;
}

static void write_uuid_name(struct buffer *b, const struct uuid *uuid)
{
	char text[UUID_TEXT_BYTES];

	json_write_name(b, uuid_format(uuid, text));
}

static void write_table_rows(struct buffer *b, const struct monitor_format *format,
			     const struct monitor_table *mt)
{
	TABLE_FOR_EACH (r, mt->table) {
		if (!monitor_table_wants(mt, r))
			continue;
		write_uuid_name(b, row_uuid(r));
		format->initial(b, mt, r);
	}
}

static void write_table_changes(struct buffer *b, const struct monitor_format *format,
				const struct monitor_changes *c,
				const struct monitor_table *mt)
{
	const struct monitor_row *row = c->rows[table_schema(mt->table)->index];

	for (; row; row = row->hh.next) {
		const struct row *now = table_find(mt->table, &row->uuid);
		size_t before = b->n, begin;

		if (now && !monitor_table_wants(mt, now))
			now = NULL;
		if (!now && !row->was_seen)
			continue;
		write_uuid_name(b, &row->uuid);
		begin = b->n;
		format->update(b, c, mt, row, now);
		if (b->n == begin)
			monitor_unwrite(b, before);
	}
}

/* The tables with their changes in 'c', or with all of their rows if that is NULL; false,
 * and nothing written, if there is nothing. */
static bool write_tables(struct buffer *b, const struct monitor_request *r,
			 const struct monitor_changes *c)
{
	size_t n_tables = db_schema(r->db)->n_tables;
	bool is_empty = true;

	buffer_putc(b, '{');
	for (size_t i = 0; i < n_tables; i++) {
		const struct monitor_table *mt = &r->tables[i];
		size_t before = b->n, begin;

		if (!mt->table || (!c && !(mt->select & MONITOR_INITIAL)))
			continue;
		json_write_name(b, table_schema(mt->table)->name);
		buffer_putc(b, '{');
		begin = b->n;
		if (c)
			write_table_changes(b, format_of(r), c, mt);
		else
			write_table_rows(b, format_of(r), mt);
		if (b->n == begin) {
			monitor_unwrite(b, before);
			continue;
		}
		buffer_putc(b, '}');
		is_empty = false;
	}
	buffer_putc(b, '}');
	return !is_empty;
}

void monitor_write_rows(struct buffer *out, const struct monitor_request *r)
{
	write_tables(out, r, NULL);
}

const struct buffer *monitor_write_changes(struct monitor_changes *c)
{
	if (c->is_written)
		return &c->text;
	buffer_clear(&c->text);
	if (!write_tables(&c->text, c->request, c))
		buffer_clear(&c->text);
	c->is_written = true;
	return &c->text;
}
