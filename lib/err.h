/* Errors are values: what went wrong, where, what to do next.
 *
 * NULL is success. Every function that can fail returns a 'struct err *' that must be
 * checked, and writes its 'ret_' parameters only on success. Libraries return errors and
 * never print; the code that handles an error logs or prints it once. A programmer's
 * mistake is an assert(), never an err.
 */
#ifndef LIB_ERR_H
#define LIB_ERR_H 1

#include <stdarg.h>

/* The closed set that callers and tests match. From ERR_SYNTAX on they are RFC 7047's
 * (and ovsdb-server's) error tags; err_code_name() gives the tag's very text. */
enum err_code {
	ERR_INVALID,     /* input that can never be right */
	ERR_NOT_FOUND,   /* the named thing does not exist */
	ERR_EXISTS,      /* the name is taken */
	ERR_BUSY,        /* another process holds it */
	ERR_UNSUPPORTED, /* this kernel, build or peer cannot do it */
	ERR_LIMIT,       /* a named limit was passed */
	ERR_SYSTEM,      /* a system call failed, or the kernel refused: see sys_errno */
	ERR_INTERRUPTED, /* a dump changed while it was read, or events were lost: read
			    everything again */
	ERR_CLOSED,      /* the peer closed the connection */
	ERR_PROTOCOL,    /* the peer violates the protocol */
	ERR_DAMAGED,     /* a file is corrupt */

	ERR_SYNTAX,           /* "syntax error" */
	ERR_UNKNOWN_DATABASE, /* "unknown database" */
	ERR_UNKNOWN_COLUMN,   /* "unknown column" */
	ERR_UNKNOWN_FUNCTION, /* "unknown function" */
	ERR_UNKNOWN_MUTATOR,  /* "unknown mutator" */
	ERR_CONSTRAINT,       /* "constraint violation" */
	ERR_REFERENTIAL,      /* "referential integrity violation" */
	ERR_DUPLICATE_UUID,   /* "duplicate uuid" */
	ERR_DUPLICATE_NAME,   /* "duplicate uuid-name" */
	ERR_DOMAIN,           /* "domain error" */
	ERR_RANGE,            /* "range error" */
	ERR_TIMED_OUT,        /* "timed out" */
	ERR_ABORTED,          /* "aborted" */
	ERR_NOT_OWNER,        /* "not owner" */
	ERR_NOT_ALLOWED,      /* "not allowed" */
	ERR_PERMISSION,       /* "permission error" */
	ERR_RESOURCES,        /* "resources exhausted" */
	ERR_IO,               /* "I/O error" */
	ERR_CANCELED,         /* "canceled" */
	ERR_UNKNOWN_METHOD,   /* "unknown method" */
	ERR_N_CODES
};

struct err {
	enum err_code code;
	int sys_errno; /* positive errno, 0 if no system call failed */
	char *path; /* where: a file:line:column, an object, a JSON text; NULL if unknown
		     */
	char *message;     /* what, as one clause without a final stop; never NULL */
	char *hint;        /* what to do next; NULL if there is no advice */
	struct err *cause; /* why; owned by this error; NULL at the root */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* The caller owns the returned error. */
struct err *err_new(enum err_code code, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result, returns_nonnull));
/* ERR_SYSTEM with 'sys_errno' (positive); the message is the format's text, ": " and
 * strerror. */
struct err *err_sys(int sys_errno, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result, returns_nonnull));
/* Takes 'cause'; copies its code and errno. */
struct err *err_wrap(struct err *cause, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result, returns_nonnull));

/* Set a part and return 'e', so that they can be chained. A second call replaces the
 * first. */
struct err *err_at(struct err *e, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result, returns_nonnull));
struct err *err_hint(struct err *e, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result, returns_nonnull));

/* A deep copy. */
struct err *err_copy(const struct err *e) MUST_CHECK;
/* Accepts NULL. */
void err_free(struct err *e);
void err_freep(struct err **e); /* for CLEANUP */

/* The tag of RFC 7047 if the code has one, else a short name such as "not found".
 * Static. */
const char *err_code_name(enum err_code code);
/* The code of an RFC 7047 tag, or of a short name up to ERR_SYSTEM's; false if 'name' is
 * neither. */
_Bool err_code_from_name(const char *name, enum err_code *ret_code);

/* One sentence for a person: "path: message: cause's message; hint". Owned by the caller.
 */
char *err_text(const struct err *e) MUST_CHECK;
/* Takes 'text', gives back "text; hint". */
char *err_append_hint(char *text, const char *hint) MUST_CHECK;

/* The innermost hint, or NULL. Borrowed. */
const char *err_find_hint(const struct err *e);

#endif
