/* Finds a command in a table by its name, and checks its output format. */
#include "ctl/line/command.h"

#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/option.h"
#include "lib/text.h"

#include <string.h>

/* The names of other programs (ovs-vsctl, kubectl, netplan, nmstatectl, systemctl, nmcli);
 * ipvl-ctl(8) has them with examples, in OTHER TOOLS. */
static const struct {
	const char *name, *hint;
} foreign_names[] = {
	{"add-br", "use `add-master NAME`"},
	{"del-br", "use `del-master NAME`"},
	{"list-br", "use `list-masters`"},
	{"br-exists", "use `list-masters`, or `get Master NAME name`"},
	{"add-port", "use `add-slave MASTER NAME netns=NS`"},
	{"del-port", "use `del-slave NAME`"},
	{"list-ports", "use `list-slaves [MASTER]`"},
	{"list-ifaces", "use `list-slaves [MASTER]`"},
	{"port-to-br", "use `show NAME`"},
	{"iface-to-br", "use `show NAME`"},
	{"br-to-vlan", "use `get Master NAME vlan_id`"},
	{"add-bond", "make the bond with `ip link`, and use it as a master"},
	{"get-controller", "there is none: the kernel forwards, by mode and flag"},
	{"set-controller", "there is none: the kernel forwards, by mode and flag"},
	{"set-fail-mode", "there is none: slaves keep running without ipvld"},
	{"show-log", "use `history`"},
	{"monitor", "use `watch`, or `ovsdb-client monitor ipvl`"},
	{"dump", "use `-f json show`, or `ovsdb-client dump ipvl`"},
	{"emer-reset", "use `del-master NAME…`"},
	{"get-manager", "remotes are ipvld's option --remote"},
	{"set-manager", "remotes are ipvld's option --remote"},
	{"del-manager", "remotes are ipvld's option --remote"},
	{"delete", "use `del-slave NAME` or `del-master NAME`"},
	{"describe", "use `why NAME`"},
	{"events", "use `drift`, or `journalctl -u ipvld`"},
	{"exec", "use `ip netns exec NETNS COMMAND`"},
	{"replace", "use `apply -f FILE`"},
	{"api-resources", "use `explain`"},
	{"version", "use `ipvl-ctl --version`"},
	{"label", "use `set Slave NAME external_ids:KEY=VALUE`"},
	{"annotate", "use `set Slave NAME external_ids:KEY=VALUE`"},
	{"patch", "use `set-slave` or `set-master`"},
	{"wait", "use `wait-until Slave NAME state=ready`"},
	{"rollout", "use `history`, and `undo`"},
	{"generate", "use `validate FILE`, and `diff`"},
	{"info", "use `show`"},
	{"checkpoint", "use `try`"},
	{"commit", "use `confirm`"},
	{"is-failed", "use `show --not-ready`"},
	{"is-enabled", "use `get Slave NAME enabled`"},
	{"daemon-reload", "use `reload`"},
	{"cat", "use `export NAME`"},
	{"is-active", "use `get Slave NAME state`, or `status --check`"},
	{"list-units", "use `list-slaves`"},
	{"enable", "use `set-slave NAME enabled=true`"},
	{"disable", "use `set-slave NAME enabled=false`"},
	{"start", "use `systemctl start ipvld`"},
	{"stop", "use `systemctl stop ipvld`; slaves stay as they are"},
	{"restart", "use `systemctl restart ipvld`; slaves stay as they are"},
	{"device", "use `list-masters`, or `show`"},
	{"dev", "use `list-masters`, or `show`"},
	{"con", "use `list-slaves`, or `set-slave NAME COLUMN=VALUE`"},
	{"modify", "use `set-slave NAME COLUMN=VALUE`"},
	{"reapply", "use `repair NAME`"},
	{"general", "use `status`"},
	{"up", "use `set-slave NAME enabled=true`"},
	{"down", "use `set-slave NAME enabled=false`"},
	{"connection", "use `list-slaves`, or `set-slave NAME COLUMN=VALUE`"},
	{"log", "use `history`, or `journalctl -u ipvld`"},
	{"logs", "use `history`, or `journalctl -u ipvld`"},
	{"revert", "use `undo`"},
	{"rollback", "use `undo`"},
	/* Ours as well: for arguments that are another program's. */
	{"get", "for rows use list-slaves, `show NAME` or `export NAME`"},
	{"list", "use list-masters, list-slaves, or `list TABLE`"},
	{"set", "use `set-master` or `set-slave NAME COLUMN=VALUE`"},
	{"create", "use `add-master NAME`, `add-slave MASTER NAME`, or `apply FILE`"},
	{"status", "for one row use `show NAME` or `why NAME`"},
	{"history", "for one row use `why NAME`"},
};

const char *command_foreign_hint(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign_names); i++) {
		if (!strcmp(foreign_names[i].name, name))
			return foreign_names[i].hint;
	}
	return NULL;
}

#define HINT_FORMAT                                                                      \
	"use `-f yaml`, as in `ipvl-ctl -f yaml show`; "                                 \
	"`export` prints what can be applied again"
#define HINT_NETNS "name the namespace: `ipvl-ctl show NETNS/`"
#define HINT_ALL   "leave it out: all namespaces are shown"
#define HINT_WATCH "use `ipvl-ctl watch`"
#define HINT_GET   "use `ipvl-ctl --bare get TABLE RECORD COLUMN`"

