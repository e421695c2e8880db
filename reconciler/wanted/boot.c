/* Reads the id that the kernel draws at each boot: what is recorded with another one is of
 * devices and namespaces that no longer exist. */
#include "reconciler/wanted/boot.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

struct err *boot_id_read(char ret_id[BOOT_ID_BYTES])
{
	FILE *f = fopen(BOOT_ID_FILE, "re");
	char id[BOOT_ID_BYTES];
	bool is_read;

	if (!f)
		return err_sys(errno, "cannot read %s", BOOT_ID_FILE);
	is_read = fgets(id, sizeof(id), f) != NULL;
	fclose(f);
	if (!is_read)
		return err_new(ERR_SYSTEM, "%s is empty", BOOT_ID_FILE);
	memcpy(ret_id, id, sizeof(id));
	return NULL;
}
