/* The rules of link types. */
#ifndef CONFIG_RULE_TYPE_H
#define CONFIG_RULE_TYPE_H 1

#include "config/valid/valid_complaint.h"

/* Mode and flag: those that the type of the master has. */
void rule_type_mode(struct valid_check *v, const struct model_master *m);
void rule_type_count(struct valid_check *v, const struct model_master *m,
		     size_t n_slaves);

#endif
