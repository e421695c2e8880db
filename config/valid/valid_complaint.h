/* What a complaint of the rules is: which part of which object, and the sentence. */
#ifndef CONFIG_VALID_COMPLAINT_H
#define CONFIG_VALID_COMPLAINT_H 1

#include "datapath/model.h"
#include "lib/err.h"

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

/* Where complaints go, and what makes their words. */
struct valid_check {
	valid_complain_fn *fn;
	void *aux;
	struct arena *arena;
};
/* Hands 'e' to v->fn, then frees it. 'other' may be NULL. */
void valid_complaint_add(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other, struct err *e);

#endif
