/* Writes records as a table, a list, JSON, YAML or CSV: one interface, a table of
 * functions for each format. */
#ifndef CTL_WRITER_H
#define CTL_WRITER_H 1

#include "ctl/output/layout.h"
#include "ctl/output/format.h"
#include "ovsdb-lite/values/datum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;
struct writer;

/* Borrows 'out' and 'headings' ('n' of them). 'format' is never FORMAT_DEFAULT, nor a
 * picture. */
struct writer *writer_new(enum format format, FILE *out, bool colour,
			  const char *const *headings, size_t n)
	__attribute__((warn_unused_result));
/* Limits the width of a table; 0, the default: any width. */
void writer_limit(struct writer *w, size_t width);
/* Before the first cell: no headings in a table, a list or CSV, and with 'bare' values as
 * value_bare() writes them, in a list. */
void writer_terse(struct writer *w, bool no_headings, bool bare);
/* Adds a cell. Each record has one for each heading, in their order. */
void writer_text(struct writer *w, enum style style, const char *text);
void writer_integer(struct writer *w, int64_t i);
void writer_datum(struct writer *w, enum style style, const struct datum *d,
		  const struct column_type *t);
/* Ends the output and frees 'w'. */
void writer_finish(struct writer *w);

/* Adds a cell: for people, in the form of COLUMN=VALUE, and for programs. Takes
 * 'json'. */
void writer_value(struct writer *w, const char *text, const char *notation,
		  struct json_object *json);

/* Prints a tree as JSON or YAML. */
void writer_print_tree(FILE *out, enum format format, const struct json_object *tree);

/* "csv". Static. */
const char *writer_format_name(enum format format);
bool writer_format_from_name(const char *name, enum format *ret_format);
/* For messages. */
#define WRITER_FORMATS "table, list, json, yaml or csv; and of show also dot or svg"

#endif
