/* The words of `ip rule`. For command.c alone. */
#ifndef TESTS_TWIN_COMMAND_RULE_H
#define TESTS_TWIN_COMMAND_RULE_H 1

#include "tests/twin/command_words.h"

/* Behind `ip rule`. */
struct err *command_read_rule(struct words *w, struct twin_request *r) MUST_CHECK;
/* The same words, from 'a'. */
const char *command_rule_text(struct arena *a, const struct twin_request *r);

#endif
