/* A build without TLS (meson's option `tls`): ssl: and pssl: are refused in one sentence. In
 * place of stream_tls.c and stream_tls_files.c. */
#include "lib/stream_private.h"

#include <assert.h>

static struct err *no_tls(const char *what)
{
	return err_hint(err_new(ERR_UNSUPPORTED, "%s: this build has no TLS", what),
			"use unix: or tcp:, or a build with OpenSSL");
}

struct err *stream_tls_check(const struct stream_tls *tls, const struct stream_address *a,
			     const char *text)
{
	(void)tls;
	return a->kind == STREAM_TLS ? no_tls(text) : NULL;
}

bool stream_tls_files_are_given(const struct stream_tls_files *files)
{
	return files->private_key || files->certificate || files->ca_certificate;
}

struct err *stream_tls_new(const struct stream_tls_files *files,
			   struct stream_tls **ret_tls)
{
	(void)ret_tls;
	return no_tls(files->private_key   ? "--private-key"
		      : files->certificate ? "--certificate"
					   : "--ca-cert");
}

void stream_tls_free(struct stream_tls *tls)
{
	assert(!tls);
}

struct err *stream_tls_bufferevent(struct stream_tls *tls, struct event_base *base,
				   int fd, bool accepts, struct bufferevent **ret_bev)
{
	(void)tls;
	(void)base;
	(void)fd;
	(void)accepts;
	(void)ret_bev;
	return no_tls("a connection");
}

bool stream_tls_is_used(struct bufferevent *bev)
{
	(void)bev;
	return false;
}

char *stream_tls_agreed(struct bufferevent *bev)
{
	(void)bev;
	return NULL;
}

struct err *stream_tls_error(struct bufferevent *bev)
{
	(void)bev;
	return NULL;
}

void stream_tls_say_goodbye(struct bufferevent *bev)
{
	(void)bev;
}
