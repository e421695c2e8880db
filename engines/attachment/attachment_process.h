/* The process that is making an attachment, as a text in its row: whether it still lives tells
 * whether the row is a dead one's. */
#ifndef ENGINES_ATTACHMENT_PROCESS_H
#define ENGINES_ATTACHMENT_PROCESS_H 1

#include <stdbool.h>

/* This process. The caller owns the text. */
char *attachment_process_text(void) __attribute__((warn_unused_result));
/* False if the process of such a text is known to have ended, or cannot be at work any more. */
bool attachment_process_lives(const char *text);

#endif
