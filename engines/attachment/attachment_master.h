/* The master of an attachment, and what else its network needs on it. */
#ifndef ENGINES_ATTACHMENT_MASTER_H
#define ENGINES_ATTACHMENT_MASTER_H 1

#include "engines/attachment/attachment.h"
#include "engines/attachment/attachment_edit.h"

/* Its row, made if there is none, with the network among its sources. ERR_INVALID: it is
 * another one than the network declares. */
struct err *attachment_master_ensure(const struct attachment_edit *edit,
				     const struct attachment *want, struct arena *a,
				     struct row **ret_master) MUST_CHECK;
/* The same error, and nothing is made. */
struct err *attachment_master_check(const struct attachment_edit *edit,
				    const struct attachment *want,
				    struct arena *a) MUST_CHECK;
/* The slave by which the host reaches the others, if the network declares it. */
struct err *attachment_master_give_access(const struct attachment_edit *edit,
					  const struct attachment *want,
					  struct row *master, struct arena *a) MUST_CHECK;

#endif
