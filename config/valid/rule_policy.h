/* The rules of policy routing and of source routing. */
#ifndef CONFIG_RULE_POLICY_H
#define CONFIG_RULE_POLICY_H 1

#include "config/valid/valid_complaint.h"

void rule_source_routing(struct valid_check *v, const struct model_master *m,
			 const struct model_slave *s);
/* Two rules of one namespace that select the same packets at one priority. */
void rule_shared_policy(struct valid_check *v, const struct valid_place *at,
			const struct valid_place *other);
/* Two places in one namespace that use one table: routes, or VALID_SOURCE_ROUTING. */
void rule_shared_table(struct valid_check *v, const struct valid_place *at,
		       const struct valid_place *other);

#endif
