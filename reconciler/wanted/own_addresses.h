/* The addresses that each master's device had when the rows of its slaves were last compared with
 * them: another one there may be one that a row declares. */
#ifndef RECONCILER_WANTED_OWN_ADDRESSES_H
#define RECONCILER_WANTED_OWN_ADDRESSES_H 1

#include "datapath/model.h"

struct own_addresses;

struct own_addresses *own_addresses_new(void) __attribute__((warn_unused_result));
void own_addresses_free(struct own_addresses *o); /* accepts NULL */

/* Records what was observed; true if it differs from what is recorded. */
bool own_addresses_note(struct own_addresses *o, const struct model_master *have);

#endif
