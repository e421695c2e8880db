/* A VALUE of the command line, split into elements. Private to args.c and
 * args_value.c. */
#ifndef CTL_ARGS_SPLIT_H
#define CTL_ARGS_SPLIT_H 1

#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>

enum args_split_at {
	ARGS_SPLIT_WHOLE,  /* one element with its blanks and commas; may be empty */
	ARGS_SPLIT_COMMAS, /* blanks are part of an element */
	ARGS_SPLIT_BLANKS, /* at commas and blanks alike */
};

struct args_element {
	const char *key;
	const char *value; /* of a pair KEY=VALUE; NULL if there is none */
	bool is_quoted;    /* the key is quoted, and therefore a string, as in YAML */
};

struct args_elements {
	struct args_element *elements;
	size_t n, cap;
};

/* a,b or a b or [a, b] or {k=v, k="v w"}; a part in double quotes is a JSON string. All
 * from 'a'. */
struct err *args_split(const char *text, enum args_split_at at, bool is_map,
		       struct arena *a, struct args_elements *ret_elements) MUST_CHECK;

/* The length in bytes of the text in double quotes at the start of 'text'; all of
 * 'text' if the closing quote is missing. */
size_t args_quote_length(const char *text);

#endif