static const struct {
	const char *name, *hint;
} foreign_options[] = {
	{"json", "use `-f json`"},
	{"yaml", "use `-f yaml`"},
	{"output", HINT_FORMAT},
	{"namespace", HINT_NETNS},
	{"netns", HINT_NETNS},
	{"all-namespaces", HINT_ALL},
	{"watch", HINT_WATCH},
	{"get-values", HINT_GET},
	{"terse", "use `--bare`, or `-f csv`"},
	{"no-pager", "leave it out: there is no pager"},
	{"no-legend", "use `--no-headings`"},
	{"no-headers", "use `--no-headings`"},
	{"force", "leave it out: nothing is asked back"},
	{"yes", "leave it out: nothing is asked back"},
	{"verbose", "use `why NAME`, or `journalctl -u ipvld`"},
	{"debug", "use `why NAME`, or `journalctl -u ipvld`"},
	{"oneline", "use `-f csv`"},
	{"record", "leave it out: `ipvl-ctl history` has every change"},
	{"now", "leave it out: a change is applied at once"},
};

static const char *letter_hint(int letter)
{
	switch (letter) {
	case 'o':
		return HINT_FORMAT;
	case 'n':
		return HINT_NETNS;
	case 'A':
		return HINT_ALL;
	case 'w':
		return HINT_WATCH;
	case 'g':
		return HINT_GET;
	default:
		return NULL;
	}
}

struct err *command_option_err(int result, char **argv, const struct option *options)
{
	const char *word = argv[optind - 1] ? argv[optind - 1] : argv[optind - 2];
	const char *name = word + strspn(word, "-");
	struct err *e = option_err(result, argv, options, "ipvl-ctl", letter_hint);

	for (size_t i = 0; i < ARRAY_SIZE(foreign_options); i++) {
		if (result == ':' || strncmp(word, "--", 2) != 0 ||
		    strlen(foreign_options[i].name) != strcspn(name, "=") ||
		    strncmp(foreign_options[i].name, name, strcspn(name, "=")) != 0)
			continue;
		err_free(e);
		return err_hint(err_new(ERR_INVALID, "invalid option %s", word), "%s",
				foreign_options[i].hint);
	}
	return e;
}

static size_t count(const struct command *table)
{
	size_t n = 0;

	while (table[n].name)
		n++;
	return n;
}

struct err *command_find(const struct command *table, const char *name,
			 const struct command **ret_command)
{
	CLEANUP(freep) const char **names = xcalloc(count(table) + 1, sizeof(*names));
	const char *nearest;
	struct err *e;

	for (size_t i = 0; table[i].name; i++) {
		names[i] = table[i].name;
		if (!strcmp(names[i], name)) {
			*ret_command = &table[i];
			return NULL;
		}
	}
	e = err_new(ERR_INVALID, "unknown command \"%s\"", name);
	if (command_foreign_hint(name))
		return err_hint(e, "%s", command_foreign_hint(name));
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "see `ipvl-ctl --help`");
}

struct err *command_check_format(const struct command *c, enum format format)
{
	const char *name = writer_format_name(format);

	if (format == FORMAT_DEFAULT || format == FORMAT_TABLE)
		return NULL;
	if (c->flags & COMMAND_DRAWN)
		return NULL;
	if (format == FORMAT_DOT || format == FORMAT_SVG)
		return err_hint(err_new(ERR_UNSUPPORTED, "%s cannot be drawn as %s",
					c->name, name),
				"show can: `ipvl-ctl --format=%s show`", name);
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

bool command_prints_records(const struct command *c)
{
	return !(c->flags & (COMMAND_TREE | COMMAND_TEXT | COMMAND_DRAWN));
}

const char *command_sets(const struct command *c)
{
	if (c->flags & COMMAND_SETS_MASTER)
		return "Master";
	if (c->flags & COMMAND_SETS_SLAVE)
		return "Slave";
	return c->flags & COMMAND_SETS_POOL ? "Pool" : NULL;
}

bool command_changes_rows(const struct command *c)
{
	return !(c->flags &
		 (COMMAND_READ_ONLY | COMMAND_NO_DB | COMMAND_DRY | COMMAND_ALONE));
}

bool call_follows(const struct call *call)
{
	return call->command->flags & COMMAND_FOLLOW || call->options & OPTION_FOLLOW;
}

struct err *call_check_format(const struct call *call, enum format format)
{
	if (call_follows(call) && format != FORMAT_DEFAULT && format != FORMAT_TABLE &&
	    format != FORMAT_JSON)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s%s has two formats, plain text and json",
					call->command->name,
					call->options & OPTION_FOLLOW ? " --follow" : ""),
				"leave out --format=%s", writer_format_name(format));
	if (call->options & OPTION_UNIFIED && format != FORMAT_DEFAULT &&
	    format != FORMAT_TABLE)
		return err_hint(err_new(ERR_UNSUPPORTED, "%s --unified is plain text",
					call->command->name),
				"leave out --format=%s", writer_format_name(format));
	return command_check_format(call->command, format);
}

struct err *command_check_terse(const struct command *c, const struct options *o)
{
	const char *name = o->bare ? "--bare" : "--no-headings";

	if (!o->no_headings)
		return NULL;
	if (!command_prints_records(c))
		return err_hint(err_new(ERR_INVALID, "option %s is not valid for %s",
					name, c->name),
				"it is for commands that print records: list-masters, "
				"list-slaves, list, find, get");
	if (o->format == FORMAT_JSON || o->format == FORMAT_YAML ||
	    (o->bare && o->format == FORMAT_CSV))
		return err_hint(err_new(ERR_INVALID,
					"%s and --format=%s exclude each other", name,
					writer_format_name(o->format)),
				"leave out one of them");
	return NULL;
}

bool call_may_ignore(const struct call *call, struct err *e)
{
	if (e->code != ERR_NOT_FOUND || !(call->options & OPTION_IF_EXISTS))
		return false;
	err_free(e);
	return true;
}
