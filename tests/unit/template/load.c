/* Loads the plug-ins of a folder, and prints what each is. */
#include "datapath/plugin.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	const struct plugin *list;
	size_t n;

	if (argc != 2)
		return 2;
	plugin_use(argv[1]);
	list = plugin_list(&n);
	for (size_t i = 0; i < n; i++) {
		if (*list[i].error)
			printf("%s: %s\n", list[i].name, list[i].error);
		else if (list[i].type)
			printf("%s: link type %s\n", list[i].name, list[i].type->kind);
		else
			printf("%s: provider\n", list[i].name);
	}
	return 0;
}
