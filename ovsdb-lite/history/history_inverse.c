/* The inverse of a transaction as text: its rows before it. */
#include "ovsdb-lite/history/history_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json_write.h"
#include "ovsdb-lite/rows/txn_private.h"

#include <stdlib.h>

bool history_part_has(enum history_part part, const struct table *t,
		      const struct column_schema *c)
{
	return (part == HISTORY_FILE) == (t->is_stored && !c->ephemeral);
}

/* Inserts and deletes of a table are in one of the two parts. */
static bool has_existence(enum history_part part, const struct table *t)
{
	return (part == HISTORY_FILE) == t->is_stored;
}

/* True if the row has something for this part. Most have nothing for the memory. */
static bool has_part(const struct txn_row *tr, enum history_part part)
{
	const struct table_schema *ts = tr->table->schema;
	enum change_kind kind;

	if (!txn_row_change(tr, &kind))
		return false;
	if (kind != CHANGE_UPDATE && has_existence(part, tr->table))
		return true;
	for (size_t i = 0; kind != CHANGE_INSERT && i < ts->n_columns; i++) {
		if (history_part_has(part, tr->table, &ts->columns[i]) &&
		    (kind == CHANGE_DELETE || tr->cells[i].is_set))
			return true;
	}
	return false;
}

/* The columns of an IMAGE's row; returns how many there are. */
static size_t write_columns(struct buffer *b, const struct txn_row *tr,
			    enum change_kind kind, enum history_part part)
{
	const struct table_schema *ts = tr->table->schema;
	size_t n = 0;

	buffer_putc(b, '{');
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct datum *old = txn_row_old(tr, c);

		if (!history_part_has(part, tr->table, c))
			continue;
		if (kind == CHANGE_UPDATE ? !tr->cells[i].is_set
					  : datum_is_default(old, &c->type))
			continue;
		json_write_name(b, c->name);
		datum_write(b, old, &c->type);
		n++;
	}
	buffer_putc(b, '}');
	return n;
}

static void drop_from(struct buffer *b, size_t n)
{
	b->n = n;
	if (b->data)
		b->data[n] = '\0';
}

/* Writes nothing and returns false if the row has nothing for this part. */
static bool write_row(struct buffer *b, const struct txn_row *tr, enum history_part part)
{
	char uuid[UUID_TEXT_BYTES];
	size_t before = b->n;
	enum change_kind kind;

	if (!has_part(tr, part) || !txn_row_change(tr, &kind))
		return false;
	json_write_name(b, uuid_format(&tr->row->uuid, uuid));
	if (kind == CHANGE_INSERT) {
		buffer_puts(b, "\"inserted\"");
		return true;
	}
	buffer_puts(b, kind == CHANGE_UPDATE ? "{\"changed\":" : "{\"deleted\":");
	if (!write_columns(b, tr, kind, part) && !has_existence(part, tr->table)) {
		drop_from(b, before);
		return false;
	}
	buffer_putc(b, '}');
	return true;
}

static size_t write_table(struct buffer *b, const struct txn *t,
			  const struct table *table, enum history_part part,
			  size_t max_bytes)
{
	size_t before = b->n, n = 0;

	json_write_name(b, table->schema->name);
	buffer_putc(b, '{');
	for (const struct txn_row *tr = t->rows; tr && b->n <= max_bytes; tr = tr->next) {
		if (tr->table == table && write_row(b, tr, part))
			n++;
	}
	buffer_putc(b, '}');
	if (!n)
		drop_from(b, before);
	return n;
}

size_t history_write_inverse(struct buffer *b, const struct txn *t,
			     enum history_part part, size_t max_bytes)
{
	size_t n_tables = t->db->schema->n_tables, before = b->n, n = 0;
	CLEANUP(freep) bool *has_rows = xcalloc(n_tables + 1, sizeof(*has_rows));

	for (const struct txn_row *tr = t->rows; tr; tr = tr->next)
		has_rows[tr->table->schema->index] |= has_part(tr, part);
	buffer_putc(b, '{');
	for (size_t i = 0; i < n_tables; i++) {
		if (has_rows[i])
			n += write_table(b, t, &t->db->tables[i], part, max_bytes);
	}
	buffer_putc(b, '}');
	if (!n)
		drop_from(b, before);
	return n;
}
