/* rt_tables of iproute2: lines of "NUMBER NAME", with comments behind '#'
 * (lib/rt_names.c of iproute2). Files in /etc come before those that a distribution
 * installs. */
#include "config/route_table.h"

#include "lib/alloc.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const files[] = {
	"/etc/iproute2/rt_tables",       "/etc/iproute2/rt_tables.d/*.conf",
	"/usr/share/iproute2/rt_tables", "/usr/share/iproute2/rt_tables.d/*.conf",
	"/usr/lib/iproute2/rt_tables",   "/usr/lib/iproute2/rt_tables.d/*.conf",
};

/* "7 vpn" or "0x7 vpn". */
static bool is_line_of(char *line, const char *name, uint32_t *ret_table)
{
	static const char blanks[] = " \t\r\n";
	char *save, *number, *word, *end;
	unsigned long long n;

	line[strcspn(line, "#")] = '\0';
	number = strtok_r(line, blanks, &save);
	word = number ? strtok_r(NULL, blanks, &save) : NULL;
	if (!word || strcmp(word, name) != 0)
		return false;
	n = strtoull(number, &end, 0);
	if (*end || n == 0 || n > UINT32_MAX)
		return false;
	*ret_table = (uint32_t)n;
	return true;
}

bool route_table_find_in(const char *path, const char *name, uint32_t *ret_table)
{
	FILE *file = fopen(path, "re");
	char line[512];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = is_line_of(line, name, ret_table);
	fclose(file);
	return found;
}

bool route_table_find(const char *name, uint32_t *ret_table)
{
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !found; i++) {
		glob_t matches = {0};

		if (!glob(files[i], 0, NULL, &matches)) {
			for (size_t k = 0; k < matches.gl_pathc && !found; k++)
				found = route_table_find_in(matches.gl_pathv[k], name,
							    ret_table);
		}
		globfree(&matches);
	}
	return found;
}
