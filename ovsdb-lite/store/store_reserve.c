/* Space reserved for deletions: the file PATH.reserve, which is removed when the disk is
 * so full that not even a deletion can be written.
 *
 * A deletion needs space first: its pages go to the log, and only a checkpoint shrinks
 * the file. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Enough for the log of some deletions: 64 pages. */
#define RESERVE_BYTES (64 * STORE_PAGE_BYTES)

static char *reserve_path(const struct store *s)
{
	return xasprintf("%s.reserve", s->path);
}

/* If it fails, the database works without; each checkpoint tries again. */
void store_reserve_make(struct store *s)
{
	CLEANUP(freep) char *path = reserve_path(s);
	int fd;

	assert(!s->is_read_only);
	if (s->has_reserve)
		return;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	s->has_reserve = fd >= 0 && !posix_fallocate(fd, 0, RESERVE_BYTES);
	if (fd < 0)
		return;
	close(fd);
	if (!s->has_reserve)
		unlink(path); /* a part of it would only take the disk's last space */
}

void store_reserve_remove(struct store *s)
{
	CLEANUP(freep) char *path = reserve_path(s);

	if (s->has_reserve)
		unlink(path);
	s->has_reserve = false;
}

bool store_reserve_use(struct store *s)
{
	if (!s->has_reserve)
		return false;
	store_reserve_remove(s);
	return true;
}
