/* See words.h. */
#include "tests/twin/words.h"

#include "lib/text.h"

#include <inttypes.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Copies a word from '*at', without quotes, and moves '*at' behind it. */
static struct err *take_word(const char **at, char *word, bool *ret_quoted)
{
	bool in_quotes = false;
	const char *s = *at;

	*ret_quoted = false;
	for (; *s && (in_quotes || !is_blank(*s)); s++) {
		if (*s == '"') {
			in_quotes = !in_quotes;
			*ret_quoted = true;
		} else if (in_quotes && *s == '\\' && s[1]) {
			s++;
			*word++ = *s;
			if (*s == 'n')
				word[-1] = '\n';
		} else {
			*word++ = *s;
		}
	}
	*word = '\0';
	*at = s;
	if (in_quotes)
		return err_new(ERR_INVALID, "a quotation mark has no second one");
	return NULL;
}

struct err *words_split(struct arena *a, const char *line, struct words *ret_words)
{
	size_t most = strlen(line) / 2 + 1;
	struct words w = {.a = a};

	w.words = arena_array(a, most, sizeof(*w.words));
	w.is_quoted = arena_array(a, most, sizeof(*w.is_quoted));
	for (;;) {
		struct err *e;

		while (is_blank(*line))
			line++;
		if (!*line || *line == '#')
			break;
		w.words[w.n] = arena_alloc(a, strlen(line) + 1);
		e = take_word(&line, w.words[w.n], &w.is_quoted[w.n]);
		if (e)
			return e;
		w.n++;
	}
	*ret_words = w;
	return NULL;
}

const char *words_quote(struct arena *a, const char *text)
{
	char *quoted = arena_alloc(a, strlen(text) * 2 + 3), *to = quoted;

	if (*text && *text != '#' && !strpbrk(text, " \t\n\"\\!"))
		return text;
	*to++ = '"';
	for (; *text; text++) {
		if (strchr("\"\\\n", *text))
			*to++ = '\\';
		*to++ = *text == '\n' ? 'n' : *text;
	}
	*to = '"';
	return quoted;
}

const char *words_peek(const struct words *w)
{
	return w->at < w->n ? w->words[w->at] : NULL;
}

bool words_take(struct words *w, const char *word)
{
	const char *next = words_peek(w);

	if (!next || w->is_quoted[w->at] || strcmp(next, word) != 0)
		return false;
	w->at++;
	return true;
}

struct err *words_expected(const struct words *w, const char *what)
{
	const char *next = words_peek(w);

	if (!next)
		return err_new(ERR_INVALID, "%s is missing at the end", what);
	return err_new(ERR_INVALID, "\"%s\": expected %s", next, what);
}

struct err *words_next(struct words *w, const char *what, const char **ret_word)
{
	if (w->at == w->n)
		return words_expected(w, what);
	*ret_word = w->words[w->at++];
	return NULL;
}

struct err *words_number(struct words *w, const char *what, uint64_t max,
			 uint64_t *ret_number)
{
	const char *word = words_peek(w);

	if (!word)
		return words_expected(w, what);
	if (!text_to_uint(word, 0, max, ret_number))
		return err_new(ERR_INVALID, "\"%s\": expected %s, 0 to %" PRIu64, word,
			       what, max);
	w->at++;
	return NULL;
}
