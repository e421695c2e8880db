/* Reading and writing whole files, across short reads, short writes and signals. */
#include "lib/fd.h"

#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE_BYTES 65536

void fd_closep(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

char *fd_read_text(int fd)
{
	char *text CLEANUP(freep) = xcalloc(1, MAX_FILE_BYTES + 1);
	size_t n = 0;
	ssize_t got = 1;

	while (got > 0 && n < MAX_FILE_BYTES) {
		got = read(fd, text + n, MAX_FILE_BYTES - n);
		if (got > 0)
			n += (size_t)got;
	}
	return got < 0 ? NULL : STEAL(text);
}

int fd_write_text(int fd, const char *text)
{
	size_t n = strlen(text), at = 0;

	while (at < n) {
		ssize_t got = write(fd, text + at, n - at);

		if (got < 0 && errno != EINTR)
			return errno;
		if (got > 0)
			at += (size_t)got;
	}
	return 0;
}
