/* The program `ovsdb-lite`: makes, serves and shows database files of any .ovsschema. The
 * table of its commands. */
#include "lib/alloc.h"
#include "ovsdb-lite/program/tool.h"

static const struct command *const commands[] = {
	&tool_create, &tool_server,  &tool_dump,    &tool_show_log,
	&tool_backup, &tool_compact, &tool_convert,
};

int main(int argc, char **argv)
{
	return tool_main(commands, ARRAY_SIZE(commands), argc, argv);
}
