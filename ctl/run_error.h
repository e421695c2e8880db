/* Errors of a commit, for people. */
#ifndef CTL_RUN_ERROR_H
#define CTL_RUN_ERROR_H 1

#include "lib/err.h"

/* Takes 'e', and returns it without the terms of the protocol in its path. */
struct err *run_error_in_plain_words(struct err *e);

#endif
