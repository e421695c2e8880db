/* TCP sockets (tcp(7)), plain or below TLS. */
#include "lib/stream_private.h"

#include "lib/alloc.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

static struct err *open_socket(const struct stream_address *a, int *ret_fd)
{
	int fd = socket(a->socket.sa.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_sys(errno, "cannot make a socket");
	*ret_fd = fd;
	return NULL;
}

void stream_tcp_set_nodelay(int fd)
{
	int on = 1;

	/* A failure only costs speed. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

struct err *stream_tcp_socket(const struct stream_address *a, int *ret_fd)
{
	struct err *e = open_socket(a, ret_fd);

	if (!e)
		stream_tcp_set_nodelay(*ret_fd);
	return e;
}

struct err *stream_tcp_listen(const struct stream_address *a, int *ret_fd)
{
	CLEANUP(freep) char *text = stream_address_text(a);
	struct err *e;
	int fd, rc = 0, on = 1;

	e = open_socket(a, &fd);
	if (e)
		return e;
	/* Connections of an earlier run, in TIME_WAIT, do not hold the port. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, &a->socket.sa, a->length) || listen(fd, SOMAXCONN))
		rc = errno;
	if (!rc) {
		*ret_fd = fd;
		return NULL;
	}
	close(fd);
	if (rc == EADDRINUSE)
		return err_hint(err_new(ERR_BUSY, "another server listens on %s", text),
				"stop it, or listen on another port");
	return err_sys(rc, "cannot listen on %s", text);
}
