/* The table of commands, and the help that is made of it. */
#include "ctl/commands.h"

#include "ctl/writer.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <string.h>

/* clang-format off */
const struct command commands[] = {
	{"show", "[WHAT…]",
	 "everything at a glance: masters, slaves, how they are",
	 0, COMMAND_MANY, 0, COMMAND_READ_ONLY | COMMAND_TREE, cmd_show},
	{"status", "",
	 "the daemon, what it is doing, and what is not as it should be",
	 0, 0, OPTION_CHECK, COMMAND_READ_ONLY | COMMAND_TREE, cmd_status},
	{"drift", "[OBJECT]",
	 "what others changed in the kernel, and what was done about it",
	 0, 1, 0, COMMAND_READ_ONLY, cmd_drift},

	{"history", "[N]",
	 "the last changes: when, by whom, and what",
	 0, 1, 0, COMMAND_READ_ONLY, cmd_history},
	{"undo", "[TRANSACTION]",
	 "take a change back: the last one, or that of this number in `history`",
	 0, 1, 0, 0, cmd_undo},

	{"apply", "-f FILE|-",
	 "make what a YAML file declares be exactly so",
	 0, 1, OPTION_FILE | OPTION_SOURCE | OPTION_STRICT, 0, cmd_apply},
	{"diff", "-f FILE|-",
	 "what `apply` would change, and what that does to traffic",
	 0, 1, OPTION_FILE | OPTION_SOURCE, COMMAND_DRY, cmd_apply},
	{"validate", "FILE…",
	 "check YAML files; needs neither daemon nor root",
	 0, COMMAND_MANY, OPTION_FILE, COMMAND_NO_DB | COMMAND_TEXT, cmd_validate},

	{"add-master", "NAME [COLUMN=VALUE…]",
	 "take a device as a master",
	 1, COMMAND_MANY, OPTION_MAY_EXIST, COMMAND_NO_SLAVE, cmd_add_master},
	{"set-master", "NAME COLUMN=VALUE…",
	 "change a master: mode=l2 flag=private mtu=9000 …",
	 2, COMMAND_MANY, 0, 0, cmd_set_master},
	{"del-master", "NAME…",
	 "let go of a master; its slaves go with it",
	 1, COMMAND_MANY, OPTION_IF_EXISTS, 0, cmd_del_master},
	{"list-masters", "",
	 "one line for each master",
	 0, 0, OPTION_COLUMNS, COMMAND_READ_ONLY | COMMAND_NO_SLAVE, cmd_list_masters},

	{"add-slave", "MASTER NAME [netns=NS] [COLUMN=VALUE…]",
	 "add an ipvlan device to a master",
	 2, COMMAND_MANY, OPTION_MAY_EXIST, COMMAND_SECOND_IS_SLAVE, cmd_add_slave},
	{"set-slave", "SLAVE COLUMN=VALUE…",
	 "change a slave: addresses=10.0.0.2/24 routes=\"default via 10.0.0.1\" …",
	 2, COMMAND_MANY, 0, COMMAND_FIRST_IS_SLAVE, cmd_set_slave},
	{"del-slave", "SLAVE…",
	 "remove slaves",
	 1, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_EACH_IS_SLAVE, cmd_del_slave},
	{"list-slaves", "[MASTER]",
	 "one line for each slave",
	 0, 1, OPTION_COLUMNS, COMMAND_READ_ONLY, cmd_list_slaves},

	{"init", "",
	 "make the database's first row, if it is missing",
	 0, 0, 0, COMMAND_NO_SLAVE, cmd_init},
	{"list", "TABLE [RECORD…]",
	 "all columns of some rows, or of all",
	 1, COMMAND_MANY, OPTION_IF_EXISTS | OPTION_COLUMNS, COMMAND_READ_ONLY, cmd_list},
	{"find", "TABLE [CONDITION…]",
	 "the rows where all of that holds: COLUMN=VALUE, COLUMN{>=}VALUE …",
	 1, COMMAND_MANY, OPTION_COLUMNS, COMMAND_READ_ONLY, cmd_find},
	{"get", "TABLE RECORD COLUMN[:KEY]…",
	 "single values, one in a line",
	 3, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_READ_ONLY | COMMAND_OF_RECORD, cmd_get},
	{"set", "TABLE RECORD COLUMN[:KEY]=VALUE…",
	 "write columns",
	 3, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_OF_RECORD, cmd_set},
	{"add", "TABLE RECORD COLUMN VALUE…",
	 "add elements to a set or map",
	 4, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_OF_RECORD, cmd_add},
	{"remove", "TABLE RECORD COLUMN VALUE…",
	 "remove elements of a set or map",
	 4, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_OF_RECORD, cmd_remove},
	{"clear", "TABLE RECORD COLUMN…",
	 "empty columns",
	 3, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_OF_RECORD, cmd_clear},
	{"create", "TABLE COLUMN=VALUE…",
	 "add a row",
	 2, COMMAND_MANY, 0, 0, cmd_create},
	{"destroy", "TABLE RECORD…|--all",
	 "remove rows",
	 1, COMMAND_MANY, OPTION_IF_EXISTS | OPTION_ALL, 0, cmd_destroy},
	{"wait-until", "TABLE RECORD [CONDITION…]",
	 "wait until the row exists and all of that holds",
	 2, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_READ_ONLY | COMMAND_OF_RECORD, cmd_wait_until},
	{"comment", "TEXT…",
	 "a remark that goes with the transaction",
	 1, COMMAND_MANY, 0, COMMAND_NO_SLAVE, cmd_comment},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL},
};
/* clang-format on */

