/* What can never work, said before anything changes. The same rules for a YAML file, for
 * `ipvl-ctl`, and (as the database's validator) for any OVSDB client. */
#ifndef CONFIG_VALID_H
#define CONFIG_VALID_H 1

#include "datapath/model.h"
#include "lib/err.h"
#include "ovsdb-lite/db/db.h"

/* Linux ipvlan_link_new(): dev_id is 16 bits wide, 0 and 0xffff are not given out. */
#define VALID_SLAVES_MAX ((size_t)65534)
/* RFC 8200 5; Linux IPV6_MIN_MTU: below it the kernel takes IPv6 off the device. */
#define VALID_IPV6_MTU_MIN 1280U

/* Which part of an object a complaint is about: names of columns and YAML keys alike. */
enum valid_field {
	VALID_OBJECT,
	VALID_NAME,
	VALID_NETNS,
	VALID_MODE,
	VALID_FLAG,
	VALID_VLAN,
	VALID_MTU,
	VALID_ADDRESSES,
	VALID_ROUTES,
	VALID_ROUTE_VIA,  /* a route's gateway: 'index' is the route's */
	VALID_ROUTE_FROM, /* a route's source */
	VALID_NAMESERVERS,
	VALID_SEARCH,
	VALID_SYSCTL,
	VALID_N_FIELDS
};
/* "Master" or "Slave" has this column ("routes" for a route's gateway). Static. */
const char *valid_field_column(enum valid_field field);

struct valid_place {
	const struct model_master *master; /* NULL: no place */
	const struct model_slave *slave;   /* NULL: about the master */
	enum valid_field field;
	size_t index; /* which address, route or sysctl */
};

struct valid_complaint {
	struct valid_place at;
	struct valid_place other; /* what it collides with, where there is such a thing */
	struct err *error;        /* message and hint; borrowed for the call */
};
typedef void valid_complain_fn(void *aux, const struct valid_complaint *c);

/* Every rule that needs one master with all of its slaves. Calls 'fn' for each breach.
 * 'm' is sorted as model.h says. */
void valid_check_master(const struct model_master *m, valid_complain_fn *fn, void *aux);
/* The same for all masters of 'm', and what they make impossible for each other: a name
 * or a route that one namespace would have to hold twice. */
void valid_check_model(const struct model *m, valid_complain_fn *fn, void *aux);

/* The validator for db_set_validator() of an `ipvl` database: canonical texts, the rules
 * above as far as the transaction can have broken them, one master for each slave, one
 * host for each master, status columns for the daemon alone. The cost is in proportion to
 * the rows changed, and a short look at each sibling. 'aux' is unused. ERR_CONSTRAINT or
 * ERR_PERMISSION; the message names the object and the column. */
struct err *valid_transaction(void *aux, const struct txn *txn) MUST_CHECK;
/* The same for the database of one host, ipvld's: its rows are found by the only Host
 * (rows_find_host()), so that a second one is refused too. */
struct err *valid_transaction_of_one(void *aux, const struct txn *txn) MUST_CHECK;

#endif
