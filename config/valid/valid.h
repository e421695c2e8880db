/* What can never work, said before anything changes. The same rules for a YAML file, for
 * `ipvl-ctl`, and (as the database's validator) for any OVSDB client. */
#ifndef CONFIG_VALID_H
#define CONFIG_VALID_H 1

#include "config/valid/valid_complaint.h"

/* Every rule that needs one master with all of its slaves. Calls 'fn' for each breach.
 * 'm' is sorted as model.h says. */
void valid_check_master(const struct model_master *m, valid_complain_fn *fn, void *aux);
/* The same for all masters of 'm', and what they make impossible for each other: a name
 * or a route that one namespace would have to hold twice. */
void valid_check_model(const struct model *m, valid_complain_fn *fn, void *aux);

#endif
