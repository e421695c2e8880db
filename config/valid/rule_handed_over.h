/* A slave that is handed over to another program. */
#ifndef CONFIG_RULE_HANDED_OVER_H
#define CONFIG_RULE_HANDED_OVER_H 1

#include "config/valid/valid_complaint.h"

void rule_handed_over(struct valid_check *v, const struct model_master *m,
		      const struct model_slave *s);

#endif
