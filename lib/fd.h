/* Descriptors: closed at the end of a block, and small files read and written through
 * them. How a file may be opened is its reader's decision. */
#ifndef LIB_FD_H
#define LIB_FD_H 1

#include <stddef.h>

struct buffer;

/* For CLEANUP: closes it unless it is negative. Keeps errno. */
void fd_closep(const int *fd);
/* Appends all of it, but at most 'max_bytes': a caller with a limit asks for one byte more
 * than it. 0, or an errno. */
int fd_read(int fd, size_t max_bytes, struct buffer *b)
	__attribute__((warn_unused_result));
/* The first 64 KiB, NUL-terminated, owned by the caller; NULL and errno if it cannot be
 * read. */
char *fd_read_text(int fd) __attribute__((warn_unused_result));
/* Writes all of it. 0, or an errno. */
int fd_write_text(int fd, const char *text) __attribute__((warn_unused_result));
/* Renames within 'folder' (AT_FDCWD for paths), and fails with EEXIST where 'to' is there
 * already. 0, or -1 and errno; EINVAL where the file system cannot do it. */
int fd_rename_new(int folder, const char *from, const char *to)
	__attribute__((warn_unused_result));

#endif
