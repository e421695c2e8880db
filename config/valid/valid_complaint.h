/* A complaint: which part of which object breaks a rule, and the message. */
#ifndef CONFIG_VALID_COMPLAINT_H
#define CONFIG_VALID_COMPLAINT_H 1

#include "datapath/model.h"
#include "lib/err.h"

/* The part of an object that a complaint is about: names of columns and of YAML keys. */
enum valid_field {
	VALID_OBJECT,
	VALID_NAME,
	VALID_NETNS,
	VALID_MATCH,
	VALID_MODE,
	VALID_FLAG,
	VALID_VLAN,
	VALID_KIND,
	VALID_DATAPATH,
	VALID_MTU,
	VALID_ADDRESSES,
	VALID_ADDRESS_OPTIONS, /* of an address: 'index' is that of the options */
	VALID_ROUTES,
	VALID_ROUTE_VIA,  /* a route's gateway: 'index' is the route's */
	VALID_ROUTE_FROM, /* a route's source */
	VALID_ROUTE_MTU,
	VALID_POLICY, /* a rule: 'index' is its */
	VALID_SOURCE_ROUTING,
	VALID_HOST_ACCESS,
	VALID_HANDED_OVER,
	VALID_TRANSIENT,
	VALID_NAMESERVERS,
	VALID_SEARCH,
	VALID_SYSCTL,
	VALID_ALTNAMES,
	VALID_VRF,
	VALID_POOL,
	VALID_ALIAS,
	VALID_N_FIELDS
};
/* "Master" or "Slave" has this column ("routes" for a route's gateway). Static. */
const char *valid_field_column(enum valid_field field);

struct valid_place {
	const struct model_master *master; /* NULL: no place */
	const struct model_slave *slave;   /* NULL: about the master */
	enum valid_field field;
	/* Which address, route, rule, sysctl or alternative name. */
	size_t index;
};

struct valid_complaint {
	struct valid_place at;
	/* What it collides with, if anything. */
	struct valid_place other;
	/* Message and hint; borrowed for the call. */
	struct err *error;
};
typedef void valid_complain_fn(void *aux, const struct valid_complaint *c);

/* The receiver of complaints, and the arena of their texts. */
struct valid_check {
	valid_complain_fn *fn;
	void *aux;
	struct arena *arena;
};
/* Hands 'e' to v->fn, then frees it. 'other' may be NULL. */
void valid_complaint_add(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other, struct err *e);

#endif
