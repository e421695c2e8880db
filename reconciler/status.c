/* Writes the status columns of rows. settle.c decides what they contain. */
#include "reconciler/status.h"

#include "config/daemon_txn.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/mac.h"
#include "reconciler/notices.h"

const char *status_link_state(bool is_up, bool has_carrier)
{
	return !is_up ? "down" : has_carrier ? "up" : "no-carrier";
}

static void set_mac(struct txn *t, struct row *r, const struct column_schema *c,
		    const uint8_t *mac)
{
	char buf[MAC_TEXT_BYTES];

	txn_set_string(t, r, c, mac ? mac_format(mac, buf) : "");
}

void status_set_master(const struct ipvl_columns *c, struct txn *t, struct row *r,
		       const struct status *s)
{
	txn_set_string(t, r, c->master.state, state_name(s->state));
	txn_set_string(t, r, c->master.message, s->message);
	txn_set_strings(t, r, c->master.warnings, s->warnings, s->n_warnings);
	txn_set_string(t, r, c->master.device, s->device ? s->device : "");
	txn_set_integer_or_none(t, r, c->master.ifindex, s->ifindex);
	set_mac(t, r, c->master.mac, s->mac);
	txn_set_string(t, r, c->master.link_state, s->link_state);
	txn_set_integer_or_none(t, r, c->master.link_mtu, s->mtu);
}

void status_set_slave(const struct ipvl_columns *c, struct txn *t, struct row *r,
		      const struct status *s)
{
	txn_set_string(t, r, c->slave.state, state_name(s->state));
	txn_set_string(t, r, c->slave.message, s->message);
	txn_set_strings(t, r, c->slave.warnings, s->warnings, s->n_warnings);
	txn_set_integer_or_none(t, r, c->slave.ifindex, s->ifindex);
	set_mac(t, r, c->slave.mac, s->mac);
	txn_set_string(t, r, c->slave.link_state, s->link_state);
	txn_set_integer_or_none(t, r, c->slave.link_mtu, s->mtu);
}

void status_set_state(const struct ipvl_columns *c, struct txn *t, struct row *r,
		      enum row_state state)
{
	bool is_master = row_table(r) == c->master.table;

	txn_set_string(t, r, is_master ? c->master.state : c->slave.state,
		       state_name(state));
	txn_set_string(t, r, is_master ? c->master.message : c->slave.message, "");
	txn_set_strings(t, r, is_master ? c->master.warnings : c->slave.warnings, NULL,
			0);
}

void status_set_cur_cfg(const struct ipvl_columns *c, struct txn *t, struct row *host,
			int64_t cur_cfg)
{
	txn_set_integer(t, host, c->host.cur_cfg, cur_cfg);
}

struct err *status_commit(const struct ipvl_columns *c, struct txn *t)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct notices *notices = notices_of(c, t, a);
	struct err *e = daemon_txn_commit(t);

	if (!e)
		notices_log(notices);
	notices_clear(notices);
	return e;
}
