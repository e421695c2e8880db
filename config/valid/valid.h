/* What can never work, reported before anything changes: the same rules for a YAML
 * file, for `ipvl-ctl`, and (valid_txn.h) for every client of the database. */
#ifndef CONFIG_VALID_H
#define CONFIG_VALID_H 1

#include "config/valid/valid_complaint.h"

/* Every rule about one master with all of its slaves. Calls 'fn' for each breach. 'm'
 * is sorted (model.h). */
void valid_check_master(const struct model_master *m, valid_complain_fn *fn, void *aux);
/* The same for all masters of 'm', and what they exclude for each other: a name or a
 * route that one namespace would have to hold twice. */
void valid_check_model(const struct model *m, valid_complain_fn *fn, void *aux);

#endif
