/* Shared by lib/stream*.c alone. */
#ifndef LIB_STREAM_PRIVATE_H
#define LIB_STREAM_PRIVATE_H 1

#include "lib/stream.h"
#include "lib/stream_address.h"

#include <stdbool.h>

struct bufferevent;
struct event_base;

/* stream.c: a stream over 'bev', which it takes. 'address' (taken) is the peer's. Unless
 * it 'stands' already, 'bev' is connecting or in a TLS handshake, and has STREAM_START_MS
 * for it, counted from stream_set_handlers(). Nothing is read before. */
struct stream *stream_new(struct loop *l, struct bufferevent *bev, char *address,
			  bool stands) __attribute__((warn_unused_result));

/* Sockets, non-blocking. */
struct err *stream_unix_connect(const struct stream_address *a, int *ret_fd) MUST_CHECK;
/* Makes the file's parent folder if it is missing; removes a dead server's file. */
struct err *stream_unix_listen(const struct stream_address *a, mode_t mode,
			       int *ret_fd) MUST_CHECK;
/* Not connected yet. */
struct err *stream_tcp_socket(const struct stream_address *a, int *ret_fd) MUST_CHECK;
struct err *stream_tcp_listen(const struct stream_address *a, int *ret_fd) MUST_CHECK;
/* TCP_NODELAY: small messages are sent at once. */
void stream_tcp_set_nodelay(int fd);

/* stream_tls_files.c. Borrowed for a new connection: files that have changed are read
 * again. NULL if no valid ones have been read so far. */
struct ssl_ctx_st *stream_tls_context(struct stream_tls *tls);
/* OpenSSL's words for one of its errors, and for its last one. */
const char *stream_tls_reason(unsigned long code);
const char *stream_tls_last_reason(void);

/* stream_tls.c: 'fd' is taken on success. */
struct err *stream_tls_bufferevent(struct stream_tls *tls, struct event_base *base,
				   int fd, bool accepts,
				   struct bufferevent **ret_bev) MUST_CHECK;
bool stream_tls_is_used(struct bufferevent *bev);
/* To be called when the handshake is over. Returns the common name in the peer's
 * certificate, owned by the caller; NULL if it has none. */
char *stream_tls_agreed(struct bufferevent *bev) __attribute__((warn_unused_result));
/* Why TLS failed; NULL if it was the connection below it. */
struct err *stream_tls_error(struct bufferevent *bev) MUST_CHECK;
/* Sends the TLS close notification. */
void stream_tls_say_goodbye(struct bufferevent *bev);
/* ERR_INVALID where 'a' needs TLS and 'tls' is NULL. */
struct err *stream_tls_check(const struct stream_tls *tls, const struct stream_address *a,
			     const char *text) MUST_CHECK;

#endif
