/* Widths are those of wcwidth(3) in a UTF-8 locale, whatever locale the program runs
 * in, because the database is UTF-8. A text is never cut inside a character, or
 * between a character and its combining marks. */
#include "ctl/output/display.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#define ELLIPSIS "…"

/* The length in bytes of the character at 'text'. RFC 3629; an invalid byte counts as
 * one character. */
static size_t decode(const char *text, wchar_t *ret_character)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = *s < 0x80 ? 1 : *s < 0xc0 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? *s : *s & (0x7fu >> n);

	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			*ret_character = *s;
			return 1;
		}
		c = c << 6 | (s[i] & 0x3f);
	}
	*ret_character = (wchar_t)c;
	return n;
}

static size_t character_width(wchar_t c)
{
	static locale_t utf8;
	locale_t before;
	int width;

	if (c < 0x80)
		return 1;
	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!utf8)
		return 1;
	before = uselocale(utf8);
	width = wcwidth(c);
	uselocale(before);
	return width < 0 ? 1 : (size_t)width;
}

/* The length in bytes of the character at 'text' with the combining marks after it. */
static size_t next_cluster(const char *text, size_t *ret_width)
{
	wchar_t c;
	size_t n = decode(text, &c);

	*ret_width = character_width(c);
	while (text[n]) {
		size_t more = decode(text + n, &c);

		if (character_width(c))
			break;
		n += more;
	}
	return n;
}

size_t display_width(const char *text)
{
	size_t all = 0, width;

	while (*text) {
		text += next_cluster(text, &width);
		all += width;
	}
	return all;
}

/* The length in bytes of the part of 'text' that fits. */
static size_t fitting(const char *text, size_t width)
{
	size_t n = 0, used = 0, its_width;

	while (text[n]) {
		size_t bytes = next_cluster(text + n, &its_width);

		if (used + its_width > width)
			break;
		used += its_width;
		n += bytes;
	}
	return n;
}

const char *display_elide(struct arena *a, const char *text, size_t width)
{
	if (display_width(text) <= width)
		return text;
	return arena_printf(a, "%.*s" ELLIPSIS, (int)fitting(text, width - 1), text);
}

const char *display_elide_start(struct arena *a, const char *text, size_t width)
{
	size_t all = display_width(text), its_width;

	if (all <= width)
		return text;
	while (all > width - 1) {
		text += next_cluster(text, &its_width);
		all -= its_width;
	}
	return arena_printf(a, ELLIPSIS "%s", text);
}

const char *display_wrap(struct arena *a, const char **text, size_t width)
{
	const char *start = *text;
	size_t n = fitting(start, width), end = n;

	/* Back to the last blank after the first word, if there is one. */
	while (start[n] && end && start[end] != ' ')
		end--;
	if (!end || strspn(start, " ") >= end)
		end = n;
	*text = start + end + strspn(start + end, " ");
	if (!**text)
		*text = NULL;
	while (end > 1 && start[end - 1] == ' ')
		end--;
	return arena_printf(a, "%.*s", (int)end, start);
}
