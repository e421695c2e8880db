/* The status columns: written by ipvld only, kept in memory only, written only where
 * they changed. */
#ifndef RECONCILER_STATUS_H
#define RECONCILER_STATUS_H 1

#include "config/rows.h"
#include "config/state.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>
#include <stdint.h>

/* What a row shows about its device. */
struct status {
	enum row_state state;
	const char *message;
	const char *const *warnings;
	size_t n_warnings;
	const char *device;     /* of a master: its name; "" or NULL if there is none */
	uint32_t ifindex;       /* 0: none */
	const uint8_t *mac;     /* 6 bytes, or NULL */
	const char *link_state; /* "up", "down", "no-carrier"; "" if there is no device */
	uint32_t mtu;           /* 0: none */
};

/* A device's link_state: "up", "down", "no-carrier". */
const char *status_link_state(bool is_up, bool has_carrier);

void status_set_master(const struct ipvl_columns *c, struct txn *t, struct row *r,
		       const struct status *s);
void status_set_slave(const struct ipvl_columns *c, struct txn *t, struct row *r,
		      const struct status *s);
/* The state alone, with no message and no warnings. */
void status_set_state(const struct ipvl_columns *c, struct txn *t, struct row *r,
		      enum row_state state);
void status_set_cur_cfg(const struct ipvl_columns *c, struct txn *t, struct row *host,
			int64_t cur_cfg);
/* Takes 't', of daemon_txn_new(). Each change of a state or of warnings is logged
 * (notices.h). */
struct err *status_commit(const struct ipvl_columns *c, struct txn *t) MUST_CHECK;

#endif
