/* When neighbours must be told of all addresses on a master again, though no address of them is
 * new. */
#ifndef RECONCILER_ANNOUNCE_CAUSE_H
#define RECONCILER_ANNOUNCE_CAUSE_H 1

#include "config/columns.h"
#include "datapath/plan/plan.h"

#include <stdint.h>

/* How long a master must have been down, or without carrier. For less the announcements that wait
 * are enough, and what the neighbours have is still right. */
#define ANNOUNCE_CAUSE_LOST_MS 10000

/* Masters that carry no traffic, and since when. */
struct announce_cause;

struct announce_cause *announce_cause_new(void)
	__attribute__((warn_unused_result, returns_nonnull));
void announce_cause_free(struct announce_cause *c); /* accepts NULL */

/* As a pass has found a master in mode l2, before its row shows it. True: it has another MAC
 * address than its row has, or it carries traffic again. */
bool announce_cause_note(struct announce_cause *c, const struct ipvl_columns *columns,
			 const struct row *row, const struct model_master *have,
			 int64_t now_ms);

#endif
