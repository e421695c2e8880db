/* A line as words, and a reader that takes them one by one. */
#ifndef TESTS_TWIN_WORDS_H
#define TESTS_TWIN_WORDS_H 1

#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words {
	struct arena *a;
	char **words;
	bool *is_quoted; /* the word, or a part of it */
	size_t n, at;
};

/* Words are separated by blanks. `"` quotes; in quotes `\n`, `\"` and `\\`. A word that
 * begins with # ends the line. ERR_INVALID: a quote without its end. */
struct err *words_split(struct arena *a, const char *line,
			struct words *ret_words) MUST_CHECK;
/* As words_split() reads it: quoted where necessary. From 'a'. */
const char *words_quote(struct arena *a, const char *text);

/* The next word, NULL at the end. */
const char *words_peek(const struct words *w);
/* Takes the next word if it is 'word', unquoted. */
bool words_take(struct words *w, const char *word);
/* Takes the next word. ERR_INVALID at the end: 'what' is missing. */
struct err *words_next(struct words *w, const char *what,
		       const char **ret_word) MUST_CHECK;
/* Takes a decimal number up to 'max'. */
struct err *words_number(struct words *w, const char *what, uint64_t max,
			 uint64_t *ret_number) MUST_CHECK;
/* ERR_INVALID: 'what' is expected where the next word is. */
struct err *words_expected(const struct words *w, const char *what) MUST_CHECK;

#endif
