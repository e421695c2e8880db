/* Unix sockets: connecting, listening (unix(7)). The socket's mode and group decide who
 * may connect. */
#include "lib/stream_private.h"

#include "lib/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* How long connecting may wait for a server whose queue of connections is full. */
#define CONNECT_TIMEOUT_S 2

/* Blocks for CONNECT_TIMEOUT_S at most; 0 or an errno. */
static int connect_fd(int fd, const struct stream_address *a)
{
	struct timeval limit = {.tv_sec = CONNECT_TIMEOUT_S};

	/* unix(7): connect() waits for room in the server's queue, at most SO_SNDTIMEO. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    connect(fd, &a->socket.sa, a->length) || fcntl(fd, F_SETFL, O_NONBLOCK))
		return errno;
	return 0;
}

struct err *stream_unix_connect(const struct stream_address *a, int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return err_sys(errno, "cannot make a socket");
	rc = connect_fd(fd, a);
	if (rc) {
		close(fd);
		return err_sys(rc, "cannot connect to unix:%s", a->socket.sun.sun_path);
	}
	*ret_fd = fd;
	return NULL;
}

/* Errors show in bind(). */
static void make_parent(const char *path)
{
	CLEANUP(freep) char *copy = xstrdup(path);

	(void)mkdir(dirname(copy), 0755);
}

/* Removes a socket file without a server. */
static struct err *clear_path(const char *path, const struct stream_address *a)
{
	struct stat st;
	int fd, rc;

	if (lstat(path, &st))
		return NULL; /* none, or bind() returns the error */
	if (!S_ISSOCK(st.st_mode))
		return err_hint(err_new(ERR_EXISTS, "%s is there and is no socket", path),
				"move it away, or listen on another path");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(errno, "cannot make a socket");
	rc = connect(fd, &a->socket.sa, a->length) ? errno : 0;
	close(fd);
	if (!rc || rc == EAGAIN) /* EAGAIN: a server whose queue is full */
		return err_hint(err_new(ERR_BUSY, "another server listens on %s", path),
				"stop it, or listen on another path");
	if (rc != ECONNREFUSED && rc != ENOENT)
		return err_sys(rc, "cannot tell whether a server listens on %s", path);
	if (unlink(path) && errno != ENOENT)
		return err_sys(errno, "cannot remove the dead socket %s", path);
	return NULL;
}

static struct err *bind_fd(const struct stream_address *a, mode_t mode, int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old_mask;
	int rc;

	if (fd < 0)
		return err_sys(errno, "cannot make a socket");
	/* umask(), since a chmod() after bind() would leave a gap. */
	old_mask = umask(~mode & 0777);
	rc = bind(fd, &a->socket.sa, a->length) ? errno : 0;
	umask(old_mask);
	if (!rc && listen(fd, SOMAXCONN))
		rc = errno;
	if (rc) {
		close(fd);
		return err_sys(rc, "cannot listen on %s", a->socket.sun.sun_path);
	}
	*ret_fd = fd;
	return NULL;
}

struct err *stream_unix_listen(const struct stream_address *a, mode_t mode, int *ret_fd)
{
	const char *path = a->socket.sun.sun_path;
	struct err *e;

	make_parent(path);
	e = clear_path(path, a);
	return e ? e : bind_fd(a, mode, ret_fd);
}

struct err *stream_unix_give(const char *path, const char *group)
{
	const struct group *g = getgrnam(group);

	if (!g)
		return err_hint(err_new(ERR_NOT_FOUND, "there is no group %s", group),
				"make it with `groupadd --system %s`", group);
	if (chown(path, (uid_t)-1, g->gr_gid))
		return err_sys(errno, "cannot give the socket to the group %s", group);
	return NULL;
}
