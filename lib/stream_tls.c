/* TLS (RFC 5246, RFC 8446) by OpenSSL below libevent's bufferevents: the files that it
 * needs, who the peer is, and what went wrong in words. Beside it: stream.c moves the
 * bytes and does not see the difference, stream_listen.c waits for handshakes. No rights
 * are decided here. */
#include "lib/stream_private.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct stream_tls {
	SSL_CTX *ctx;
};

/* OpenSSL's own words for its last error. */
static const char *reason(unsigned long code)
{
	const char *text = ERR_reason_error_string(code);

	return text ? text : "OpenSSL does not say why";
}

static const char *last_reason(void)
{
	unsigned long code = ERR_peek_last_error();

	ERR_clear_error();
	return reason(code);
}

static struct err *check_readable(const char *what, const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return err_sys(errno, "cannot read the %s %s", what, path);
	fclose(file);
	return NULL;
}

static struct err *bad_file(const char *what, const char *path)
{
	return err_hint(err_new(ERR_INVALID, "%s: no %s can be read from it: %s", path,
				what, last_reason()),
			"give a file in PEM format");
}

static struct err *check_dates(const char *path, const X509 *certificate)
{
	const ASN1_TIME *end = X509_get0_notAfter(certificate);
	char date[32] = "";
	struct tm tm;

	/* One that is not valid yet passes: a machine without a clock starts in 1970. */
	if (X509_cmp_current_time(end) >= 0)
		return NULL;
	if (ASN1_TIME_to_tm(end, &tm))
		strftime(date, sizeof(date), " on %F", &tm);
	return err_hint(err_new(ERR_INVALID, "%s: the certificate expired%s", path, date),
			"no peer would take it: have a new one signed");
}

static struct err *load_certificate(SSL_CTX *ctx, const char *path)
{
	struct err *e = check_readable("certificate", path);

	if (e)
		return e;
	if (SSL_CTX_use_certificate_chain_file(ctx, path) != 1)
		return bad_file("certificate", path);
	return check_dates(path, SSL_CTX_get0_certificate(ctx));
}

/* There is nobody to type one. */
static int no_passphrase(char *buffer, int size, int writing, void *aux)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)aux;
	return -1;
}

static struct err *load_key(SSL_CTX *ctx, const struct stream_tls_files *files)
{
	const char *path = files->private_key;
	FILE *file = fopen(path, "re");
	EVP_PKEY *key;
	struct err *e = NULL;

	if (!file)
		return err_sys(errno, "cannot read the private key %s", path);
	key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
	fclose(file);
	if (!key)
		return err_hint(bad_file("private key", path),
				"give a file in PEM format, not encrypted");
	if (X509_check_private_key(SSL_CTX_get0_certificate(ctx), key) != 1)
		e = err_hint(
			err_new(ERR_INVALID,
				"the private key %s does not belong to the certificate "
				"%s",
				path, files->certificate),
			"give the key that the certificate was requested with");
	else if (SSL_CTX_use_PrivateKey(ctx, key) != 1)
		e = bad_file("private key", path);
	EVP_PKEY_free(key);
	return e;
}

static struct err *load_ca(SSL_CTX *ctx, const char *path)
{
	STACK_OF(X509_NAME) * names;
	struct err *e = check_readable("CA's certificate", path);

	if (e)
		return e;
	names = SSL_load_client_CA_file(path);
	if (!names || SSL_CTX_load_verify_locations(ctx, path, NULL) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return bad_file("CA's certificate", path);
	}
	SSL_CTX_set_client_CA_list(ctx, names);
	return NULL;
}

static void set_rules(SSL_CTX *ctx)
{
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	/* Connections live long and are few; a session taken up again would pass by the
	 * certificate. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
}

bool stream_tls_files_are_given(const struct stream_tls_files *files)
{
	return files->private_key || files->certificate || files->ca_certificate;
}

static struct err *check_given(const struct stream_tls_files *files)
{
	const char *missing = !files->private_key      ? "--private-key"
			      : !files->certificate    ? "--certificate"
			      : !files->ca_certificate ? "--ca-cert"
						       : NULL;

	if (!missing)
		return NULL;
	return err_hint(err_new(ERR_INVALID,
				"TLS needs a key and certificates, and %s "
				"is missing",
				missing),
			"give --private-key, --certificate and --ca-cert");
}

struct err *stream_tls_new(const struct stream_tls_files *files,
			   struct stream_tls **ret_tls)
{
	struct stream_tls *tls;
	struct err *e = check_given(files);
	SSL_CTX *ctx;

	if (e)
		return e;
	ctx = SSL_CTX_new(TLS_method());
	if (!ctx)
		return err_new(ERR_SYSTEM, "OpenSSL cannot be used: %s", last_reason());
	set_rules(ctx);
	e = load_certificate(ctx, files->certificate);
	if (!e)
		e = load_key(ctx, files);
	if (!e)
		e = load_ca(ctx, files->ca_certificate);
	if (e) {
		SSL_CTX_free(ctx);
		return e;
	}
	tls = xcalloc(1, sizeof(*tls));
	tls->ctx = ctx;
	*ret_tls = tls;
	return NULL;
}

void stream_tls_free(struct stream_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->ctx);
	free(tls);
}

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
	SSL *ssl = SSL_new(tls->ctx);
	struct bufferevent *bev = NULL;

	if (!ssl)
		return err_new(ERR_SYSTEM, "OpenSSL cannot be used: %s", last_reason());
	/* Deferred: else a write or a resume would call the handlers from within. */
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
	/* A NUL inside would make two names look alike. */
	if (n > 0 && !memchr(utf8, 0, (size_t)n) &&
	    text_is_utf8((const char *)utf8, (size_t)n))
		subject = xasprintf("%.*s", n, (const char *)utf8);
	OPENSSL_free(utf8);
	return subject;
}

char *stream_tls_agreed(struct bufferevent *bev)
{
	/* Many peers just close; a message that was cut short is seen to be. */
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
	return err_new(ERR_PROTOCOL, "TLS failed: %s", reason(code));
}

void stream_tls_say_goodbye(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	if (SSL_is_init_finished(ssl))
		(void)SSL_shutdown(ssl); /* the peer's own goodbye is not waited for */
	ERR_clear_error();
}
