/* The row of Trial. A client writes its time, and ipvld the rest. */
#include "config/trial.h"

#include "config/rows.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/text.h"

#include <inttypes.h>
#include <stdlib.h>

struct row *trial_find(const struct ipvl_columns *c, const struct txn *txn)
{
	if (txn)
		return txn_first(txn, c->trial.table);
	TABLE_FOR_EACH (r, c->trial.table)
		return r;
	return NULL;
}

void trial_begin(const struct ipvl_columns *c, struct txn *t, int64_t timeout_s)
{
	const struct row *host = rows_ensure_host(c, t, NULL);
	struct row *r;
	struct err *e = txn_insert(t, c->trial.table, NULL, &r);

	if (e) { /* only a UUID that is taken could fail, and none was given */
		err_free(e);
		return;
	}
	txn_set_string(t, r, c->trial.host, datum_string(txn_get(t, host, c->host.name)));
	txn_set_integer(t, r, c->trial.timeout, timeout_s);
}

int64_t trial_left_ms(const struct ipvl_columns *c, const struct row *trial)
{
	int64_t all = datum_integer(row_get(trial, c->trial.timeout), 0) * 1000;
	int64_t deadline = datum_integer(row_get(trial, c->trial.deadline), 0);
	int64_t left = deadline - clock_wall_ms();

	if (!deadline || left > all)
		return all;
	return left > 0 ? left : 0;
}

char *trial_text(const struct ipvl_columns *c, const struct row *trial)
{
	const char *who = datum_text(row_get(trial, c->trial.who));
	int64_t serial = datum_integer(row_get(trial, c->trial.serial), 0);
	/* Rounded up: "0 s" is what it says. */
	int64_t left_s = (trial_left_ms(c, trial) + 999) / 1000;
	CLEANUP(freep)
	char *number =
		serial ? xasprintf(" (transaction %" PRId64 ")", serial) : xstrdup("");
	CLEANUP(freep)
	char *time = left_s ? xasprintf("for another %" PRId64 " s", left_s)
			    : xstrdup("and its time is over");

	return xasprintf("a change%s%s%s is on trial%s %s", *who ? " by " : "", who,
			 number, left_s ? "" : ",", time);
}

struct err *trial_check_none(const struct ipvl_columns *c)
{
	const struct row *trial = trial_find(c, NULL);
	CLEANUP(freep) char *text = trial ? trial_text(c, trial) : NULL;

	if (!trial)
		return NULL;
	return err_hint(err_new(ERR_CONSTRAINT, "%s: no other change is accepted", text),
			"`ipvl-ctl confirm` keeps it, `ipvl-ctl cancel` goes back");
}
