/* Parses `[OPTIONS] COMMAND [ARGS] [-- COMMAND …]`, each command by getopt_long(3).
 *
 * Options that do not belong to a command apply to the whole line, wherever they are.
 * Before the command -f is --format; after a command that reads a file it is that
 * file. */
#include "ctl/line/parse.h"

#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/stream_address.h"
#include "lib/text.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_DB = 256,
	OPT_PRIVATE_KEY,
	OPT_CERTIFICATE,
	OPT_CA_CERT,
	OPT_SCHEMA,
	OPT_NO_WAIT,
	OPT_DRY_RUN,
	OPT_FORMAT,
	OPT_STRICT,
	OPT_NO_DISRUPT,
	OPT_HELP,
	OPT_VERSION,
	OPT_MAY_EXIST,
	OPT_IF_EXISTS,
	OPT_FILE,
	OPT_SOURCE,
	OPT_CHECK,
	OPT_COLUMNS,
	OPT_ALL,
	OPT_FOREIGN,
	OPT_OUTSIDE,
	OPT_FOLLOW,
	OPT_NO_HEADINGS,
	OPT_BARE,
	OPT_VERIFY,
	OPT_STATS,
	OPT_NOT_READY,
	OPT_AT,
	OPT_PRUNE,
	OPT_ADOPT,
};

static const struct option long_options[] = {
	{"db", required_argument, NULL, OPT_DB},
	{"private-key", required_argument, NULL, OPT_PRIVATE_KEY},
	{"certificate", required_argument, NULL, OPT_CERTIFICATE},
	{"ca-cert", required_argument, NULL, OPT_CA_CERT},
	{"schema", required_argument, NULL, OPT_SCHEMA},
	{"timeout", required_argument, NULL, 't'},
	{"no-wait", no_argument, NULL, OPT_NO_WAIT},
	{"dry-run", no_argument, NULL, OPT_DRY_RUN},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"no-disrupt", no_argument, NULL, OPT_NO_DISRUPT},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{"may-exist", no_argument, NULL, OPT_MAY_EXIST},
	{"if-exists", no_argument, NULL, OPT_IF_EXISTS},
	{"file", required_argument, NULL, OPT_FILE},
	{"source", required_argument, NULL, OPT_SOURCE},
	{"check", no_argument, NULL, OPT_CHECK},
	{"columns", required_argument, NULL, OPT_COLUMNS},
	{"all", no_argument, NULL, OPT_ALL},
	{"foreign", no_argument, NULL, OPT_FOREIGN},
	{"outside", required_argument, NULL, OPT_OUTSIDE},
	{"follow", no_argument, NULL, OPT_FOLLOW},
	{"no-headings", no_argument, NULL, OPT_NO_HEADINGS},
	{"bare", no_argument, NULL, OPT_BARE},
	{"verify", no_argument, NULL, OPT_VERIFY},
	{"stats", no_argument, NULL, OPT_STATS},
	{"not-ready", no_argument, NULL, OPT_NOT_READY},
	{"patch", no_argument, NULL, 'p'},
	{"at", required_argument, NULL, OPT_AT},
	{"prune", no_argument, NULL, OPT_PRUNE},
	{"unified", no_argument, NULL, 'u'},
	{"adopt", no_argument, NULL, OPT_ADOPT},
	{NULL, 0, NULL, 0},
};

/* Options of single commands. */
static const struct {
	int option;
	enum command_option bit;
	const char *name;
} own_options[] = {
	{OPT_MAY_EXIST, OPTION_MAY_EXIST, "--may-exist"},
	{OPT_IF_EXISTS, OPTION_IF_EXISTS, "--if-exists"},
	{OPT_FILE, OPTION_FILE, "--file"},
	{OPT_SOURCE, OPTION_SOURCE, "--source"},
	{OPT_CHECK, OPTION_CHECK, "--check"},
	{OPT_COLUMNS, OPTION_COLUMNS, "--columns"},
	{OPT_ALL, OPTION_ALL, "--all"},
	{OPT_FOREIGN, OPTION_FOREIGN, "--foreign"},
	{OPT_OUTSIDE, OPTION_OUTSIDE, "--outside"},
	{OPT_FOLLOW, OPTION_FOLLOW, "--follow"},
	{OPT_VERIFY, OPTION_VERIFY, "--verify"},
	{OPT_STATS, OPTION_STATS, "--stats"},
	{OPT_NOT_READY, OPTION_NOT_READY, "--not-ready"},
	{'p', OPTION_PATCH, "--patch"},
	{OPT_AT, OPTION_AT, "--at"},
	{OPT_PRUNE, OPTION_PRUNE, "--prune"},
	{'u', OPTION_UNIFIED, "--unified"},
	{OPT_ADOPT, OPTION_ADOPT, "--adopt"},
};

