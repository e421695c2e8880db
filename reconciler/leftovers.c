/* The note in Host.other_config, and what it means for an observation. */
#include "reconciler/leftovers.h"

#include "config/daemon_txn.h"
#include "config/settings.h"
#include "lib/log.h"

#include <string.h>

bool leftovers_are_kept(const struct ipvl_columns *c)
{
	const struct row *host = rows_find_host(c, NULL, NULL);

	return host && settings_keep_leftovers(row_get(host, c->host.other_config));
}

struct err *leftovers_keep(const struct ipvl_columns *c, struct db *db)
{
	const struct column_type *type = &c->host.other_config->type;
	struct txn *t = daemon_txn_new(db);
	struct row *host = rows_ensure_host(c, t, NULL);
	struct datum note, d;
	union atom key = {.string = (char[]){SETTING_LEFTOVERS}};
	union atom value = {.string = (char[]){SETTING_LEFTOVERS_KEEP}};
	union atom value_copy = atom_copy(&value, ATOM_STRING);

	datum_init_empty(&note);
	datum_append(&note, atom_copy(&key, ATOM_STRING), &value_copy);
	datum_copy(&d, txn_get(t, host, c->host.other_config), type);
	datum_union(&d, &note, type);
	datum_clear(&note, type);
	txn_set(t, host, c->host.other_config, &d);
	return daemon_txn_commit(t);
}

size_t leftovers_set_aside(const struct model *want, struct model *have)
{
	size_t n = 0;

	for (size_t i = 0; i < have->n_masters; i++) {
		struct model_master *m = &have->masters[i];
		const struct model_master *wanted =
			model_find_master(want, m->netns, m->name);

		for (size_t j = 0; j < m->n_slaves; j++) {
			struct model_slave *s = &m->slaves[j];

			if (s->seen.presence != MODEL_OURS ||
			    (wanted && model_find_slave(wanted, s->netns, s->name)))
				continue;
			s->seen.presence = MODEL_FOREIGN;
			n++;
			log_event(LOG_LEVEL_WARNING, "leftover_kept",
				  "netns=%s name=%s master=%s", s->netns, s->name,
				  m->name);
		}
	}
	for (size_t i = 0; i < have->n_namespaces; i++) {
		struct model_netns *netns = &have->namespaces[i];

		/* Another program may have the device. */
		if (model_find_netns(want, netns->name))
			continue;
		netns->seen.resolv_conf = "";
		netns->seen.n_rules = netns->seen.n_rejects = 0;
	}
	return n;
}
