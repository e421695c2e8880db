/* Rows and columns as text, for the formats of updates. */
#include "ovsdb-lite/monitor/monitor_write.h"

#include "ovsdb-lite/json/json_write.h"

void monitor_unwrite(struct buffer *b, size_t n)
{
	b->n = n;
	b->data[n] = '\0';
}

void monitor_write_column(struct buffer *b, const struct monitor_column *mc)
{
	json_write_name(b, monitor_column_name(mc));
}

void monitor_write_value(struct buffer *b, const struct monitor_column *mc,
			 const struct row *r)
{
	switch (mc->pseudo) {
	case MONITOR_UUID:
		datum_write_uuid(b, row_uuid(r));
		return;
	case MONITOR_VERSION:
		datum_write_uuid(b, row_version(r));
		return;
	case MONITOR_REAL:
		break;
	}
	datum_write(b, row_get(r, mc->schema), &mc->schema->type);
}

static bool is_default(const struct monitor_column *mc, const struct row *r)
{
	return mc->pseudo == MONITOR_REAL &&
	       datum_is_default(row_get(r, mc->schema), &mc->schema->type);
}

void monitor_write_row(struct buffer *b, const struct monitor_table *mt,
		       const struct row *r, enum monitor_select select,
		       bool with_defaults)
{
	buffer_putc(b, '{');
	for (size_t i = 0; i < mt->n_columns; i++) {
		const struct monitor_column *mc = &mt->columns[i];

		if (!(mc->select & select) || (!with_defaults && is_default(mc, r)))
			continue;
		monitor_write_column(b, mc);
		monitor_write_value(b, mc, r);
	}
	buffer_putc(b, '}');
}
