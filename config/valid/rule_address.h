/* What is declared of the addresses of a slave beside them. Private to config/valid/. */
#ifndef CONFIG_VALID_RULE_ADDRESS_H
#define CONFIG_VALID_RULE_ADDRESS_H 1

#include "config/valid/valid_complaint.h"

void rule_address_options(struct valid_check *v, const struct model_master *m,
			  const struct model_slave *s);

#endif
