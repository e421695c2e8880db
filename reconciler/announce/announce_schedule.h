/* Which addresses are to be announced, and when. Pure: the caller has the clock.
 *
 * Each address is announced three times: as soon as possible, a second later, and two
 * seconds after that. RFC 5227 (2.3, ANNOUNCE_NUM and ANNOUNCE_INTERVAL) asks for two ARP
 * announcements two seconds apart; RFC 4861 7.2.6 allows three unsolicited neighbour
 * advertisements, at least a second apart (10, MAX_NEIGHBOR_ADVERTISEMENT and
 * RETRANS_TIMER). */
#ifndef RECONCILER_ANNOUNCE_ANNOUNCE_SCHEDULE_H
#define RECONCILER_ANNOUNCE_ANNOUNCE_SCHEDULE_H 1

#include "datapath/datapath.h"
#include "lib/ip.h"

#include <stddef.h>
#include <stdint.h>

#define ANNOUNCE_TIMES     3
#define ANNOUNCE_SECOND_MS 1000
#define ANNOUNCE_THIRD_MS  2000
/* What could not be announced now is tried so many times more: a master may get its carrier
 * in the meantime, and duplicate address detection takes up to two seconds (RFC 4862
 * 5.4). */
#define ANNOUNCE_LATER_MS 2000
#define ANNOUNCE_TRIES    5
/* Ten thousand slaves that are made at once are no reason for a storm: so many addresses
 * at most in each slice. */
#define ANNOUNCE_SLICE_MS  100
#define ANNOUNCE_SLICE_MAX 20
/* The same for the copies that the kernel makes: each frame is delivered to all slaves of
 * the master (Linux ipvlan_process_multicast()). */
#define ANNOUNCE_SLICE_COPIES 10000

struct announce_schedule;

struct announce_item {
	/* As in datapath_announcement. */
	const char *netns, *name;
	const char *master_netns, *master;
	struct ip_addr address;
	uint32_t n_copies; /* slaves on its master */
};

struct announce_schedule *announce_schedule_new(void)
	__attribute__((warn_unused_result, returns_nonnull));
void announce_schedule_free(struct announce_schedule *s); /* accepts NULL */

/* Copies 'item'. One that is in the schedule begins again. */
void announce_schedule_add(struct announce_schedule *s, const struct announce_item *item,
			   int64_t now_ms);
/* How long until something is due; -1: the schedule is empty. */
int64_t announce_schedule_wait_ms(const struct announce_schedule *s, int64_t now_ms);
/* The next slice: what is due now, first announcements before later ones. Borrowed until
 * the next call that changes the schedule. */
size_t announce_schedule_due(const struct announce_schedule *s, int64_t now_ms,
			     struct announce_item ret_items[ANNOUNCE_SLICE_MAX]);
/* The slice was tried. 'results': of the 'n' items, which announce_schedule_due() has
 * just given; NULL: nothing could be done, and the same slice comes again. */
void announce_schedule_settle(struct announce_schedule *s,
			      const struct announce_item *items,
			      const enum datapath_announced *results, size_t n,
			      int64_t now_ms);

#endif