struct err *command_find(const char *name, const struct command **ret_command)
{
	const char *names[ARRAY_SIZE(commands)], *nearest;
	struct err *e;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		names[i] = commands[i].name;
		if (names[i] && !strcmp(names[i], name)) {
			*ret_command = &commands[i];
			return NULL;
		}
	}
	e = err_new(ERR_INVALID, "there is no command \"%s\"", name);
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "see `ipvl-ctl --help`");
}

struct err *command_check_format(const struct command *c, enum format format)
{
	const char *name = writer_format_name(format);

	if (format == FORMAT_DEFAULT || format == FORMAT_TABLE)
		return NULL;
	if (c->flags & COMMAND_TEXT)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s has one format, which is plain text",
					c->name),
				"leave out --format=%s", name);
	if (c->flags & COMMAND_TREE && format != FORMAT_JSON && format != FORMAT_YAML)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s is a tree, which %s cannot hold", c->name,
					name),
				"use --format=json or yaml; list-masters and list-slaves "
				"take every format");
	return NULL;
}

static const char help_options[] =
	"\nOptions:\n"
	"  --db=DB              the daemon's address: unix:PATH, tcp:IP:PORT or\n"
	"                       ssl:IP:PORT; or a database file while none runs\n"
	"                       (" OPTIONS_DEFAULT_DB ")\n"
	"  --private-key=FILE, --certificate=FILE, --ca-cert=FILE\n"
	"                       what ssl: needs, in PEM format\n"
	"  -t, --timeout=SECS   give up then; else ipvld gets 10 s, and more for many "
	"rows\n"
	"  --no-wait            do not wait until ipvld has applied the change\n"
	"  --dry-run            show what would change, and change nothing\n"
	"  -f, --format=FORMAT  table, list, json, yaml or csv\n"
	"  --schema=FILE        of a database file that is made\n"
	"                       (" IPVL_SCHEMA_FILE ")\n"
	"  --help, --version\n"
	"\nOptions of some commands (`ipvl-ctl help COMMAND` tells which):\n";

static const char help_end[] =
	"\nA slave is NAME, or NETNS/NAME where several have the name. Exit status: 0 "
	"done;\n"
	"1 failed; 2 `diff` or `status --check` found a difference. See ipvl-ctl(8).\n";

/* Options of single commands. */
static const struct {
	enum command_option bit;
	const char *text;
} option_help[] = {
	{OPTION_FILE, "  -f, --file=FILE      the file; - is standard input\n"},
	{OPTION_SOURCE,
	 "  --source=NAME        who declares it, where it is not the file itself\n"},
	{OPTION_STRICT,
	 "  --strict             refuse also what could not become ready now, or only\n"
	 "                       with a warning\n"},
	{OPTION_CHECK, "  --check              exit with 2 if anything is not ready or "
		       "has a warning\n"},
	{OPTION_COLUMNS,
	 "  --columns=NAME,…     show these columns alone, in this order\n"},
	{OPTION_ALL, "  --all                all rows of the table\n"},
	{OPTION_MAY_EXIST,
	 "  --may-exist          what is there already is only set as given\n"},
	{OPTION_IF_EXISTS, "  --if-exists          what is not there is no error\n"},
};

void command_print_help(FILE *out)
{
	size_t width = 0;

	fputs("ipvl-ctl shows and edits what ipvld keeps: ipvlan devices.\n\n"
	      "Usage: ipvl-ctl [OPTIONS] COMMAND [ARGUMENTS] [-- COMMAND …]\n"
	      "       all commands of a line are one transaction\n\nCommands:\n",
	      out);
	for (const struct command *c = commands; c->name; c++)
		width = strlen(c->name) > width ? strlen(c->name) : width;
	for (const struct command *c = commands; c->name; c++)
		fprintf(out, "  %-*s  %s\n", (int)width, c->name, c->summary);
	fputs(help_options, out);
	for (size_t i = 0; i < ARRAY_SIZE(option_help); i++)
		fputs(option_help[i].text, out);
	fputs(help_end, out);
}

void command_print_usage(FILE *out, const struct command *c)
{
	fprintf(out, "Usage: ipvl-ctl [OPTIONS] %s%s%s\n%s\n", c->name,
		*c->usage ? " " : "", c->usage, c->summary);
	for (size_t i = 0; i < ARRAY_SIZE(option_help); i++) {
		if (c->options & option_help[i].bit)
			fputs(option_help[i].text, out);
	}
	fputs("Options for every command are in `ipvl-ctl --help`.\n", out);
}
