/* Reading and writing whole files, across short reads, short writes and signals. */
#include "lib/fd.h"

#include "lib/alloc.h"
#include "lib/buffer.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEXT_MAX_BYTES 65536
/* What one read asks for: a page, as most files are smaller. */
#define READ_BYTES 4096

void fd_closep(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

int fd_read(int fd, size_t max_bytes, struct buffer *b)
{
	while (max_bytes > 0) {
		size_t room = max_bytes < READ_BYTES ? max_bytes : READ_BYTES;
		ssize_t got = read(fd, buffer_reserve(b, room), room);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		b->n += (size_t)got;
		b->data[b->n] = '\0';
		if (got == 0)
			return 0;
		max_bytes -= (size_t)got;
	}
	return 0;
}

char *fd_read_text(int fd)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};

	errno = fd_read(fd, TEXT_MAX_BYTES, &b);
	return errno ? NULL : buffer_take(&b);
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

/* renameat2(2) itself: musl 1.2.3 has no function for it. */
int fd_rename_new(int folder, const char *from, const char *to)
{
	return (int)syscall(SYS_renameat2, folder, from, folder, to, RENAME_NOREPLACE);
}
