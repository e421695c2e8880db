/* What a step could not do, for the message of its error. */
#ifndef DATAPATH_PLAN_FAILURE_H
#define DATAPATH_PLAN_FAILURE_H 1

#include "datapath/plan/plan_step.h"
#include "lib/arena.h"

/* "cannot add the address 10.0.0.2/24 to ns1/ipvl1". Every provider puts it before the
 * kernel's own text, so that a preview foretells the very message. From the arena, or
 * static. */
const char *plan_failure(struct arena *a, const struct plan_step *s);
/* What a person can do about the errno; NULL if there is no advice. Static. */
const char *plan_failure_hint(const struct plan_step *s, int sys_errno);
/* The kernel would never answer this write, and no later request of any program (kernel.md
 * 26): the error with which a provider refuses it. NULL: it may be written. 'mtu': that
 * of the device. */
struct err *plan_failure_hang(const struct model_sysctl *sysctl, uint32_t mtu) MUST_CHECK;

#endif
