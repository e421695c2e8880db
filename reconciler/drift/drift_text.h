/* What somebody else did, derived from the step that undoes it. A step's own `why`
 * describes the present ("address 10.0.0.2/24 is missing"); drift describes the event
 * ("address 10.0.0.2/24 removed"). */
#ifndef RECONCILER_DRIFT_DRIFT_TEXT_H
#define RECONCILER_DRIFT_DRIFT_TEXT_H 1

#include "datapath/plan/plan.h"
#include "lib/arena.h"

#define DRIFT_TEXT_SET_DOWN "set down"

/* A participle clause that "by …" can follow. From 'a'; "" if the step is no evidence
 * of a change; never NULL. 'found': what was observed of the master that a MASTER_SET
 * changes. */
const char *drift_text_found(const struct plan_step *s, const struct model_master *found,
			     struct arena *a);

/* The message of a row whose drift is left: "mode l2 -> l3: left as it is (drift: report),
 * …". 'found': what differs; 'object': its label. */
const char *drift_text_left(const char *found, enum model_drift drift, const char *object,
			    struct arena *a);

/* A warning without its remedy. */
const char *drift_text_warning(const char *warning, struct arena *a);

/* "namespace ns1 removed"; "" if it exists, or was not observed. */
const char *drift_text_lost_netns(const struct model *have, const char *name,
				  struct arena *a);

/* The same for a master that is missing, from what was found. */
const char *drift_text_lost_master(const struct model *have,
				   const struct model_master *want, struct arena *a);

#endif
