/* Room on the disk that is kept for making room: a file beside the database,
 * PATH.reserve, that is given up when a disk is so full that not even a deletion can be
 * written. Beside it: db_commit.c, which knows what a deletion is; store_task.c, whose
 * checkpoint gives back to the disk what was deleted.
 *
 * A deletion needs room first: its pages go to the log before the file shrinks. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The log's part of some deletions: 64 pages. */
#define RESERVE_BYTES (256 << 10)

static char *reserve_path(const struct store *s)
{
	return xasprintf("%s.reserve", s->path);
}

/* Where that is impossible the database works all the same; each checkpoint tries. */
void store_reserve_make(struct store *s)
{
	CLEANUP(freep) char *path = reserve_path(s);
	int fd;

	if (s->has_reserve)
		return;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	s->has_reserve = fd >= 0 && !posix_fallocate(fd, 0, RESERVE_BYTES);
	if (fd < 0)
		return;
	close(fd);
	if (!s->has_reserve)
		unlink(path); /* what it has is somebody's last room */
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
