/* Finds which lines of two texts are common, and prints the others with their context.
 *
 * Equal lines have one number. Lines that are once in each text and in the same order are
 * anchors (patience diff); what lies between two anchors is compared by itself, by its
 * longest common subsequence once it is small. So a text of 100,000 lines is no problem, and
 * the hunks follow the parts of the text. */
#include "ctl/output/unified.h"

#include "ctl/output/layout.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3
/* Pairs of lines that are compared with each other: a table of 4 MiB. */
#define MAX_PAIRS ((size_t)1 << 20)

struct side {
	const char **lines; /* without their newlines */
	uint32_t *ids;
	bool *is_own; /* not in the other text */
	size_t n, capacity;
};

struct known {
	uint32_t id;
	UT_hash_handle hh;
	char text[];
};

/* Of an id in the two ranges that are compared. */
struct seen {
	uint32_t n_a, n_b;
	size_t at_b;
};

struct comparison {
	struct side a, b;
	struct seen *seen; /* by id; all zero between two uses */
};

/* Takes the line. */
static void add_line(struct side *s, struct known **all, char *line)
{
	size_t n = strlen(line);
	struct known *k;

	HASH_FIND(hh, *all, line, n, k);
	if (!k) {
		k = xcalloc(1, sizeof(*k) + n + 1);
		memcpy(k->text, line, n);
		k->id = (uint32_t)HASH_COUNT(*all);
		HASH_ADD(hh, *all, text[0], n, k);
	}
	free(line);
	if (s->n == s->capacity) {
		s->capacity = s->capacity ? 2 * s->capacity : 64;
		s->lines = xrealloc_array(s->lines, s->capacity, sizeof(*s->lines));
		s->ids = xrealloc_array(s->ids, s->capacity, sizeof(*s->ids));
		s->is_own = xrealloc_array(s->is_own, s->capacity, sizeof(*s->is_own));
	}
	s->lines[s->n] = k->text;
	s->ids[s->n] = k->id;
	s->is_own[s->n++] = false;
}

static void add_text(struct side *s, struct known **all, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		add_line(s, all, xstrndup(text, n));
		text += n + (text[n] == '\n');
	}
}

static void clear_side(struct side *s)
{
	free(s->lines);
	free(s->ids);
	free(s->is_own);
}

static void mark(struct side *s, size_t from, size_t to)
{
	for (; from < to; from++)
		s->is_own[from] = true;
}

/* By the longest common subsequence. table[i * width + k] is its length from line 'i' and
 * line 'k' of the two ranges on. */
static void compare_small(struct comparison *c, size_t a, size_t a_end, size_t b,
			  size_t b_end)
{
	const size_t n_a = a_end - a, n_b = b_end - b, width = n_b + 1;
	const uint32_t *ids_a = c->a.ids + a, *ids_b = c->b.ids + b;
	CLEANUP(freep) uint32_t *table = xcalloc((n_a + 1) * width, sizeof(*table));
	size_t i, k;

	for (i = n_a; i-- > 0;) {
		for (k = n_b; k-- > 0;) {
			uint32_t *at = &table[i * width + k];

			*at = ids_a[i] == ids_b[k] ? at[width + 1] + 1
			      : at[width] > at[1]  ? at[width]
						   : at[1];
		}
	}
	for (i = k = 0; i < n_a && k < n_b;) {
		const uint32_t *at = &table[i * width + k];

		if (ids_a[i] == ids_b[k])
			i++, k++;
		else if (at[width] >= at[1])
			c->a.is_own[a + i++] = true;
		else
			c->b.is_own[b + k++] = true;
	}
	mark(&c->a, a + i, a_end);
	mark(&c->b, b + k, b_end);
}

struct anchor {
	size_t a, b;
	size_t before; /* the one before it in the longest row of anchors, or NONE */
};

#define NONE SIZE_MAX

/* The lines that are once in each range, in the order of 'a'. */
static size_t find_anchors(struct comparison *c, size_t a, size_t a_end, size_t b,
			   size_t b_end, struct anchor *anchors)
{
	size_t n = 0;

	for (size_t i = a; i < a_end; i++)
		c->seen[c->a.ids[i]].n_a++;
	for (size_t i = b; i < b_end; i++) {
		c->seen[c->b.ids[i]].n_b++;
		c->seen[c->b.ids[i]].at_b = i;
	}
	for (size_t i = a; i < a_end; i++) {
		const struct seen *s = &c->seen[c->a.ids[i]];

		if (s->n_a == 1 && s->n_b == 1)
			anchors[n++] = (struct anchor){i, s->at_b, NONE};
	}
	for (size_t i = a; i < a_end; i++)
		c->seen[c->a.ids[i]] = (struct seen){0};
	for (size_t i = b; i < b_end; i++)
		c->seen[c->b.ids[i]] = (struct seen){0};
	return n;
}

/* The longest row of anchors that ascend in both texts: number of the last one, or NONE.
 * ends[n] is the end of the best row of n + 1 anchors. */
static size_t join_anchors(struct anchor *anchors, size_t n)
{
	CLEANUP(freep) size_t *ends = xcalloc(n + 1, sizeof(*ends));
	size_t n_ends = 0;

	for (size_t i = 0; i < n; i++) {
		size_t low = 0, high = n_ends;

		while (low < high) {
			size_t middle = (low + high) / 2;

			if (anchors[ends[middle]].b < anchors[i].b)
				low = middle + 1;
			else
				high = middle;
		}
		anchors[i].before = low ? ends[low - 1] : NONE;
		ends[low] = i;
		n_ends = low == n_ends ? n_ends + 1 : n_ends;
	}
	return n_ends ? ends[n_ends - 1] : NONE;
}

