/* What `show` says of a master or slave in a word or two, in every format for people. */
#ifndef CTL_SHOW_WORDS_H
#define CTL_SHOW_WORDS_H 1

#include "config/state.h"
#include "ctl/output/layout.h"
#include "ctl/session/context.h"

#include <stdbool.h>

/* All from the attempt's arena, or borrowed; "" where there is nothing. */

/* "ns1/eth0"; with `match`, where its name is not that of its device, "uplink (eth0)". */
const char *show_words_master(const struct context *ctx, const struct row *master);
/* "up", "no carrier": of a master. */
const char *show_words_link(const struct context *ctx, const struct row *master);
/* "mtu 1500", also where only the row has one. */
const char *show_words_mtu(const struct context *ctx, const struct row *master);
/* "2 of 3 slaves ready, 1 disabled", with the state of the master in front of it if that
 * is not ready. A disabled slave does not count as not ready. 'is_offline': no daemon has
 * read the database. */
const char *show_words_count(const struct context *ctx, const struct row *master,
			     bool is_offline, enum style *ret_style);
/* "ready, no carrier". */
const char *show_words_state(const struct context *ctx, const struct row *slave);

/* The state in the attempt. That of a row that the daemon has not read is pending. */
enum row_state show_words_state_of(const struct context *ctx, const struct row *r);

/* The warnings of a row. */
const struct datum *show_words_warnings(const struct context *ctx, const struct row *r);
/* True if 'master' has that warning of its slave too. 'master' may be NULL. */
bool show_words_is_of_master(const struct context *ctx, const struct row *master,
			     const union atom *warning);
/* The message of a slave, if its master does not have the same one. */
const char *show_words_message(const struct context *ctx, const struct row *slave,
			       const struct row *master);

#endif
