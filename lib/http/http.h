/* An HTTP server (libevent's evhttp): whole answers, and answers in pieces that are made as
 * fast as the client reads. */
#ifndef LIB_HTTP_HTTP_H
#define LIB_HTTP_HTTP_H 1

#include "lib/buffer.h"
#include "lib/err.h"
#include "lib/loop.h"

#include <stdbool.h>
#include <sys/types.h>

struct http;
struct http_request;

/* Connections of one listener. Beyond it clients wait in the kernel's queue. */
#define HTTP_MAX_CONNECTIONS 64
/* A connection on which nothing moves for so long is closed. */
#define HTTP_IDLE_S 60

/* A request, to be answered now or later, by one of the functions below. */
typedef void http_fn(void *aux, struct http_request *r);

/* Listens on a passive address (stream_address.h) without TLS; a unix socket gets 'mode'.
 * ERR_SYSTEM has the errno; ERR_UNSUPPORTED: a unix socket, of which libevent cannot serve
 * clients with this C library. */
struct err *http_listen(struct loop *l, const char *address, mode_t mode, http_fn *fn,
			void *aux, struct http **ret_http) MUST_CHECK;
/* The same on a socket that listens already, as a service manager passes one. Takes 'fd'; the
 * socket's file stays. */
struct err *http_adopt(struct loop *l, int fd, http_fn *fn, void *aux,
		       struct http **ret_http) MUST_CHECK;
/* 0, without a body, from the beginning. A longer one is answered with 413. */
void http_set_max_body(struct http *h, size_t n);
/* Ends all answers, and removes the socket's file. Accepts NULL. */
void http_free(struct http *h);
/* The address, with the real port. Borrowed. */
const char *http_address(const struct http *h);

/* All borrowed; the strings live as long as the request. */
enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OTHER };
enum http_method http_method(const struct http_request *r);
const char *
http_path(const struct http_request *r); /* without the query; "" if invalid */
/* Not terminated. */
const char *http_body(const struct http_request *r, size_t *ret_n);
const char *http_header(const struct http_request *r, const char *name); /* or NULL */

/* Before the answer. */
void http_add_header(struct http_request *r, const char *name, const char *value);
/* The whole answer. Borrows 'body'; the request ends. */
void http_answer(struct http_request *r, int code, const char *body, size_t n);

/* The answer in pieces. */
enum http_next {
	HTTP_GO_ON, /* call again: soon, or when all was sent */
	HTTP_WAIT,  /* call again after http_resume() */
	HTTP_END,
	/* Only before the first piece: the answer is a 503 with 'b' as its text. */
	HTTP_FAIL,
};
struct http_source {
	/* Appends the next piece to 'b', in a few milliseconds. Never called while an
	 * earlier piece is not yet sent. */
	enum http_next (*more)(void *aux, struct buffer *b);
	/* The answer has ended, or the client has gone. The request must not be used. */
	void (*gone)(void *aux);
	void *aux;
};
void http_answer_in_pieces(struct http_request *r, int code,
			   const struct http_source *source);
/* Only for an answer in pieces. */
void http_resume(struct http_request *r);

#endif
