/* Unix sockets: addresses, connecting, listening (unix(7)). Beside it: stream.c, which
 * moves the bytes. Who may connect is said by the socket's mode and group alone. */
#include "lib/stream_unix.h"

#include "lib/alloc.h"
#include "lib/loop_base.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* How long connecting may wait for a server whose queue of connections is full. */
#define CONNECT_TIMEOUT_S 2
/* How long no connection is accepted when descriptors ran out: the waiting ones stay
 * waiting. */
#define ACCEPT_PAUSE_MS 100

struct stream_listener {
	struct loop *loop;
	struct evconnlistener *listener;
	struct loop_timer *pause; /* set while descriptors have run out */
	stream_accept_fn *fn;
	void *aux;
	char *path;
	dev_t dev; /* with 'ino': the socket's file as we made it */
	ino_t ino;
};

static struct err *unix_address(const char *address, const char *prefix,
				const char **ret_path, struct sockaddr_un *ret_sun)
{
	size_t room = sizeof(ret_sun->sun_path) - 1;
	const char *path;

	if (strncmp(address, prefix, strlen(prefix)))
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s: not an address that can be used here",
					address),
				"write %sPATH", prefix);
	path = address + strlen(prefix);
	if (!*path)
		return err_hint(
			err_new(ERR_INVALID, "%s: the socket's path is missing", address),
			"write %sPATH", prefix);
	if (strlen(path) > room)
		return err_hint(err_new(ERR_INVALID,
					"%s: the path has %zu bytes, a unix socket's can "
					"have %zu",
					address, strlen(path), room),
				"use a shorter path");
	*ret_sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_sun->sun_path, path, strlen(path) + 1);
	*ret_path = path;
	return NULL;
}

/* Blocks for CONNECT_TIMEOUT_S at most; 0 or an errno. */
static int connect_fd(int fd, const struct sockaddr_un *sun)
{
	struct timeval limit = {.tv_sec = CONNECT_TIMEOUT_S};
	int flags = fcntl(fd, F_GETFL);

	/* unix(7): connect() waits for room in the server's queue as long as SO_SNDTIMEO
	 * says. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) || flags < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)))
		return errno;
	return fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? errno : 0;
}

struct err *stream_connect(struct loop *l, const char *address,
			   const struct stream_handlers *h, void *aux,
			   struct stream **ret_stream)
{
	struct sockaddr_un sun;
	struct stream *s;
	const char *path;
	struct err *e;
	int fd, rc;

	e = unix_address(address, "unix:", &path, &sun);
	if (e)
		return e;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(errno, "cannot make a socket");
	rc = connect_fd(fd, &sun);
	if (rc) {
		close(fd);
		return err_sys(rc, "cannot connect to %s", address);
	}
	e = stream_new_from_fd(l, fd, &s);
	if (e) {
		close(fd);
		return e;
	}
	stream_set_handlers(s, h, aux);
	*ret_stream = s;
	return NULL;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *sa, int length, void *aux)
{
	struct stream_listener *sl = aux;
	struct stream *s;
	struct err *e;

	(void)listener;
	(void)sa;
	(void)length;
	e = stream_new_from_fd(sl->loop, fd, &s);
	if (e) {
		err_free(e);
		close(fd);
		return;
	}
	sl->fn(sl->aux, s);
}

/* EMFILE and their like last until somebody closes something: do not spin until then. */
static void on_accept_error(struct evconnlistener *listener, void *aux)
{
	struct stream_listener *sl = aux;

	evconnlistener_disable(listener);
	loop_timer_set(sl->pause, ACCEPT_PAUSE_MS);
}

static void on_pause_over(void *aux)
{
	struct stream_listener *sl = aux;

	evconnlistener_enable(sl->listener);
}

/* Errors show in bind(). */
static void make_parent(const char *path)
{
	CLEANUP(freep) char *copy = xstrdup(path);

	(void)mkdir(dirname(copy), 0755);
}

/* Takes the file of a server that is dead out of the way. */
static struct err *clear_path(const char *path, const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, rc;

	if (lstat(path, &st))
		return NULL; /* not there; whatever else is wrong, bind() says it */
	if (!S_ISSOCK(st.st_mode))
		return err_hint(err_new(ERR_EXISTS, "%s is there and is no socket", path),
				"move it away, or listen on another path");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(errno, "cannot make a socket");
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? errno : 0;
	close(fd);
	if (!rc || rc == EAGAIN) /* EAGAIN: alive, its queue is full */
		return err_hint(err_new(ERR_BUSY, "another server listens on %s", path),
				"stop it, or listen on another path");
	if (rc != ECONNREFUSED && rc != ENOENT)
		return err_sys(rc, "cannot tell whether a server listens on %s", path);
	if (unlink(path) && errno != ENOENT)
		return err_sys(errno, "cannot remove the dead socket %s", path);
	return NULL;
}

static struct err *bind_fd(const char *path, const struct sockaddr_un *sun, mode_t mode,
			   int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old_mask;
	int rc;

	if (fd < 0)
		return err_sys(errno, "cannot make a socket");
	/* The file is born with its mode: a chmod() after bind() would leave a gap. */
	old_mask = umask(~mode & 0777);
	rc = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? errno : 0;
	umask(old_mask);
	if (!rc && listen(fd, SOMAXCONN))
		rc = errno;
	if (rc) {
		close(fd);
		return err_sys(rc, "cannot listen on %s", path);
	}
	*ret_fd = fd;
	return NULL;
}

struct err *stream_listen(struct loop *l, const char *address, mode_t mode,
			  stream_accept_fn *fn, void *aux,
			  struct stream_listener **ret_listener)
{
	struct stream_listener *sl;
	struct sockaddr_un sun;
	struct stat st = {0};
	const char *path;
	struct err *e;
	int fd;

	e = unix_address(address, "punix:", &path, &sun);
	if (e)
		return e;
	make_parent(path);
	e = clear_path(path, &sun);
	if (!e)
		e = bind_fd(path, &sun, mode, &fd);
	if (e)
		return e;
	(void)lstat(path, &st);
	sl = xcalloc(1, sizeof(*sl));
	sl->loop = l;
	sl->fn = fn;
	sl->aux = aux;
	sl->path = xstrdup(path);
	sl->dev = st.st_dev;
	sl->ino = st.st_ino;
	sl->pause = loop_timer_new(l, on_pause_over, sl);
	sl->listener =
		evconnlistener_new(loop_base(l), on_accept, sl,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	evconnlistener_set_error_cb(sl->listener, on_accept_error);
	*ret_listener = sl;
	return NULL;
}

void stream_listener_free(struct stream_listener *sl)
{
	struct stat st;

	if (!sl)
		return;
	/* Only the file that we made: another server may have taken the name since. */
	if (!lstat(sl->path, &st) && st.st_dev == sl->dev && st.st_ino == sl->ino)
		(void)unlink(sl->path);
	loop_timer_free(sl->pause);
	evconnlistener_free(sl->listener);
	free(sl->path);
	free(sl);
}
