/* Masters and slaves in a few words each. */
#ifndef CTL_DESCRIBE_H
#define CTL_DESCRIBE_H 1

#include "config/state.h"
#include "ctl/session/context.h"
#include "ctl/output/layout.h"

/* All from the attempt's arena; "" where there is nothing. */
const char *describe_addresses(const struct context *ctx, const struct row *slave);
const char *describe_routes(const struct context *ctx, const struct row *r);
/* "mtu 1400, host access, nameservers 10.3.3.3": what else is set. */
const char *describe_extras(const struct context *ctx, const struct row *slave);
/* "l2 bridge", "l2 bridge, vlan 100 of eno2". */
const char *describe_port(const struct context *ctx, const struct row *master);

/* The colour of a state. */
enum style describe_state_style(enum row_state state);
/* After "is": "in error", "waiting". Static. */
const char *describe_state(enum row_state state);

/* "conflict: lab7 has one already", but not "waiting: waiting for eno2". From the arena. */
const char *describe_with_message(struct arena *a, enum row_state state,
				  const char *message);

/* True if the row ignores drift: that it is drifted is no fault. */
bool describe_is_ignored(const struct ipvl_columns *c, const struct row *r);

/* "1 slave", "2 slaves". */
const char *describe_count(struct arena *a, size_t n, const char *noun);
/* Appends 'word' to 'all' with ", ". 'all' may be "". */
const char *describe_join(struct arena *a, const char *all, const char *word);

#endif
