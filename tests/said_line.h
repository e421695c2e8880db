/* A line of a file said.txt, and a sentence that is held against it. */
#ifndef TESTS_SAID_LINE_H
#define TESTS_SAID_LINE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* "…" in 'line' is any text. */
static inline bool said_line_fits(const char *line, const char *text)
{
	const char *any = strstr(line, "…");
	size_t n = any ? (size_t)(any - line) : strlen(line);

	if (strncmp(line, text, n))
		return false;
	if (!any)
		return !text[n];
	line = any + strlen("…");
	for (text += n; !said_line_fits(line, text); text++) {
		if (!*text)
			return false;
	}
	return true;
}

#endif
