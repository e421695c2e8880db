/* Buffered byte streams over sockets, and their listeners (libevent's bufferevent):
 * unix(7) and tcp(7) sockets, and TLS over the latter. */
#ifndef LIB_STREAM_H
#define LIB_STREAM_H 1

#include "lib/buffer.h"
#include "lib/err.h"
#include "lib/loop.h"

#include <stddef.h>
#include <sys/types.h>

struct stream;
struct stream_listener;
struct stream_tls;

/* How long connecting and agreeing on TLS may take. */
#define STREAM_START_MS 10000

/* The peer. The strings live as long as the stream. */
struct stream_peer {
	pid_t pid; /* of a unix socket (SO_PEERCRED, unix(7)); -1 where unknown */
	uid_t uid;
	gid_t gid;
	const char *address; /* as connected to; of an accepted stream "unix",
			      * "tcp:IP:PORT" or "ssl:IP:PORT" */
	const char *subject; /* the common name in its verified certificate; NULL
			      * without TLS or before the handshake is over */
};

struct stream_handlers {
	/* 'n' bytes arrived, borrowed for the call. May free the stream. */
	void (*data)(void *aux, const char *data, size_t n);
	/* The stream ended, or could not be connected; takes 'e' (NULL: the peer closed
	 * in order). No further calls. The handler must stream_free() then or later. */
	void (*closed)(void *aux, struct err *e);
	/* Everything that was written has been handed to the kernel. May be NULL. */
	void (*drained)(void *aux);
	/* stream_connect() has connected, TLS included. Called once, from the loop, before
	 * any data. May be NULL, may free the stream, may set other handlers. */
	void (*connected)(void *aux);
};

/* What TLS needs: PEM files. Peers must show a certificate that the CA signed, servers as
 * well as clients; names in it are not compared with addresses, as in Open vSwitch. */
struct stream_tls_files {
	const char *private_key, *certificate, *ca_certificate;
	/* Of a server that starts although one of them is not valid, or the certificate
	 * expired: that is logged, and peers are refused until it is mended. */
	_Bool may_be_mended;
};
/* True if there is one of them. */
_Bool stream_tls_files_are_given(const struct stream_tls_files *files);
/* TLS 1.2 or later. Reads the files, all of which must be given; ERR_INVALID or ERR_SYSTEM
 * names the file and its fault (with 'may_be_mended' only one that is missing). Files that have
 * changed are read again for the next connection; while they are invalid, the last valid ones
 * are used and the fault is logged. */
struct err *stream_tls_new(const struct stream_tls_files *files,
			   struct stream_tls **ret_tls) MUST_CHECK;
/* Streams may outlive it, listeners may not. Accepts NULL. */
void stream_tls_free(struct stream_tls *tls);

/* Connects to an active address. 'tls' may be NULL, then ssl: is ERR_INVALID. For unix:
 * it returns connected, or with the error: ERR_SYSTEM with ENOENT or ECONNREFUSED where
 * no server listens. For tcp: and ssl: the handlers are called later. Data written
 * meanwhile is kept. */
struct err *stream_connect(struct loop *l, const char *address, struct stream_tls *tls,
			   const struct stream_handlers *h, void *aux,
			   struct stream **ret_stream) MUST_CHECK;
void stream_free(
	struct stream *s); /* closes; what is not yet sent is lost; accepts NULL */

/* Copies 'data'. Never blocks. After the peer has shut down its side it may still be
 * reading: it gets what the kernel takes at once, the rest is dropped. */
void stream_write(struct stream *s, const char *data, size_t n);
/* The same for the bytes in 'b', which is empty afterwards. Large ones are not copied. */
void stream_write_buffer(struct stream *s, struct buffer *b);
/* Bytes written and not yet taken by the kernel. */
size_t stream_unsent_bytes(const struct stream *s);
/* Stops and starts the data handler (back-pressure). */
void stream_pause(struct stream *s);
void stream_resume(struct stream *s);
struct stream_peer stream_peer(const struct stream *s);

/* A new connection; with TLS, after the handshake and the verification of the
 * certificate. Call stream_set_handlers() inside. Takes 's'. */
typedef void stream_accept_fn(void *aux, struct stream *s);
void stream_set_handlers(struct stream *s, const struct stream_handlers *h, void *aux);

/* Listens on a passive address. 'tls' may be NULL, then pssl: is ERR_INVALID. A unix
 * socket is made with 'mode', a missing parent folder with 0755. A socket file without a
 * server is replaced, one with a server is ERR_BUSY. */
struct err *stream_listen(struct loop *l, const char *address, struct stream_tls *tls,
			  mode_t mode, stream_accept_fn *fn, void *aux,
			  struct stream_listener **ret_listener) MUST_CHECK;
/* The address, with the real port. Borrowed. */
const char *stream_listener_address(const struct stream_listener *listener);
/* Gives the socket's file to a group. Only root and its members may; ERR_NOT_FOUND if there
 * is no such group. */
struct err *stream_unix_give(const char *path, const char *group) MUST_CHECK;
/* Stops listening and removes the socket's file. Accepts NULL. */
void stream_listener_free(struct stream_listener *listener);

#endif
