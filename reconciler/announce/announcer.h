/* Has the datapath announce addresses that appear, move or are repaired, so that neighbours
 * do not keep the MAC address that they had before. The kernel's own announcements
 * (arp_notify, ndisc_notify) are off by default. */
#ifndef RECONCILER_ANNOUNCE_ANNOUNCER_H
#define RECONCILER_ANNOUNCE_ANNOUNCER_H 1

#include "config/columns.h"
#include "datapath/datapath.h"
#include "datapath/plan/plan.h"
#include "lib/loop.h"

struct announcer;

struct announcer_config {
	struct loop *loop;
	const struct ipvl_columns *columns;
	struct datapath *datapath;
};

/* Copies 'config', borrows what it points to. Idle until something is to be announced. */
struct announcer *announcer_new(const struct announcer_config *config)
	__attribute__((warn_unused_result, returns_nonnull));
void announcer_free(struct announcer *an); /* accepts NULL */

/* After a plan was run, and before the rows show it: announces the addresses that it has added to
 * slaves of a master in mode l2, and all addresses of those that it has set up; all on a master
 * whose mode it has changed to l2, or that announce_cause.h names. Nothing if the setting
 * `announce` is off (config/settings.h). */
void announcer_note(struct announcer *an, const struct plan *plan,
		    const struct plan_result *results);

/* Announces all addresses on a master in mode l2 that has failed over: the switches must learn
 * another port for them. Nothing if the setting is off. */
void announcer_note_event(struct announcer *an, const struct datapath_event *e);
/* An address of a slave, whatever the setting is. */
void announcer_add(struct announcer *an, const struct model_master *master,
		   const struct model_slave *slave, const struct ip_addr *address);
/* False: the datapath has no neighbours. */
bool announcer_is_able(const struct announcer *an);

#endif
