/* The server's errors name operations of the protocol; what a user reads names objects. */
#include "ctl/run_error.h"

#include "lib/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* True if 'text' has 'word' between blanks or punctuation. */
static bool has_word(const char *text, const char *word)
{
	static const char inside[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-./";
	size_t n = strlen(word);

	for (const char *p = strstr(text, word); p; p = strstr(p + 1, word)) {
		bool begins = p == text || !strchr(inside, p[-1]);

		if (begins && (!p[n] || !strchr(inside, p[n])))
			return true;
	}
	return false;
}

/* True if 'object' ("Slave ns1/a, column routes") only repeats a name of the message. */
static bool is_repeated(const char *object, const char *message)
{
	CLEANUP(freep) char *label = NULL;
	const char *space = strchr(object, ' ');

	/* "routes=default via" is what was typed, not "Slave ns1/a, column routes". */
	if (!space || memchr(object, '=', (size_t)(space - object)))
		return false;
	label = xstrndup(space + 1, strcspn(space + 1, ","));
	return *label && has_word(message, label);
}

/* "operation 3" and "commit" are terms of the protocol, which a user has not typed;
 * the object behind "commit" is shown. Takes 'e'. */
struct err *run_error_in_plain_words(struct err *e)
{
	static const char commit[] = "commit: ";
	char *object = NULL;

	if (e->path && !strncmp(e->path, commit, strlen(commit)))
		object = xstrdup(e->path + strlen(commit));
	else if (!e->path ||
		 (strncmp(e->path, "commit", 6) && strncmp(e->path, "operation ", 10)))
		object = e->path ? xstrdup(e->path) : NULL;
	if (object && is_repeated(object, e->message)) {
		free(object);
		object = NULL;
	}
	free(e->path);
	e->path = object;
	return e;
}
