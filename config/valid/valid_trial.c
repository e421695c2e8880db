/* Going back is an undo of one transaction, with nobody there to resolve a conflict. So
 * while a change is on trial clients may do nothing but end it, and a change whose undo the
 * history would not keep cannot be on trial, nor a device that changes hands. */
#include "config/valid/valid_trial.h"

#include "config/rows.h"
#include "config/trial.h"
#include "ovsdb-lite/history/history.h"

/* A row that is taken back is removed, and a device that it took over would be deleted with it. */
static bool has_transfer(const struct ipvl_columns *c, const struct txn *txn)
{
	TXN_FOR_EACH_CHANGE (change, txn) {
		bool is_object =
			change.table == c->master.table || change.table == c->slave.table;

		if (is_object && change.kind != CHANGE_DELETE &&
		    *rows_transfer(c, txn, change.row))
			return true;
	}
	return false;
}

static struct err *check_new(const struct ipvl_columns *c, const struct txn *txn,
			     bool changes_config)
{
	if (!changes_config)
		return err_hint(
			err_new(ERR_CONSTRAINT,
				"a row of Trial without a change of the configuration"),
			"insert it in the transaction that is to be on trial");
	if (has_transfer(c, txn))
		return err_hint(err_new(ERR_CONSTRAINT,
					"adopt and release cannot be on trial: no device "
					"goes back to another program by itself"),
				"make this change without a trial: `release` reverts "
				"`adopt`, and no packet is lost");
	if (!history_can_keep(txn))
		return err_hint(err_new(ERR_CONSTRAINT,
					"this change cannot be on trial: the history, by "
					"which it would be taken back, cannot keep it"),
				"make it in several smaller ones, or without a trial");
	return NULL;
}

struct err *valid_trial_check(const struct ipvl_columns *c, const struct txn *txn)
{
	bool changes_config = rows_changes_config(c, txn);
	struct err *e = changes_config ? trial_check_none(c) : NULL;

	TXN_FOR_EACH_CHANGE (change, txn) {
		if (e)
			break;
		if (change.table != c->trial.table || change.kind != CHANGE_INSERT)
			continue;
		e = trial_check_none(c);
		if (!e)
			e = check_new(c, txn, changes_config);
	}
	return e;
}
