/* The rules one by one, for valid.c (a model at a time) and valid_txn.c (a transaction
 * at a time). Private to config/valid/. */
#ifndef CONFIG_RULE_H
#define CONFIG_RULE_H 1

#include "config/valid/valid_complaint.h"

/* Linux ipvlan_link_new(): dev_id has 16 bits, and 0 and 0xffff are not used. */
#define VALID_SLAVES_MAX ((size_t)65534)
/* RFC 8200 5; Linux IPV6_MIN_MTU: below it the kernel removes IPv6 from the device. */
#define VALID_IPV6_MTU_MIN 1280U

/* The master's own columns. */
void rule_master(struct valid_check *v, const struct model_master *m);
/* One slave under 'm'. Of 'm' only the columns are read, not the slaves. */
void rule_slave(struct valid_check *v, const struct model_master *m,
		const struct model_slave *s);
void rule_slave_count(struct valid_check *v, const struct model_master *m,
		      size_t n_slaves);

/* Two places that exclude each other, as the caller found. */
void rule_shared_address(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other);
void rule_shared_route(struct valid_check *v, const struct valid_place *at,
		       const struct valid_place *other);
/* Two devices of one name in one namespace. The other may be a master (its slave is
 * NULL). */
void rule_shared_name(struct valid_check *v, const struct valid_place *at,
		      const struct valid_place *other);
/* Two slaves without a `netns` and with the same name, in two namespaces: different
 * devices for the kernel, but one key of the database's index. */
void rule_ambiguous_name(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other);
/* Two masters that are the same VLAN of the same link. */
void rule_shared_vlan(struct valid_check *v, const struct valid_place *at,
		      const struct valid_place *other);
/* A VLAN whose link is the name of a master with `match`. */
void rule_vlan_of_match(struct valid_check *v, const struct model_master *vlan);

/* The slave's namespace: its own, or its master's. Borrowed. */
const char *rule_netns(const struct model_master *m, const struct model_slave *s);

#endif
