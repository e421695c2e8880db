/* What is wrong with an option. Which options there are is each program's own. */
#include "lib/option.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

static struct err *unknown(const char *word, const struct option *options,
			   const char *program)
{
	struct err *e = err_new(ERR_INVALID, "invalid option %s", word);
	CLEANUP(freep) char *name = xstrdup(word + strspn(word, "-"));
	CLEANUP(freep) const char **names = NULL;
	const char *nearest;
	size_t n = 0;

	name[strcspn(name, "=")] = '\0';
	while (options[n].name)
		n++;
	names = xcalloc(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = options[i].name;
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean --%s?", nearest)
		       : err_hint(e, "see `%s --help`", program);
}

struct err *option_err(int result, char **argv, const struct option *options,
		       const char *program, const char *(*letter_hint)(int letter))
{
	/* musl counts a value that is missing: argv[argc] is NULL. */
	const char *word = argv[optind - 1] ? argv[optind - 1] : argv[optind - 2], *hint;
	bool is_long = !strncmp(word, "--", 2);

	if (result == ':')
		return err_new(ERR_INVALID, "%s needs a value", word);
	/* A letter inside a word such as "-xy" leaves 'optind' at that word. */
	if (optopt && !(is_long && strchr(word, '='))) {
		struct err *e = err_new(ERR_INVALID, "invalid option -%c", optopt);

		hint = letter_hint ? letter_hint(optopt) : NULL;
		return hint ? err_hint(e, "%s", hint)
			    : err_hint(e, "see `%s --help`", program);
	}
	if (optopt)
		return err_new(ERR_INVALID, "%s takes no value", word);
	return unknown(word, options, program);
}
