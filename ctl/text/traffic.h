/* The counters of the devices of rows (method ipvl_statistics), and rates. */
#ifndef CTL_TRAFFIC_H
#define CTL_TRAFFIC_H 1

#include "ctl/session/context.h"

#include <stdint.h>

/* In the order of traffic_names. */
enum traffic_counter {
	TRAFFIC_RX_BYTES,
	TRAFFIC_RX_PACKETS,
	TRAFFIC_RX_ERRORS,
	TRAFFIC_RX_DROPPED,
	TRAFFIC_TX_BYTES,
	TRAFFIC_TX_PACKETS,
	TRAFFIC_TX_ERRORS,
	TRAFFIC_TX_DROPPED,
	N_TRAFFIC
};
/* "rx_bytes". */
extern const char *const traffic_names[N_TRAFFIC];

/* One reading of all devices. */
struct traffic;

struct json_object;
/* From a reply to ipvl_statistics. ERR_PROTOCOL if it is none. */
struct err *traffic_parse(const struct json_object *reply,
			  struct traffic **ret_traffic) MUST_CHECK;
/* Asks the daemon; runs the loop, so rows that were found before may be gone. ERR_UNSUPPORTED
 * if the server cannot, ERR_CLOSED without a connection. */
struct err *traffic_read(struct context *ctx, struct traffic **ret_traffic) MUST_CHECK;
void traffic_free(struct traffic *t); /* accepts NULL */

/* The counters of a row's device; NULL if it was not there. */
const int64_t *traffic_find(const struct traffic *t, const struct uuid *uuid);
/* Per second between two readings; false if one of them has no such device, or if it was made
 * anew meanwhile. */
bool traffic_rates(const struct traffic *before, const struct traffic *now,
		   const struct uuid *uuid, double ret_rates[N_TRAFFIC]);

#endif
