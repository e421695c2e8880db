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

/* The bytes of one value, or of one member of an object. */
struct span {
	size_t begin, end;
	bool is_member;
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

static size_t word_end(const uint8_t *data, size_t n, size_t i)
{
	while (i < n && is_word(data[i]))
		i++;
	return i;
}

static bool is_name(const uint8_t *data, size_t n, struct span s)
{
	while (s.end < n && data[s.end] == ' ')
		s.end++;
	return data[s.begin] == '"' && s.end < n && data[s.end] == ':';
}

static void add_span(struct spans *s, size_t begin, size_t end, bool is_member)
{
	if (s->n < MAX_SPANS)
		s->list[s->n++] = (struct span){begin, end, is_member};
}

/* Forgiving: brackets that do not match are passed over. */
static void find_spans(struct spans *s, const uint8_t *data, size_t n)
{
	size_t open[MAX_DEPTH], name[MAX_DEPTH + 1], depth = 0, end;

	s->n = 0;
	for (size_t i = name[0] = 0; i < n; i = end) {
		struct span value = {.begin = i};

		end = i + 1;
		if (data[i] == '"') {
			end = string_end(data, n, i);
		} else if (is_word(data[i])) {
			end = word_end(data, n, i);
		} else if ((data[i] == '[' || data[i] == '{') && depth < MAX_DEPTH) {
			open[depth++] = i;
			name[depth] = 0;
			continue;
		} else if ((data[i] == ']' || data[i] == '}') && depth) {
			value.begin = open[--depth];
		} else {
			continue;
		}
		value.end = end;
		if (is_name(data, n, value)) {
			name[depth] = value.begin;
			continue;
		}
		add_span(s, value.begin, value.end, false);
		if (name[depth])
			add_span(s, name[depth], value.end, true);
		name[depth] = 0;
	}
}

/* Any of them; one that may stand where 'like' stands, if that is not NULL and there is
 * one. */
static struct span any_span(const struct spans *s, const struct span *like)
{
	struct span found = s->list[(size_t)rand() % s->n];

	for (int i = 0; like && found.is_member != like->is_member && i < 8; i++)
		found = s->list[(size_t)rand() % s->n];
	return found;
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
	struct span s = any_span(spans, NULL), other = any_span(spans, &s);
	size_t n_copy = other.end - other.begin;
	CLEANUP(freep) uint8_t *copy = xcalloc(n_copy + 1, 1);

	memcpy(copy, data + other.begin, n_copy);
	switch (rand() % 4) {
	case 0:
		return splice(data, n, max, with_comma(data, n, s), copy, 0);
	case 1: /* one more element */
		copy[n_copy] = ',';
		return splice(data, n, max,
			      (struct span){.begin = s.begin, .end = s.begin}, copy,
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

/* A value or member of 'a' gives way to one of 'b'. */
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
	to = any_span(&in_a, NULL);
	from = any_span(&in_b, &to);
	memcpy(out, a, n_a);
	return splice(out, n_a, max, to, b + from.begin, from.end - from.begin);
}
