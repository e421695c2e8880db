/* The rules of a slave's routes. */
#ifndef CONFIG_RULE_ROUTE_H
#define CONFIG_RULE_ROUTE_H 1

#include "config/valid/valid_complaint.h"

/* A slave's routes, against its own addresses. */
void rule_slave_routes(struct valid_check *v, const struct model_master *m,
		       const struct model_slave *s);

#endif
