/* What limits an object beside its verdict. */
#ifndef DATAPATH_PLAN_WARN_H
#define DATAPATH_PLAN_WARN_H 1

#include "datapath/plan/plan_context.h"

/* Adds a sentence, once. */
void plan_warn_add(struct plan_context *ctx, struct plan_warnings *warnings,
		   const char *text);
/* Adds what follows from the finished drafts. */
void plan_warn_all(struct plan_context *ctx);

#endif
