/* The rules of routes. */
#ifndef CONFIG_RULE_ROUTE_H
#define CONFIG_RULE_ROUTE_H 1

#include "config/valid/valid_complaint.h"

/* A master has no route without a device: its namespace is mostly the host's, where other
 * programs make them. */
void rule_master_routes(struct valid_check *v, const struct model_master *m);

/* A slave's routes, against its own addresses. */
void rule_slave_routes(struct valid_check *v, const struct model_master *m,
		       const struct model_slave *s);

/* The MTUs of routes, against that of their device: of the slave, or of the master if 's'
 * is NULL. */
void rule_route_mtus(struct valid_check *v, const struct model_master *m,
		     const struct model_slave *s);

#endif
