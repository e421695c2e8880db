/* The files that TLS needs, in PEM format: read at the start, and again when they have
 * changed, since certificates are renewed while servers run. */
#include "lib/stream_private.h"

#include "lib/alloc.h"
#include "lib/log.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* A file has changed when one of these differs. */
struct version {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
};

struct stream_tls {
	SSL_CTX *ctx; /* NULL while there are no valid files yet */
	char *private_key, *certificate, *ca_certificate; /* paths */
	struct version versions[3];                       /* of these, when last read */
};

/* OpenSSL's own words for its last error. */
const char *stream_tls_reason(unsigned long code)
{
	const char *text = ERR_reason_error_string(code);

	return text ? text : "OpenSSL does not say why";
}

const char *stream_tls_last_reason(void)
{
	unsigned long code = ERR_peek_last_error();

	ERR_clear_error();
	return stream_tls_reason(code);
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
				what, stream_tls_last_reason()),
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

/* A daemon has no terminal for a passphrase. */
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
	/* No resumption: a resumed session would skip the check of the certificate, and
	 * connections are few and long. */
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

static struct err *load(const struct stream_tls_files *files, SSL_CTX **ret_ctx)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	struct err *e;

	if (!ctx)
		return err_new(ERR_SYSTEM, "OpenSSL cannot be used: %s",
			       stream_tls_last_reason());
	set_rules(ctx);
	e = load_certificate(ctx, files->certificate);
	if (!e)
		e = load_key(ctx, files);
	if (!e)
		e = load_ca(ctx, files->ca_certificate);
	if (e)
		SSL_CTX_free(ctx);
	else
		*ret_ctx = ctx;
	return e;
}

static struct version version_of(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return (struct version){0};
	return (struct version){st.st_dev, st.st_ino, st.st_ctim};
}

/* Records the files' state; true if it has changed. */
static bool look_at_files(struct stream_tls *tls)
{
	const char *const paths[] = {tls->private_key, tls->certificate,
				     tls->ca_certificate};
	bool is_news = false;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct version *known = &tls->versions[i], now = version_of(paths[i]);

		is_news |= now.dev != known->dev || now.ino != known->ino ||
			   now.changed.tv_sec != known->changed.tv_sec ||
			   now.changed.tv_nsec != known->changed.tv_nsec;
		*known = now;
	}
	return is_news;
}

struct err *stream_tls_new(const struct stream_tls_files *files,
			   struct stream_tls **ret_tls)
{
	struct stream_tls *tls;
	struct err *e = check_given(files);

	if (e)
		return e;
	tls = xcalloc(1, sizeof(*tls));
	tls->private_key = xstrdup(files->private_key);
	tls->certificate = xstrdup(files->certificate);
	tls->ca_certificate = xstrdup(files->ca_certificate);
	/* Before they are read, so that a change during the read is noticed later. */
	(void)look_at_files(tls);
	e = load(files, &tls->ctx);
	/* A file that is not there is a mistake on the command line. */
	if (e && files->may_be_mended && e->sys_errno != ENOENT) {
		log_err(LOG_LEVEL_WARNING, "tls_files_refused", e, "%s", "");
		err_free(STEAL(e));
	}
	if (e)
		stream_tls_free(tls);
	else
		*ret_tls = tls;
	return e;
}

void stream_tls_free(struct stream_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->ctx);
	free(tls->private_key);
	free(tls->certificate);
	free(tls->ca_certificate);
	free(tls);
}

/* Files are seldom replaced all at once: the last valid set stays in use until they match
 * again. */
static void read_again(struct stream_tls *tls, bool is_news)
{
	const struct stream_tls_files files = {.private_key = tls->private_key,
					       .certificate = tls->certificate,
					       .ca_certificate = tls->ca_certificate};
	SSL_CTX *ctx;
	struct err *e = load(&files, &ctx);

	if (!e) {
		SSL_CTX_free(tls->ctx);
		tls->ctx = ctx;
		return;
	}
	if (is_news)
		log_err(LOG_LEVEL_WARNING, "tls_files_refused", e, "%s", "");
	err_free(e);
}

struct ssl_ctx_st *stream_tls_context(struct stream_tls *tls)
{
	bool is_news = look_at_files(tls);

	/* Without valid files also if none has changed: a certificate may have "expired" by a
	 * clock that was wrong. */
	if (is_news || !tls->ctx)
		read_again(tls, is_news);
	return tls->ctx;
}
