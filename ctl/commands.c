/* The table of commands. The help that is made of it is help.c's. */
#include "ctl/commands.h"

#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <string.h>

/* clang-format off */
const struct command commands[] = {
	{"show", "[WHAT…]",
	 "an overview: masters, slaves, their states",
	 0, COMMAND_MANY, 0, COMMAND_READ_ONLY | COMMAND_TREE, cmd_show},
	{"status", "",
	 "the daemon, what it is doing, and every row that is not ready",
	 0, 0, OPTION_CHECK, COMMAND_READ_ONLY | COMMAND_TREE, cmd_status},
	{"drift", "[OBJECT]",
	 "what others changed in the kernel, and what was done about it",
	 0, 1, 0, COMMAND_READ_ONLY, cmd_drift},

	{"history", "[N]",
	 "the last changes: when, by whom, and what",
	 0, 1, 0, COMMAND_READ_ONLY, cmd_history},
	{"undo", "[TRANSACTION]",
	 "take back the last change, or that of this number in `history`",
	 0, 1, 0, 0, cmd_undo},

	{"apply", "[-f FILE|DIR|-]",
	 "make the rows of a file, or of the config-dir, as declared",
	 0, 1, OPTION_FILE | OPTION_SOURCE | OPTION_STRICT, 0, cmd_apply},
	{"diff", "[-f FILE|DIR|-]",
	 "what `apply` would change, and how it affects traffic",
	 0, 1, OPTION_FILE | OPTION_SOURCE, COMMAND_DRY, cmd_apply},
	{"reload", "",
	 "have the daemon read its config-dir again",
	 0, 0, 0, COMMAND_ALONE, cmd_reload},
	{"sources", "",
	 "the files that declare rows, and which of them are gone",
	 0, 0, 0, COMMAND_READ_ONLY, cmd_sources},
	{"forget", "SOURCE…",
	 "remove what a file declared that is gone",
	 1, COMMAND_MANY, OPTION_IF_EXISTS, 0, cmd_forget},
	{"validate", "FILE|DIR…",
	 "check YAML files; needs neither daemon nor root",
	 0, COMMAND_MANY, OPTION_FILE, COMMAND_NO_DB | COMMAND_TEXT, cmd_validate},

	{"add-master", "NAME [COLUMN=VALUE…]",
	 "add a device as a master",
	 1, COMMAND_MANY, OPTION_MAY_EXIST, COMMAND_NO_SLAVE | COMMAND_SETS_MASTER, cmd_add_master},
	{"set-master", "NAME COLUMN=VALUE…",
	 "change a master: mode=l2 flag=private mtu=9000 …",
	 2, COMMAND_MANY, 0, COMMAND_SETS_MASTER, cmd_set_master},
	{"del-master", "NAME…",
	 "remove a master and its slaves",
	 1, COMMAND_MANY, OPTION_IF_EXISTS, 0, cmd_del_master},
	{"list-masters", "",
	 "one line for each master",
	 0, 0, OPTION_COLUMNS, COMMAND_READ_ONLY | COMMAND_NO_SLAVE, cmd_list_masters},

	{"add-slave", "MASTER NAME [netns=NS] [COLUMN=VALUE…]",
	 "add an ipvlan device to a master",
	 2, COMMAND_MANY, OPTION_MAY_EXIST, COMMAND_SECOND_IS_SLAVE | COMMAND_SETS_SLAVE, cmd_add_slave},
	{"set-slave", "SLAVE COLUMN=VALUE…",
	 "change a slave: addresses=10.0.0.2/24 mtu=1400 …",
	 2, COMMAND_MANY, 0, COMMAND_FIRST_IS_SLAVE | COMMAND_SETS_SLAVE, cmd_set_slave},
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
	 "the rows that meet all conditions",
	 1, COMMAND_MANY, OPTION_COLUMNS, COMMAND_READ_ONLY, cmd_find},
	{"get", "TABLE RECORD COLUMN[:KEY]…",
	 "single values, one on a line",
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
	 "wait until the row exists and meets all conditions",
	 2, COMMAND_MANY, OPTION_IF_EXISTS, COMMAND_READ_ONLY | COMMAND_OF_RECORD, cmd_wait_until},
	{"comment", "TEXT…",
	 "a remark in the history of this transaction",
	 1, COMMAND_MANY, 0, COMMAND_NO_SLAVE, cmd_comment},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL},
};
/* clang-format on */

/* What other programs call it (ovs-vsctl(8), ip(8), netplan(8)). */
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
	{"show-log", "use `history`"},
	{"monitor", "use `wait-until`, or `ovsdb-client monitor ipvl`"},
	{"dump", "use `-f json show`, or `ovsdb-client dump ipvl`"},
	{"emer-reset", "use `del-master NAME…`"},
	{"get-manager", "remotes are ipvld's option --remote"},
	{"set-manager", "remotes are ipvld's option --remote"},
	{"del-manager", "remotes are ipvld's option --remote"},
	{"delete", "use `del-slave NAME` or `del-master NAME`"},
	{"describe", "use `show NAME`"},
	{"edit", "edit the YAML file and `apply -f FILE` it"},
	{"explain", "see `help add-slave` and `help add-master`"},
	{"log", "use `history`, or `journalctl -u ipvld`"},
	{"revert", "use `undo`"},
	{"rollback", "use `undo`"},
};

static const char *foreign_hint(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign_names); i++) {
		if (!strcmp(foreign_names[i].name, name))
			return foreign_names[i].hint;
	}
	return NULL;
}

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
	e = err_new(ERR_INVALID, "unknown command \"%s\"", name);
	if (foreign_hint(name))
		return err_hint(e, "%s", foreign_hint(name));
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
