/* Strict numbers, checks of UTF-8, and the nearest of several words for a hint. */
#include "lib/text.h"

#include "lib/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool text_to_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' ||
		    __builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

bool text_to_int(const char *text, int64_t *ret_value)
{
	bool negative = *text == '-';
	uint64_t magnitude;

	if (!text_to_uint(text + negative, 0, (uint64_t)INT64_MAX + negative, &magnitude))
		return false;
	*ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
	return true;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein (optimal string alignment) without regard to case, over three rows.
 */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), width = m + 1;
	size_t *rows = xcalloc(3 * width, sizeof(*rows));
	size_t *before = rows, *last = rows + width, *now = rows + 2 * width;
	size_t result;

	for (size_t j = 0; j <= m; j++)
		last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int x = tolower((unsigned char)a[i - 1]),
			    y = tolower((unsigned char)b[j - 1]);

			now[j] = least(last[j - 1] + (x != y),
				       least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		size_t *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	result = last[m];
	free(rows);
	return result;
}

const char *text_nearest(const char *word, const char *const *words)
{
	size_t n = strlen(word), best_distance = (n > 64 ? 0 : n / 3 ? n / 3 : 1) + 1;
	const char *best = NULL;

	for (; *words; words++) {
		size_t d;

		if (strlen(*words) > n + best_distance)
			continue;
		d = distance(word, *words);
		if (d < best_distance) {
			best_distance = d;
			best = *words;
		}
	}
	return best;
}

/* Length of the UTF-8 sequence at 's' with 'n' bytes left; 0 if it is not one (RFC 3629
 * 4). */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
	static const struct {
		unsigned char first, last, second_min, second_max;
		size_t length;
	} ranges[] = {
		{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (s[0] < ranges[i].first || s[0] > ranges[i].last)
			continue;
		if (ranges[i].length > n)
			return 0;
		for (size_t k = 1; k < ranges[i].length; k++) {
			unsigned char min = k == 1 ? ranges[i].second_min : 0x80;
			unsigned char max = k == 1 ? ranges[i].second_max : 0xbf;

			if (s[k] < min || s[k] > max)
				return 0;
		}
		return ranges[i].length;
	}
	return 0;
}

size_t text_utf8_prefix(const char *s, size_t n)
{
	size_t at = 0;

	while (at < n) {
		size_t length = utf8_sequence((const unsigned char *)s + at, n - at);

		if (!length)
			break;
		at += length;
	}
	return at;
}

bool text_is_utf8(const char *s, size_t n)
{
	return text_utf8_prefix(s, n) == n;
}

void text_make_plain(char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			s[i] = '?';
	for (size_t i = text_utf8_prefix(s, n); i < n;
	     i += text_utf8_prefix(s + i, n - i))
		s[i] = '?';
}
