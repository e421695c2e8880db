/* TLS (RFC 5246, RFC 8446) by OpenSSL below libevent's bufferevents: the peer's name, and
 * errors in words. */
#include "lib/stream_private.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

struct err *stream_tls_check(const struct stream_tls *tls, const struct stream_address *a,
			     const char *text)
{
	if (tls || a->kind != STREAM_TLS)
		return NULL;
	return err_hint(
		err_new(ERR_INVALID, "%s: TLS needs a key and certificates", text),
		"give --private-key, --certificate and --ca-cert");
}

struct err *stream_tls_bufferevent(struct stream_tls *tls, struct event_base *base,
				   int fd, bool accepts, struct bufferevent **ret_bev)
{
	SSL_CTX *ctx = stream_tls_context(tls);
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	struct bufferevent *bev = NULL;

	if (!ctx)
		return err_new(ERR_INVALID, "there is no valid key and certificate");
	if (!ssl)
		return err_new(ERR_SYSTEM, "OpenSSL cannot be used: %s",
			       stream_tls_last_reason());
	/* Deferred, so that a write or a resume does not call the handlers itself. */
	bev = bufferevent_openssl_socket_new(
		base, fd, ssl,
		accepts ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING,
		BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!bev) {
		SSL_free(ssl);
		return err_new(ERR_SYSTEM, "cannot watch a socket");
	}
	*ret_bev = bev;
	return NULL;
}

bool stream_tls_is_used(struct bufferevent *bev)
{
	return bufferevent_openssl_get_ssl(bev) != NULL;
}

/* With a NUL inside two names look alike; with a line's end one looks like two. */
static bool is_printable(const unsigned char *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (name[i] < ' ' || name[i] == 0x7f)
			return false;
	}
	return text_is_utf8((const char *)name, n);
}

static char *common_name(struct bufferevent *bev)
{
	const SSL *ssl = bufferevent_openssl_get_ssl(bev);
	const X509 *certificate = SSL_get0_peer_certificate(ssl);
	const X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;
	int at = name ? X509_NAME_get_index_by_NID(name, NID_commonName, -1) : -1;
	unsigned char *utf8 = NULL;
	char *subject = NULL;
	int n;

	if (at < 0)
		return NULL;
	n = ASN1_STRING_to_UTF8(&utf8,
				X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0 && is_printable(utf8, (size_t)n))
		subject = xasprintf("%.*s", n, (const char *)utf8);
	OPENSSL_free(utf8);
	return subject;
}

char *stream_tls_agreed(struct bufferevent *bev)
{
	/* Many peers close without a notification. A message that is cut short is noticed
	 * by its reader. */
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return common_name(bev);
}

struct err *stream_tls_error(struct bufferevent *bev)
{
	const SSL *ssl = bufferevent_openssl_get_ssl(bev);
	unsigned long code = bufferevent_get_openssl_error(bev);
	long verified = SSL_get_verify_result(ssl);

	ERR_clear_error();
	if (verified != X509_V_OK)
		return err_hint(err_new(ERR_PROTOCOL,
					"the peer's certificate is not accepted: %s",
					X509_verify_cert_error_string(verified)),
				"the CA of --ca-cert must have signed it");
	/* libevent puts SSL_ERROR_SYSCALL among OpenSSL's codes, which have a library. */
	if (!ERR_GET_LIB(code) || ERR_SYSTEM_ERROR(code))
		return NULL;
	return err_new(ERR_PROTOCOL, "TLS failed: %s", stream_tls_reason(code));
}

void stream_tls_say_goodbye(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	if (SSL_is_init_finished(ssl))
		(void)SSL_shutdown(ssl); /* the peer's notification is not waited for */
	ERR_clear_error();
}
