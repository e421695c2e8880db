/* Errors of CNI: a code, what is wrong, and what to do. */
#ifndef ENGINES_CNI_ERROR_H
#define ENGINES_CNI_ERROR_H 1

#include "lib/arena.h"
#include "lib/err.h"

/* SPEC.md, "Error"; ours from 100. */
enum cni_code {
	CNI_BAD_VERSION = 1,
	CNI_UNSUPPORTED = 2,
	CNI_NO_CONTAINER = 3,
	CNI_BAD_VARIABLE = 4,
	CNI_IO = 5,
	CNI_NOT_JSON = 6,
	CNI_BAD_CONFIG = 7,
	CNI_TRY_AGAIN = 11,
	CNI_NOT_AVAILABLE = 50,
	CNI_LIMITED = 51,
	CNI_NOT_READY = 100, /* the device could not be made as its row says */
	CNI_DIFFERS = 101,   /* CHECK: it is not as ADD reported */
};

struct cni_error {
	enum cni_code code;
	const char *message; /* one sentence without its stop */
	const char *details; /* what to do, or "" */
	/* What another plug-in printed, to be printed as it is; NULL: nothing. */
	const char *text;
};

/* From the arena. 'details' may be NULL. */
const struct cni_error *cni_error_new(struct arena *a, enum cni_code code,
				      const char *details, const char *format, ...)
	__attribute__((format(printf, 4, 5), returns_nonnull));
/* The message of 'e' and of its causes, with its hint as details. Takes 'e'. */
const struct cni_error *cni_error_from(struct arena *a, enum cni_code code, struct err *e)
	__attribute__((returns_nonnull));
/* The object of the specification, for a request of this version. */
char *cni_error_json(const struct cni_error *e, const char *version)
	__attribute__((warn_unused_result));

#endif