bool parse_option_at(size_t i, struct parse_option *ret_option)
{
	const struct option *o = &long_options[i];

	if (i >= ARRAY_SIZE(long_options) || !o->name)
		return false;
	*ret_option = (struct parse_option){
		.name = o->name, .takes_value = o->has_arg == required_argument};
	if (o->val == OPT_STRICT || o->val == OPT_NO_DISRUPT)
		ret_option->fits = command_changes_rows;
	if (o->val == OPT_NO_HEADINGS || o->val == OPT_BARE)
		ret_option->fits = command_prints_records;
	for (size_t k = 0; k < ARRAY_SIZE(own_options); k++) {
		if (own_options[k].option == o->val)
			ret_option->own = own_options[k].bit;
	}
	return true;
}

/* "tpc:127.0.0.1:6640" is probably a mistyped address, not a file. 'from' is --db or the
 * environment variable. */
static struct err *take_db(struct options *o, const char *from, const char *argument)
{
	static const char *const schemes[] = {"unix", "tcp", "ssl", NULL};
	size_t n = strspn(argument, "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-");
	CLEANUP(freep) char *scheme = xstrdup(argument);
	const char *nearest;
	struct err *e;

	o->db = argument;
	if (!*argument)
		return err_hint(err_new(ERR_INVALID, "%s= is empty", from),
				"write an address, such as " OPTIONS_DEFAULT_DB
				", or a file");
	if (!n || argument[n] != ':' || stream_address_has_scheme(argument) ||
	    !access(argument, F_OK))
		return NULL;
	scheme[n] = '\0';
	e = err_new(ERR_INVALID, "%s=%s: unknown address type %s:", from, argument,
		    scheme);
	nearest = text_nearest(scheme, schemes);
	return nearest ? err_hint(e, "did you mean %s:?", nearest)
		       : err_hint(e,
				  "write unix:PATH, tcp:IP:PORT, ssl:IP:PORT, or "
				  "./%s for a file of that name",
				  argument);
}

static struct err *take_timeout(struct options *o, const char *argument)
{
	uint64_t seconds;

	if (!text_to_uint(argument, 1, OPTIONS_MAX_TIMEOUT_S, &seconds))
		return err_new(ERR_INVALID,
			       "--timeout=%s: give a whole number of seconds, 1 or more",
			       argument);
	o->timeout_ms = (int64_t)seconds * 1000;
	return NULL;
}

static struct err *take_format(struct options *o, const char *argument)
{
	if (!writer_format_from_name(argument, &o->format))
		return err_hint(
			err_new(ERR_INVALID, "--format=%s: unknown format", argument),
			strpbrk(argument, "./")
				? "files are for apply, diff, try and validate, "
				  "behind the command"
				: "it is one of " WRITER_FORMATS);
	return NULL;
}

static void take_own(struct call *call, int option, const char *argument)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++) {
		if (own_options[i].option == option)
			call->options |= own_options[i].bit;
	}
	if (option == OPT_SOURCE)
		call->source = argument;
	if (option == OPT_COLUMNS)
		call->columns = argument;
	if (option == OPT_OUTSIDE)
		call->outside = argument;
	if (option == OPT_AT)
		call->at = argument;
}

static struct err *take_file(struct call *call, const char *argument)
{
	take_own(call, OPT_FILE, NULL);
	call->files[call->n_files++] = argument;
	return NULL;
}

