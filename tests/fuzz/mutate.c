/* A mutator for libFuzzer that knows where a JSON value begins and ends: most inputs stay
 * JSON, and get past the parser. Half of the time libFuzzer's own mutates the bytes. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b,
				 size_t n_b, uint8_t *out, size_t max, unsigned int seed);

#define MAX_SPANS 512
#define MAX_DEPTH 64

/* The bytes of one value. */
struct span {
	size_t begin, end;
};

struct spans {
	struct span list[MAX_SPANS];
	size_t n;
};

static size_t string_end(const uint8_t *data, size_t n, size_t i)
{
	for (i++; i < n && data[i] != '"'; i++)
		i += data[i] == '\\';
	return i < n ? i + 1 : n;
}

static bool is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       c == '-' || c == '+' || c == '.';
}

/* Forgiving: brackets that do not match are passed over. */
static void find_spans(struct spans *s, const uint8_t *data, size_t n)
{
	size_t open[MAX_DEPTH], depth = 0, i = 0;

	for (s->n = 0; i < n && s->n < MAX_SPANS;) {
		size_t begin = i;

		if (data[i] == '"') {
			i = string_end(data, n, i);
		} else if (is_word(data[i])) {
			while (i < n && is_word(data[i]))
				i++;
		} else {
			if ((data[i] == '[' || data[i] == '{') && depth < MAX_DEPTH)
				open[depth++] = i;
			if ((data[i] != ']' && data[i] != '}') || !depth) {
				i++;
				continue;
			}
			begin = open[--depth];
			i++;
		}
		s->list[s->n++] = (struct span){begin, i};
	}
}

/* 'data' with [begin, end) replaced; its new size, or 0 if that is above 'max'. */
static size_t splice(uint8_t *data, size_t n, size_t max, struct span s,
		     const uint8_t *with, size_t n_with)
{
	if (n - (s.end - s.begin) + n_with > max)
		return 0;
	memmove(data + s.begin + n_with, data + s.end, n - s.end);
	memcpy(data + s.begin, with, n_with);
	return n - (s.end - s.begin) + n_with;
}

/* A list loses an element with the comma behind it, or before it. */
static struct span with_comma(const uint8_t *data, size_t n, struct span s)
{
	if (s.end < n && data[s.end] == ',')
		s.end++;
	else if (s.begin && data[s.begin - 1] == ',')
		s.begin--;
	return s;
}

static size_t mutate_span(uint8_t *data, size_t n, size_t max, struct span s)
{
	size_t n_old = s.end - s.begin, n_most = n_old + 64;
	CLEANUP(freep) uint8_t *copy = xcalloc(n_most, 1);

	memcpy(copy, data + s.begin, n_old);
	return splice(data, n, max, s, copy, LLVMFuzzerMutate(copy, n_old, n_most));
}

static size_t mutate(uint8_t *data, size_t n, size_t max, const struct spans *spans)
{
	struct span s = spans->list[(size_t)rand() % spans->n];
	struct span other = spans->list[(size_t)rand() % spans->n];
	size_t n_copy = other.end - other.begin;
	CLEANUP(freep) uint8_t *copy = xcalloc(n_copy + 1, 1);

	memcpy(copy, data + other.begin, n_copy);
	switch (rand() % 4) {
	case 0:
		return splice(data, n, max, with_comma(data, n, s), copy, 0);
	case 1: /* one more element */
		copy[n_copy] = ',';
		return splice(data, n, max, (struct span){s.begin, s.begin}, copy,
			      n_copy + 1);
	case 2:
		return mutate_span(data, n, max, s);
	default:
		return splice(data, n, max, s, copy, n_copy);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned int seed)
{
	struct spans spans;
	size_t n_new;

	srand(seed);
	find_spans(&spans, data, n);
	if (!spans.n || rand() % 2)
		return LLVMFuzzerMutate(data, n, max);
	n_new = mutate(data, n, max, &spans);
	return n_new ? n_new : LLVMFuzzerMutate(data, n, max);
}

/* One value of 'a' gives way to one of 'b'. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b,
				 size_t n_b, uint8_t *out, size_t max, unsigned int seed)
{
	struct spans in_a, in_b;
	struct span from, to;

	srand(seed);
	find_spans(&in_a, a, n_a);
	find_spans(&in_b, b, n_b);
	if (!in_a.n || !in_b.n || n_a > max)
		return 0;
	to = in_a.list[(size_t)rand() % in_a.n];
	from = in_b.list[(size_t)rand() % in_b.n];
	memcpy(out, a, n_a);
	return splice(out, n_a, max, to, b + from.begin, from.end - from.begin);
}
