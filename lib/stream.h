/* Buffered byte streams over sockets, and their listeners (libevent's bufferevent).
 *
 * An address is written as OVSDB writes it (ovsdb(7)): active `unix:PATH`, passive
 * `punix:PATH`. TCP and TLS come with a later issue; their place is here. */
#ifndef LIB_STREAM_H
#define LIB_STREAM_H 1

#include "lib/err.h"
#include "lib/loop.h"

#include <stddef.h>
#include <sys/types.h>

struct stream;
struct stream_listener;

/* Who is at the other end of a unix socket (SO_PEERCRED, unix(7)); -1 where unknown. */
struct stream_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

struct stream_handlers {
	/* 'n' bytes arrived, borrowed for the call. May free the stream. */
	void (*data)(void *aux, const char *data, size_t n);
	/* The stream ended; takes 'e' (NULL: the peer closed in order). No further calls.
	 * The handler must stream_free() then or later. */
	void (*closed)(void *aux, struct err *e);
	/* Everything that was written has been handed to the kernel. May be NULL. */
	void (*drained)(void *aux);
};

/* Connects to an active address. For unix: the connection stands, or the error is known,
 * when it returns; ERR_SYSTEM with ENOENT or ECONNREFUSED where nobody listens. */
struct err *stream_connect(struct loop *l, const char *address,
			   const struct stream_handlers *h, void *aux,
			   struct stream **ret_stream) MUST_CHECK;
void stream_free(
	struct stream *s); /* closes; what is not yet sent is lost; accepts NULL */

/* Copies 'data'. Never blocks. */
void stream_write(struct stream *s, const char *data, size_t n);
/* Bytes written by us and not yet taken by the kernel. */
size_t stream_unsent_bytes(const struct stream *s);
/* Stops and starts the data handler (back-pressure on a peer that floods). */
void stream_pause(struct stream *s);
void stream_resume(struct stream *s);
struct stream_peer stream_peer(const struct stream *s);

/* A new connection: its handlers are set by stream_set_handlers() inside the call. Takes
 * 's'. */
typedef void stream_accept_fn(void *aux, struct stream *s);
void stream_set_handlers(struct stream *s, const struct stream_handlers *h, void *aux);

/* Listens on a passive address. A unix socket is made with 'mode', its parent folder as
 * well if it is missing (0755); a dead socket of the same name is replaced, a live one is
 * ERR_BUSY. */
struct err *stream_listen(struct loop *l, const char *address, mode_t mode,
			  stream_accept_fn *fn, void *aux,
			  struct stream_listener **ret_listener) MUST_CHECK;
/* Stops listening and removes the socket's file. Accepts NULL. */
void stream_listener_free(struct stream_listener *listener);

#endif