static struct err *take(struct line *l, struct call *call, int option,
			const char *argument)
{
	switch (option) {
	case OPT_DB:
		return take_db(&l->options, "--db", argument);
	case OPT_PRIVATE_KEY:
		l->options.tls.private_key = argument;
		return NULL;
	case OPT_CERTIFICATE:
		l->options.tls.certificate = argument;
		return NULL;
	case OPT_CA_CERT:
		l->options.tls.ca_certificate = argument;
		return NULL;
	case OPT_SCHEMA:
		l->options.schema = argument;
		return NULL;
	case 't':
		return take_timeout(&l->options, argument);
	case 'f':
		if (!call->command || !(call->command->options & OPTION_FILE))
			return take_format(&l->options, argument);
		return take_file(call, argument);
	case OPT_FORMAT:
		return take_format(&l->options, argument);
	case OPT_FILE:
		return take_file(call, argument);
	case OPT_NO_WAIT:
		l->options.no_wait = true;
		return NULL;
	case OPT_DRY_RUN:
		l->options.dry_run = true;
		return NULL;
	case OPT_NO_HEADINGS:
		l->options.no_headings = true;
		return NULL;
	case OPT_BARE:
		l->options.bare = l->options.no_headings = true;
		return NULL;
	case OPT_STRICT:
		l->options.strict = true;
		return NULL;
	case OPT_NO_DISRUPT:
		l->options.no_disrupt = true;
		return NULL;
	case 'h':
	case OPT_HELP:
		l->what = PARSE_HELP;
		return NULL;
	case 'V':
	case OPT_VERSION:
		l->what = PARSE_VERSION;
		return NULL;
	default:
		take_own(call, option, argument);
		return NULL;
	}
}

/* Parses the options of 'argv', from its second word on. With "+" it stops at the
 * first word that is not an option; otherwise getopt moves the options to the front.
 * '*ret_used' words were read. */
static struct err *take_options(struct line *l, struct call *call, int argc, char **argv,
				const char *letters, int *ret_used)
{
	struct err *e = NULL;
	int option;

	optind = 0; /* glibc: restarts with other letters */
	opterr = 0;
	while (!e &&
	       (option = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		if (option == ':' || option == '?')
			e = command_option_err(option, argv, long_options);
		else
			e = take(l, call, option, optarg);
	}
	*ret_used = optind;
	return e;
}

static struct err *check_n_args(const struct call *call)
{
	const struct command *c = call->command;
	const char *hint = command_foreign_hint(c->name);
	struct err *e;

	if (call->n_args >= c->min_args && call->n_args <= c->max_args)
		return NULL;
	e = err_new(ERR_INVALID, "%s: %s arguments", c->name,
		    call->n_args < c->min_args ? "too few" : "too many");
	return err_hint(e, "usage: ipvl-ctl %s%s%s%s%s", c->name, *c->usage ? " " : "",
			c->usage, hint ? "; " : "", hint ? hint : "");
}

static struct err *check_call(const struct call *call)
{
	const struct command *c = call->command;

	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++) {
		if (call->options & ~c->options & own_options[i].bit)
			return err_hint(err_new(ERR_INVALID,
						"option %s is not valid for %s",
						own_options[i].name, c->name),
					"see `ipvl-ctl %s --help`", c->name);
	}
	for (size_t i = 0; i < call->n_files; i++) {
		if (!*call->files[i])
			return err_hint(err_new(ERR_INVALID, "%s: a file's name is empty",
						c->name),
					"name a file, a folder, or - for standard input");
	}
	return check_n_args(call);
}

/* One command with its options: argv[1] to argv[argc - 1]. */
static struct err *parse_call(struct line *l, int argc, char **argv, struct call *call)
{
	int used;
	struct err *e = take_options(l, call, argc, argv, "+:f:t:puhV", &used);

	if (e || used >= argc)
		return e;
	if (!strcmp(argv[used], "help")) {
		l->what = PARSE_HELP;
		used++;
		if (used == argc)
			return NULL;
		if (used + 1 < argc)
			return err_hint(err_new(ERR_INVALID,
						"help takes one command: unexpected "
						"argument \"%s\"",
						argv[used + 1]),
					"write `ipvl-ctl help %s`", argv[used]);
	}
	e = command_find(l->commands, argv[used], &call->command);
	argv += used;
	argc -= used;
	if (!e)
		e = take_options(l, call, argc, argv, ":f:t:puhV", &used);
	if (e)
		return e;
	l->help_of = call->command;
	for (; used < argc; used++) {
		call->args[call->n_args++] = argv[used];
		if (call->command->options & OPTION_FILE)
			call->files[call->n_files++] = argv[used];
	}
	return l->what == PARSE_RUN ? check_call(call) : NULL;
}

static struct err *add_call(struct line *l, int argc, char **argv)
{
	/* getopt_long() expects the program's name first and a NULL last. */
	char **words = xcalloc((size_t)argc + 2, sizeof(char *));
	struct call call = {
		.args = xcalloc((size_t)argc + 1, sizeof(char *)),
		.files = xcalloc((size_t)argc + 1, sizeof(char *)),
	};
	struct err *e;