static void compare(struct comparison *c, size_t a, size_t a_end, size_t b, size_t b_end)
{
	CLEANUP(freep) struct anchor *anchors = NULL;
	size_t last;

	for (; a < a_end && b < b_end && c->a.ids[a] == c->b.ids[b]; a++, b++)
		;
	for (; a < a_end && b < b_end && c->a.ids[a_end - 1] == c->b.ids[b_end - 1];
	     a_end--, b_end--)
		;
	if (a_end - a < MAX_PAIRS && b_end - b < MAX_PAIRS &&
	    (a_end - a) * (b_end - b) <= MAX_PAIRS) {
		compare_small(c, a, a_end, b, b_end);
		return;
	}
	anchors = xcalloc(a_end - a, sizeof(*anchors));
	last = join_anchors(anchors, find_anchors(c, a, a_end, b, b_end, anchors));
	if (last == NONE) {
		mark(&c->a, a, a_end);
		mark(&c->b, b, b_end);
		return;
	}
	for (; last != NONE; last = anchors[last].before) {
		compare(c, anchors[last].a + 1, a_end, anchors[last].b + 1, b_end);
		a_end = anchors[last].a;
		b_end = anchors[last].b;
	}
	compare(c, a, a_end, b, b_end);
}

/* A line of the output: ' ', '-' or '+', and where it is in both texts. */
struct op {
	char sign;
	size_t a, b;
};

static size_t make_ops(const struct comparison *c, struct op *ops)
{
	size_t n = 0, a = 0, b = 0;

	while (a < c->a.n || b < c->b.n) {
		char sign = a < c->a.n && c->a.is_own[a]   ? '-'
			    : b < c->b.n && c->b.is_own[b] ? '+'
							   : ' ';

		ops[n++] = (struct op){sign, a, b};
		a += sign != '+';
		b += sign != '-';
	}
	return n;
}

static void print_line(FILE *out, bool colour, enum style style, char *line)
{
	layout_styled(out, colour, style, line);
	fputc('\n', out);
	free(line);
}

/* "@@ -3,7 +3,8 @@ - name: eno2". A range of no lines has the number of the line before it. */
static void print_range(FILE *out, bool colour, const struct comparison *c,
			const struct op *ops, size_t n, const char *heading)
{
	size_t n_a = 0, n_b = 0, of = ops->a;
	const char *section = "";

	for (size_t i = 0; i < n; i++) {
		n_a += ops[i].sign != '+';
		n_b += ops[i].sign != '-';
	}
	while (of && strncmp(c->a.lines[of - 1], heading, strlen(heading)) != 0)
		of--;
	if (of)
		section = c->a.lines[of - 1] + strspn(c->a.lines[of - 1], " ");
	print_line(out, colour, STYLE_FAINT,
		   xasprintf("@@ -%zu,%zu +%zu,%zu @@%s%s", ops->a + (n_a > 0), n_a,
			     ops->b + (n_b > 0), n_b, *section ? " " : "", section));
}

static void print_hunk(FILE *out, bool colour, const struct comparison *c,
		       const struct op *ops, size_t n, const char *heading)
{
	print_range(out, colour, c, ops, n, heading);
	for (size_t i = 0; i < n; i++) {
		char sign = ops[i].sign;

		print_line(out, colour,
			   sign == '-'   ? STYLE_BAD
			   : sign == '+' ? STYLE_GOOD
					 : STYLE_PLAIN,
			   xasprintf("%c%s", sign,
				     sign == '+' ? c->b.lines[ops[i].b]
						 : c->a.lines[ops[i].a]));
	}
}

static void print_hunks(FILE *out, bool colour, const struct comparison *c,
			const char *heading)
{
	CLEANUP(freep) struct op *ops = xcalloc(c->a.n + c->b.n + 1, sizeof(*ops));
	size_t n = make_ops(c, ops), printed = 0;

	for (size_t i = 0; i < n; i++) {
		size_t start, end = i;

		if (ops[i].sign == ' ')
			continue;
		start = i < printed + CONTEXT ? printed : i - CONTEXT;
		for (; i < n && i - end <= 2 * CONTEXT; i++) {
			if (ops[i].sign != ' ')
				end = i + 1;
		}
		printed = end + CONTEXT < n ? end + CONTEXT : n;
		print_hunk(out, colour, c, ops + start, printed - start, heading);
		i = printed - 1;
	}
}

void unified_print(FILE *out, bool colour, const char *name_a, const char *a,
		   const char *name_b, const char *b, const char *heading)
{
	struct comparison c = {0};
	struct known *all = NULL, *k, *next;

	if (!strcmp(a, b))
		return;
	add_text(&c.a, &all, a);
	add_text(&c.b, &all, b);
	c.seen = xcalloc(HASH_COUNT(all) + 1, sizeof(*c.seen));
	compare(&c, 0, c.a.n, 0, c.b.n);
	print_line(out, colour, STYLE_STRONG, xasprintf("--- %s", name_a));
	print_line(out, colour, STYLE_STRONG, xasprintf("+++ %s", name_b));
	print_hunks(out, colour, &c, heading);
	free(c.seen);
	clear_side(&c.a);
	clear_side(&c.b);
	HASH_ITER (hh, all, k, next) {
		HASH_DEL(all, k);
		free(k);
	}
}
