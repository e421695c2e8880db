/* What can never work, said before anything changes. The same rules for a YAML file, for
 * `ipvl-ctl`, and (as the database's validator) for any OVSDB client. */
#ifndef CONFIG_VALID_H
#define CONFIG_VALID_H 1

#include "datapath/model.h"
#include "lib/err.h"
#include "ovsdb-lite/db.h"

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
	VALID_NAMESERVERS,
	VALID_SEARCH,
	VALID_SYSCTL,
};

struct valid_complaint {
	const struct model_master *master;
	const struct model_slave *slave; /* NULL: about the master */
	enum valid_field field;
	size_t index;      /* which address or route */
	struct err *error; /* message and hint; borrowed for the call */
};
typedef void valid_complain_fn(void *aux, const struct valid_complaint *c);

/* Every rule that needs one master with all of its slaves. Calls 'fn' for each breach. */
void valid_check_master(const struct model_master *m, valid_complain_fn *fn, void *aux);

/* The validator for db_set_validator() of an `ipvl` database: canonical texts, the rules
 * above for each master that the transaction touches, one master for each slave, status
 * columns for the daemon alone. 'aux' is unused. ERR_CONSTRAINT or ERR_PERMISSION; the
 * message names the object and the column. */
struct err *valid_transaction(void *aux, const struct txn *txn) MUST_CHECK;

#endif
