/* Finds out what the word that a shell completes can be: an option, a command, or an argument,
 * which the usage of its command names ("SLAVE COLUMN=VALUE…"). A new command needs nothing
 * here. */
#include "ctl/complete.h"

#include "ctl/commands.h"
#include "ctl/complete_rows.h"
#include "ctl/line/parse.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

#include <keys_text.h> /* made by the build */

/* What is before the word. */
struct before {
	struct options options;
	const struct command *command; /* NULL: none yet */
	bool is_help;                  /* behind `help` */
	const char **args;             /* of the command; owned */
	size_t n_args;
	const char *option; /* its value is completed; NULL: none */
};

static bool find_option(const char *name, size_t n, struct parse_option *ret_option)
{
	for (size_t i = 0; parse_option_at(i, ret_option); i++) {
		if (strlen(ret_option->name) == n && !strncmp(ret_option->name, name, n))
			return true;
	}
	return false;
}

/* "--db=X"; "--db", of which the next word is the value; "-f". */
static void read_option(struct before *b, const char *word)
{
	const char *name = word + strspn(word, "-"), *value = strchr(word, '=');
	size_t n = value ? (size_t)(value - name) : strlen(name);
	struct parse_option o;

	if (word[1] != '-') {
		b->option = !word[2] && strchr("ft", word[1])
				    ? word[1] == 'f' && b->command &&
						      b->command->options & OPTION_FILE
					      ? "file"
				      : word[1] == 'f' ? "format"
						       : "timeout"
				    : NULL;
		return;
	}
	if (!find_option(name, n, &o) || !o.takes_value)
		return;
	if (!value)
		b->option = o.name;
	else if (!strcmp(o.name, "db"))
		b->options.db = value + 1;
}

static void read_word(struct before *b, const char *word)
{
	if (b->option) {
		if (!strcmp(b->option, "db"))
			b->options.db = word;
		b->option = NULL;
	} else if (!strcmp(word, "--")) { /* another command */
		b->command = NULL;
		b->is_help = false;
		b->n_args = 0;
	} else if (*word == '-' && word[1]) {
		read_option(b, word);
	} else if (!b->command && !strcmp(word, "help")) {
		b->is_help = true;
	} else if (!b->command) {
		for (const struct command *c = commands; c->name && !b->command; c++)
			b->command = !strcmp(c->name, word) ? c : NULL;
	} else {
		b->args[b->n_args++] = word;
	}
}

/* The table whose columns the command shows or sets; NULL: none. */
static const char *table_of(const struct before *b)
{
	const struct command *c = b->command;

	if (!c)
		return NULL;
	if (command_sets(c))
		return command_sets(c);
	if (!strcmp(c->name, "list-slaves"))
		return "Slave";
	if (!strcmp(c->name, "list-masters"))
		return "Master";
	return !strncmp(c->usage, "TABLE", strlen("TABLE")) && b->n_args ? b->args[0]
									 : NULL;
}

/* A word with a list: only what follows the last comma is completed. */
static void complete_list(const struct before *b, struct complete_word w,
			  const char *option)
{
	static const char *const outside[] = {"route-back", "hairpin", "proxy-arp",
					      "on-link", "plain"};
	const char *comma = strrchr(w.begun, ',');
	CLEANUP(freep) char *done = NULL;

	if (comma) {
		done = xasprintf("%s%.*s", w.before, (int)(comma + 1 - w.begun), w.begun);
		w.before = done;
		w.begun = comma + 1;
	}
	if (!strcmp(option, "columns"))
		complete_rows(&w, &b->options, COMPLETE_COLUMNS, table_of(b));
	for (size_t i = 0; !strcmp(option, "outside") && i < ARRAY_SIZE(outside); i++)
		complete_offer(&w, outside[i]);
}

static enum complete_status
complete_value(const struct before *b, const struct complete_word *w, const char *option)
{
	static const char *const formats[] = {"table", "list", "json", "yaml", "csv"};
	static const char *const files[] = {"db",      "private-key", "certificate",
					    "ca-cert", "schema",      "file"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (!strcmp(option, files[i]))
			return COMPLETE_FILES;
	}
	for (size_t i = 0; !strcmp(option, "format") && i < ARRAY_SIZE(formats); i++)
		complete_offer(w, formats[i]);
	if (!strcmp(option, "source"))
		complete_rows(w, &b->options, COMPLETE_SOURCES, NULL);
	complete_list(b, *w, option);
	return COMPLETE_DONE;
}

static enum complete_status complete_option(const struct before *b,
					    struct complete_word w)
{
	const char *equals = strchr(w.begun, '=');
	CLEANUP(freep) char *done = NULL;
	struct parse_option o;

