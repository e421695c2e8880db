/* What the database wants, for some keys or for all, as a model. */
#ifndef RECONCILER_WANTED_DESIRED_H
#define RECONCILER_WANTED_DESIRED_H 1

#include "config/object.h"
#include "config/rows.h"
#include "datapath/model.h"
#include "lib/arena.h"
#include "reconciler/wanted/aliases.h"
#include "reconciler/wanted/netns_registry.h"
#include "reconciler/wanted/own_addresses.h"
#include "reconciler/wanted/saved.h"
#include "reconciler/wanted/settled.h"
#include "reconciler/wanted/slave_index.h"
#include "reconciler/wanted/key.h"

/* What is read. All borrowed. */
struct desired_source {
	const struct ipvl_columns *columns;
	const struct txn *txn; /* NULL: as committed */
	const struct slave_index *slaves;
	const struct netns_registry *netns;
	const struct settled *settled;
	const struct saved *saved;
	struct aliases *aliases;
	/* Masters of ours that stay without a row (reconciler/lingering.h); NULL: none. */
	struct object_set *lingering;
	/* NULL: not recorded. Only a pass records them. */
	struct own_addresses *own_addresses;
};

/* A row as 'source' has it: as committed, or as the transaction sees it. NULL if there is
 * none. */
const struct row *desired_row(const struct desired_source *source,
			      const struct table *table, const struct uuid *uuid);
const struct datum *desired_get(const struct desired_source *source, const struct row *r,
				const struct column_schema *column);
/* The key of a slave's row, borrowed. False if no master lists it. */
bool desired_slave_key(const struct desired_source *source, const struct row *slave,
		       struct key *ret_key);

/* A row that no model can be made of. It comes from a server without our validator. */
struct desired_invalid {
	const struct row *row;
	const char *message;
};

struct desired {
	struct model *want;
	struct desired_invalid *invalid;
	size_t n_invalid;
	/* Slaves that are in the model for their master alone. */
	struct key *witnesses;
	size_t n_witnesses;
	/* desired_build_few() left out such a slave, if there is one. */
	bool spares_witnesses;
};

/* The part of the model that 'keys' concern, or all of it if 'everything': each key's
 * object, MODEL_GONE if there is no row for it; the master of each slave; for each
 * master one more slave that had a device last, through which the port is read and
 * set; each namespace that is named, or (if 'everything') registered; with 'everything' also
 * each master of which a sysctl is recorded. Sorted
 * (model_is_sorted()). */
struct desired *desired_build(const struct desired_source *source, const struct key *keys,
			      size_t n_keys, bool everything, struct arena *a);

/* The same, but without the one more slave of a master whose row is ready without a warning. An
 * observation has one itself (seen.members): that is enough as long as all is well. */
struct desired *desired_build_few(const struct desired_source *source,
				  const struct key *keys, size_t n_keys, struct arena *a);

/* That slave of a master's row: a ready one, if there is any, since another may be held back from a
 * repair; NULL if there is none. 'skip' is true for one that does not serve: it has a key, and may
 * be gone. */
typedef bool desired_skip_fn(void *aux, const struct row *slave);
const struct row *desired_witness_of(const struct desired_source *source,
				     const struct row *master, desired_skip_fn *skip,
				     void *aux);
/* The master was well when it was last looked at. */
bool desired_was_well(const struct desired_source *source, const struct row *master);

/* The rows behind a model's objects, or NULL. */
struct row *desired_master_row(const struct desired_source *source,
			       const struct model_master *m);
struct row *desired_slave_row(const struct desired_source *source,
			      const struct model_slave *s);

#endif
