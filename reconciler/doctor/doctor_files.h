/* Small files of the host, below a root. */
#ifndef RECONCILER_DOCTOR_FILES_H
#define RECONCILER_DOCTOR_FILES_H 1

#include "lib/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* The first 64 KiB of a file; "" if it cannot be read. From the arena. */
const char *doctor_files_read(struct arena *a, const char *root, const char *path);
/* The lines of the files in a folder whose names end so, without comments (# and ;); ""
 * if there are none. With 'only' (may be NULL), of those files that have that word. */
const char *doctor_files_read_folder(struct arena *a, const char *root,
				     const char *folder, const char *suffix,
				     const char *only);
/* Its whole number, or -1. */
int64_t doctor_files_number(struct arena *a, const char *root, const char *path);
/* Where a symbolic link leads, "" if it cannot be read. */
const char *doctor_files_link(struct arena *a, const char *root, const char *path);
bool doctor_files_exists(struct arena *a, const char *root, const char *path);
/* True if a line of the file, which may be long, has 'word'. */
bool doctor_files_has(struct arena *a, const char *root, const char *path,
		      const char *word);
/* Which of 'n' process names run: sets are_there[i]. Names are cut to 15 bytes, as the
 * kernel does. */
void doctor_files_find_processes(struct arena *a, const char *root,
				 const char *const *names, bool *are_there, size_t n);

#endif
