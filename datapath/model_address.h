/* An address of a device: what is declared beside it, and how an observed one differs. Part of
 * datapath/model.h. */
#ifndef DATAPATH_MODEL_ADDRESS_H
#define DATAPATH_MODEL_ADDRESS_H 1

#include "datapath/model_route.h"
#include "lib/arena.h"
#include "lib/ip.h"

#include <stdbool.h>

#define MODEL_LABEL_MAX_BYTES 15U /* IFNAMSIZ - 1 */

/* Whether an address is preferred as a source, and for how long. It is valid forever. */
enum model_lifetime {
	/* Not declared: what another program sets is left alone. */
	MODEL_LIFETIME_ANY,
	MODEL_LIFETIME_FOREVER,
	/* Its preferred lifetime is 0: IFA_F_DEPRECATED. */
	MODEL_LIFETIME_DEPRECATED,
};
_Static_assert(MODEL_LIFETIME_ANY == 0, "nothing is declared of most addresses");

/* What a row declares of one of its addresses, beside it. */
struct model_address_options {
	struct ip_prefix address;
	/* The other end of the link, whose subnet that of the address is; none: none. */
	struct ip_addr peer;
	enum model_route_scope scope; /* IPv4. MODEL_SCOPE_DERIVED: global */
	enum model_lifetime lifetime;
	char label[MODEL_LABEL_MAX_BYTES + 1]; /* IPv4. "": the name of the device */
};
/* False if nothing is declared. */
bool model_address_options_are_set(const struct model_address_options *o);
bool model_address_options_equal(const struct model_address_options *a,
				 const struct model_address_options *b);
/* "peer 10.0.0.9 scope link label a:1 lifetime 0": the canonical text, without the address. */
const char *model_address_options_text(struct arena *a,
				       const struct model_address_options *o);
/* "0", "forever"; "" if it is not declared. */
const char *model_lifetime_name(enum model_lifetime lifetime);

/* How an observed address differs from one as ipvl adds it where nothing is declared. */
enum model_address_note {
	/* Another program has marked it as its own. */
	MODEL_ADDRESS_OTHERS = 1 << 0,
	/* The subnet is that of 'peer', the other end of the link. */
	MODEL_ADDRESS_PEER = 1 << 1,
	/* IPv4: the scope is not global. */
	MODEL_ADDRESS_SCOPE = 1 << 2,
	/* It expires, or is or will be deprecated. */
	MODEL_ADDRESS_LIFETIME = 1 << 3,
	MODEL_ADDRESS_METRIC = 1 << 4,
	/* The kernel's route to its subnet is missing. */
	MODEL_ADDRESS_NO_SUBNET = 1 << 5,
	/* Its entry in the local table is missing, so its packets are not accepted. */
	MODEL_ADDRESS_NO_LOCAL = 1 << 6,
	/* Another host has it: IFA_F_DADFAILED. */
	MODEL_ADDRESS_DUPLICATE = 1 << 7,
	/* Duplicate address detection is still running. */
	MODEL_ADDRESS_TENTATIVE = 1 << 8,
	/* IPv4: a foreign route through a gateway replaces the route to its subnet. */
	MODEL_ADDRESS_DETOUR = 1 << 9,
	/* IPv4: its label is not the name of its device. */
	MODEL_ADDRESS_LABEL = 1 << 10,
};

struct model_address_seen {
	struct ip_prefix address;
	struct ip_addr peer; /* none without MODEL_ADDRESS_PEER */
	unsigned int notes;  /* enum model_address_note; never 0 */
	/* Of MODEL_ADDRESS_SCOPE: link, host, or OTHER; else DERIVED. */
	enum model_route_scope scope;
	bool is_deprecated; /* and valid forever: of MODEL_ADDRESS_LIFETIME */
	char label[MODEL_LABEL_MAX_BYTES + 1]; /* "" without MODEL_ADDRESS_LABEL */
};
/* How 'seen' differs from an address of the device 'name' as 'options' declares it: notes. Either
 * may be NULL: nothing differs from the usual, nothing is declared. */
unsigned int model_address_compare(const struct model_address_options *options,
				   const struct model_address_seen *seen,
				   const char *name);
/* True if adding the address once more does not correct what differs: it must be removed
 * first. */
bool model_address_is_spoilt(const struct ip_prefix *address, unsigned int notes);

#endif