	memcpy(&words[1], argv, (size_t)argc * sizeof(char *));
	words[0] = call.args[0] = NULL;
	e = parse_call(l, argc + 1, words, &call);
	free(words);
	if (e || !call.command) {
		free(call.args);
		free(call.files);
		return e;
	}
	l->calls = xrealloc_array(l->calls, l->n_calls + 1, sizeof(*l->calls));
	l->calls[l->n_calls++] = call;
	return NULL;
}

/* Of a line with `try`, --timeout is not how long to wait, but how long the trial takes. */
static void take_trial(struct line *l)
{
	for (size_t i = 0; i < l->n_calls; i++) {
		struct call *call = &l->calls[i];

		call->is_alone = l->n_calls == 1;
		if (!(call->command->flags & COMMAND_TRIAL))
			continue;
		l->options.trial_s = l->options.timeout_ms < 0
					     ? OPTIONS_DEFAULT_TRIAL_S
					     : l->options.timeout_ms / 1000;
	}
	if (l->options.trial_s)
		l->options.timeout_ms = -1;
}

/* A condition of the change, on a line that changes nothing, is a mistake. */
static struct err *check_conditions(const struct line *l)
{
	const char *name = l->options.strict       ? "--strict"
			   : l->options.no_disrupt ? "--no-disrupt"
						   : NULL;

	for (size_t i = 0; i < l->n_calls; i++) {
		if (command_changes_rows(l->calls[i].command))
			return NULL;
	}
	return name && l->n_calls
		       ? err_hint(err_new(ERR_INVALID, "option %s is not valid for %s",
					  name, l->calls[0].command->name),
				  "it is for commands that change rows")
		       : NULL;
}

static struct err *check_line(const struct line *l)
{
	for (size_t i = 0; i < l->n_calls && l->n_calls > 1; i++) {
		if (l->calls[i].command->flags &
			    (COMMAND_NO_DB | COMMAND_DRY | COMMAND_ALONE) ||
		    call_follows(&l->calls[i]))
			return err_hint(err_new(ERR_INVALID,
						"%s cannot be combined with other "
						"commands",
						l->calls[i].command->name),
					"run it in a line of its own");
	}
	for (size_t i = 0; i < l->n_calls && l->what == PARSE_RUN; i++) {
		struct err *e = call_check_format(&l->calls[i], l->options.format);

		if (!e)
			e = command_check_terse(l->calls[i].command, &l->options);
		if (e)
			return e;
	}
	if (l->n_calls && l->what == PARSE_RUN)
		return check_conditions(l);
	if (!l->n_calls && l->what == PARSE_RUN)
		return err_hint(err_new(ERR_INVALID, "missing command name"),
				"try `ipvl-ctl show`, or see `ipvl-ctl --help`");
	return NULL;
}

/* Without --db: the environment variable, else the default. Neither --help nor --version
 * fails for a wrong one. An empty variable counts as not set. */
static struct err *settle_db(struct options *o, enum parse_what what)
{
	const char *given = getenv(OPTIONS_DB_VARIABLE);

	if (o->db)
		return NULL;
	o->db = OPTIONS_DEFAULT_DB;
	return given && *given && what == PARSE_RUN
		       ? take_db(o, OPTIONS_DB_VARIABLE, given)
		       : NULL;
}

struct err *parse_line(const struct command *commands, int argc, char **argv,
		       struct line *ret_line)
{
	struct line *l = ret_line;
	struct err *e = NULL;
	int start = 1;

	*l = (struct line){.commands = commands,
			   .options = {.schema = IPVL_SCHEMA_FILE, .timeout_ms = -1}};
	while (!e && start < argc) {
		int end = start;

		while (end < argc && strcmp(argv[end], "--"))
			end++;
		e = add_call(l, end - start, argv + start);
		start = end + 1;
	}
	if (!e)
		e = settle_db(&l->options, l->what);
	if (!e)
		take_trial(l);
	return e ? e : check_line(l);
}

void line_clear(struct line *l)
{
	for (size_t i = 0; i < l->n_calls; i++) {
		free(l->calls[i].args);
		free(l->calls[i].files);
	}
	free(l->calls);
	*l = (struct line){0};
}
