/* The texts of `--help` and `help COMMAND`, from the table of commands. Lines fit a
 * terminal of 80 columns. tests/lint/man.py compares them with ipvl-ctl(8). */
#include "ctl/help.h"

#include "ctl/commands.h"
#include "ctl/line/options.h"
#include "lib/alloc.h"

#include <string.h>

static const char global_options[] =
	"\nOptions:\n"
	"  --db=DB              the daemon's address: unix:PATH, tcp:IP:PORT or\n"
	"                       ssl:IP:PORT; or a database file while no daemon runs\n"
	"                       (default: $IPVL_DB, else " OPTIONS_DEFAULT_DB ")\n"
	"  --private-key=FILE, --certificate=FILE, --ca-cert=FILE\n"
	"                       for ssl:, in PEM format\n"
	"  -t, --timeout=SECS   give up after SECS seconds (default: 10, longer for\n"
	"                       many rows)\n"
	"  --no-wait            do not wait until ipvld has applied the change\n"
	"  --dry-run            show what would change, and change nothing\n"
	"  --strict             refuse also what could not become ready now, or only\n"
	"                       with a warning\n"
	"  --no-disrupt         refuse a change with a disruptive step\n"
	"  -f, --format=FORMAT  table, list, json, yaml or csv; show: also dot or svg\n"
	"  --no-headings        no names of columns in a table, a list or CSV\n"
	"  --bare               for scripts: a value on each line, without name, quotes\n"
	"                       and brackets\n"
	"  --schema=FILE        the schema for a new database file (default:\n"
	"                       " IPVL_SCHEMA_FILE ")\n"
	"  --help, --version    print and exit\n"
	"\nOptions of some commands (`ipvl-ctl help COMMAND` shows which):\n";

static const char end[] =
	"\nA slave is NAME, or NETNS/NAME where several have the name. Exit status: 0 "
	"done;\n"
	"1 failed; 2 `diff` or `status --check` found a difference, `trace` a loss, or\n"
	"`doctor` something to do. See ipvl-ctl(8).\n";

/* Options of single commands. */
static const struct {
	enum command_option bit;
	const char *text;
} own_options[] = {
	{OPTION_FILE, "  -f, --file=FILE      a file or folder; - is standard input\n"},
	{OPTION_SOURCE,
	 "  --source=NAME        record NAME, not the file's path, as the source of\n"
	 "                       these rows\n"},
	{OPTION_PRUNE, "  --prune              remove what the files do not declare\n"},
	{OPTION_UNIFIED,
	 "  -u, --unified        as a unified diff of the rows as YAML\n"},
	{OPTION_CHECK, "  --check              exit with 2 if anything is not ready or "
		       "has a warning\n"},
	{OPTION_PATCH, "  -p, --patch          old and new values of each row\n"},
	{OPTION_AT, "  --at=N               the configuration after transaction N of "
		    "`history`\n"},
	{OPTION_COLUMNS,
	 "  --columns=NAME,…     show these columns alone, in this order\n"},
	{OPTION_NOT_READY, "  --not-ready          only what is not ready\n"},
	{OPTION_ALL, "  --all                all rows of the table\n"},
	{OPTION_ADOPT,
	 "  --adopt              take over what is in the place of its rows\n"},
	{OPTION_FOREIGN, "  --foreign            only what ipvl did not make\n"},
	{OPTION_OUTSIDE,
	 "  --outside=WORD,…     what the network outside does: route-back, hairpin,\n"
	 "                       proxy-arp, on-link, plain\n"},
	{OPTION_STATS, "  --stats              what each has received and sent\n"},
	{OPTION_FOLLOW,
	 "  --follow             go on, and show what comes, until Ctrl-C\n"},
	{OPTION_VERIFY, "  --verify             send three echoes, and compare\n"},
	{OPTION_MAY_EXIST,
	 "  --may-exist          do not fail if it exists; set what is given\n"},
	{OPTION_IF_EXISTS, "  --if-exists          do not fail if it does not exist\n"},
};

void help_print(FILE *out)
{
	size_t width = 0;

	fputs("ipvl-ctl shows and edits the configuration of ipvld: ipvlan devices.\n\n"
	      "Usage: ipvl-ctl [OPTIONS] COMMAND [ARGUMENTS] [-- COMMAND …]\n"
	      "       all commands of a line are one transaction\n\nCommands:\n",
	      out);
	for (const struct command *c = commands; c->name; c++)
		width = strlen(c->name) > width ? strlen(c->name) : width;
	for (const struct command *c = commands; c->name; c++)
		fprintf(out, "  %-*s  %s\n", (int)width, c->name, c->summary);
	fputs(global_options, out);
	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++)
		fputs(own_options[i].text, out);
	fputs(end, out);
}

void help_print_command(FILE *out, const struct command *c)
{
	fprintf(out, "Usage: ipvl-ctl [OPTIONS] %s%s%s\n%s\n", c->name,
		*c->usage ? " " : "", c->usage, c->summary);
	if (*c->text)
		fprintf(out, "\n%s", c->text);
	if (c->options)
		fputc('\n', out);
	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++) {
		if (c->options & own_options[i].bit)
			fputs(own_options[i].text, out);
	}
	if (command_sets(c))
		help_print_columns(out, command_sets(c));
	fputs("\nOptions for every command are in `ipvl-ctl --help`.\n", out);
}
