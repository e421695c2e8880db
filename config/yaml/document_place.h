/* Where in its file a part of a document is. */
#ifndef CONFIG_DOCUMENT_PLACE_H
#define CONFIG_DOCUMENT_PLACE_H 1

#include "config/yaml/document_data.h"
#include "config/yaml/document_errors.h"

#include <stdbool.h>

/* A byte's place. */
struct place document_place_of_byte(const struct document *d, size_t offset);
/* The first tab of a line's indentation. */
bool document_place_find_tab(const struct document *d, size_t line,
			     struct place *ret_place);

/* Where 'at', a part of d->model, stands. */
struct place document_place_of(const struct document *d, const struct valid_place *at);

/* Adds a complaint about an object of d->model at its place in the file. What it collides
 * with, if anything, is an object of 'other'. */
void document_place_complain(const struct document *d, const struct valid_complaint *c,
			     const struct document *other,
			     struct document_errors *errors);

#endif