	if (equals && find_option(w.begun + 2, (size_t)(equals - w.begun - 2), &o)) {
		done = xasprintf("%.*s", (int)(equals + 1 - w.begun), w.begun);
		w.before = done;
		w.begun = equals + 1;
		return complete_value(b, &w, o.name);
	}
	for (size_t i = 0; parse_option_at(i, &o); i++) {
		CLEANUP(freep) char *text = xasprintf("--%s", o.name);

		if (o.fits && b->command && !o.fits(b->command))
			continue;
		if (!o.own || (b->command && b->command->options & o.own))
			complete_offer_with(&w, text, o.takes_value ? "=" : "");
	}
	return COMPLETE_DONE;
}

static void offer_commands(const struct complete_word *w)
{
	for (const struct command *c = commands; c->name; c++)
		complete_offer(w, c->name);
	complete_offer(w, "help");
}

/* Modes, flags, objects and keys. */
static void offer_explained(const struct complete_word *w)
{
	static const char *const words[] = {"l2",     "l3",      "l3s",
					    "bridge", "private", "vepa"};
	static const struct {
		const char *object, *words, *text;
	} keys[] = {KEYS_TEXT};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		complete_offer(w, words[i]);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		CLEANUP(freep)
		char *key = xstrndup(keys[i].words, strcspn(keys[i].words, " "));
		CLEANUP(freep) char *full = xasprintf("%s.%s", keys[i].object, key);

		complete_offer(w, key);
		if (strchr(w->begun, '.'))
			complete_offer(w, full);
	}
}

/* Words of a usage, and what they stand for. The first one that the argument's contains. */
static const struct {
	const char *word;
	unsigned int kinds;
} kinds[] = {
	{"COLUMN=", COMPLETE_ASSIGNMENTS},
	{"COLUMN[:KEY]=", COMPLETE_ASSIGNMENTS},
	{"CONDITION", COMPLETE_CONDITIONS},
	{"COLUMN", COMPLETE_COLUMNS},
	{"netns=", COMPLETE_ASSIGNMENTS},
	{"TABLE", COMPLETE_TABLES},
	{"RECORD", COMPLETE_RECORDS},
	{"SLAVE|MASTER", COMPLETE_SLAVES | COMPLETE_MASTERS},
	{"SLAVE", COMPLETE_SLAVES},
	{"MASTER", COMPLETE_MASTERS},
	{"POOL", COMPLETE_POOLS},
	{"TARGET", COMPLETE_SLAVES | COMPLETE_ADDRESSES},
	{"WHAT", COMPLETE_SLAVES | COMPLETE_MASTERS | COMPLETE_NAMESPACES},
	{"ADDRESS", COMPLETE_ADDRESSES},
	{"SOURCE", COMPLETE_SOURCES},
};

/* The word of the usage for argument 'at', copied; NULL: there is none. Options, which stand in
 * brackets with a "-", are no arguments. */
static char *usage_word(const char *usage, size_t at)
{
	const char *last = NULL;
	size_t n = 0;

	for (size_t length; *usage; usage += length + strspn(usage + length, " ")) {
		length = strcspn(usage, " ");
		if (*usage == '[' &&
		    usage[1] == '-') { /* "[--at=TIME]": up to its blank */
			length = strcspn(usage, "]");
			length += strcspn(usage + length, " ");
			continue;
		}
		last = usage;
		if (n++ == at)
			return xstrndup(usage, length);
	}
	return last && strstr(last, "…") ? xstrdup(last) : NULL;
}

static enum complete_status complete_argument(const struct before *b,
					      const struct complete_word *w)
{
	CLEANUP(freep) char *word = usage_word(b->command->usage, b->n_args);

	if (!word)
		return b->command->options & OPTION_FILE ? COMPLETE_FILES : COMPLETE_DONE;
	if (strstr(word, "FILE"))
		return COMPLETE_FILES;
	if (strstr(word, "KEY…]")) {
		offer_explained(w);
		return COMPLETE_DONE;
	}
	if (strstr(word, "OBJECT")) {
		complete_rows(w, &b->options, COMPLETE_SLAVES | COMPLETE_MASTERS, NULL);
		return COMPLETE_DONE;
	}
	if (strstr(word, "|host"))
		complete_offer(w, "host");
	if (strstr(word, "--all"))
		complete_offer(w, "--all");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strstr(word, kinds[i].word)) {
			complete_rows(w, &b->options, kinds[i].kinds, table_of(b));
			break;
		}
	}
	return COMPLETE_DONE;
}

enum complete_status complete(char *const *words, size_t n, FILE *out)
{
	struct before b = {.args = xcalloc(n + 1, sizeof(char *))};
	struct complete_word w = {
		.begun = n ? words[n - 1] : "", .before = "", .out = out};
	enum complete_status status = COMPLETE_DONE;
	const char *given = getenv(OPTIONS_DB_VARIABLE);

	b.options.db = given && *given ? given : OPTIONS_DEFAULT_DB;
	for (size_t i = 0; i + 1 < n; i++)
		read_word(&b, words[i]);
	if (b.option)
		status = complete_value(&b, &w, b.option);
	else if (*w.begun == '-')
		status = complete_option(&b, w);
	else if (!b.command)
		offer_commands(&w);
	else
		status = complete_argument(&b, &w);
	free(b.args);
	return status;
}
