/* The id of this boot of the machine. */
#ifndef RECONCILER_WANTED_BOOT_H
#define RECONCILER_WANTED_BOOT_H 1

#include "lib/err.h"

#define BOOT_ID_BYTES 37

/* From /proc/sys/kernel/random/boot_id. */
struct err *boot_id_read(char ret_id[BOOT_ID_BYTES]) MUST_CHECK;

#endif
