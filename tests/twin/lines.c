/* See lines.h. */
#include "tests/twin/lines.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

struct lines lines_of(struct arena *a, const char *text)
{
	struct lines l = {0};

	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = arena_alloc(a, n + 1);

		memcpy(line, text, n);
		l.lines = arena_grow(a, l.lines, l.n, &l.cap, sizeof(*l.lines));
		l.lines[l.n++] = line;
		text += n + (text[n] == '\n');
	}
	while (l.n && !*l.lines[l.n - 1])
		l.n--;
	return l;
}

const char *lines_text(struct arena *a, const struct lines *l)
{
	size_t n = 1;
	char *text, *at;

	for (size_t i = 0; i < l->n; i++)
		n += strlen(l->lines[i]) + 1;
	text = at = arena_alloc(a, n);
	for (size_t i = 0; i < l->n; i++) {
		at = stpcpy(at, l->lines[i]);
		*at++ = '\n';
	}
	return text;
}

static int cmp_lines(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

void lines_sort(struct lines *l)
{
	if (l->n)
		qsort(l->lines, l->n, sizeof(*l->lines), cmp_lines);
}

void lines_add(struct lines *l, const char *line)
{
	l->lines = xgrow(l->lines, l->n, &l->cap, sizeof(*l->lines));
	l->lines[l->n++] = xstrdup(line);
}

bool lines_have(const struct lines *l, const char *line)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!strcmp(l->lines[i], line))
			return true;
	}
	return false;
}

void lines_clear(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->lines[i]);
	free(l->lines);
	*l = (struct lines){0};
}

/* lengths[i * (n + 1) + k]: of the longest common part of x from i on and y from k on. */
static const size_t *common_lengths(struct arena *a, const struct lines *x,
				    const struct lines *y)
{
	size_t width = y->n + 1;
	size_t *lengths = arena_array(a, (x->n + 1) * width, sizeof(*lengths));

	for (size_t i = x->n; i-- > 0;) {
		for (size_t k = y->n; k-- > 0;) {
			size_t down = lengths[(i + 1) * width + k];
			size_t right = lengths[i * width + k + 1];

			if (!strcmp(x->lines[i], y->lines[k]))
				lengths[i * width + k] =
					lengths[(i + 1) * width + k + 1] + 1;
			else
				lengths[i * width + k] = down > right ? down : right;
		}
	}
	return lengths;
}

const char *lines_diff(struct arena *a, const char *expected, const char *found)
{
	struct lines x = lines_of(a, expected), y = lines_of(a, found);
	const size_t *lengths = common_lengths(a, &x, &y);
	size_t width = y.n + 1, i = 0, k = 0;
	const char *text = "";

	if (x.n == y.n && lengths[0] == x.n)
		return "";
	while (i < x.n || k < y.n) {
		if (i < x.n && k < y.n && !strcmp(x.lines[i], y.lines[k])) {
			text = arena_printf(a, "%s  %s\n", text, x.lines[i++]);
			k++;
		} else if (k == y.n || (i < x.n && lengths[(i + 1) * width + k] >=
							   lengths[i * width + k + 1])) {
			text = arena_printf(a, "%s- %s\n", text, x.lines[i++]);
		} else {
			text = arena_printf(a, "%s+ %s\n", text, y.lines[k++]);
		}
	}
	return text;
}
