/* A reading is a table by UUID: rows and readings come and go independently. */
#include "ctl/text/traffic.h"

#include "ctl/session/ask.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>

const char *const traffic_names[N_TRAFFIC] = {
	[TRAFFIC_RX_BYTES] = "rx_bytes",   [TRAFFIC_RX_PACKETS] = "rx_packets",
	[TRAFFIC_RX_ERRORS] = "rx_errors", [TRAFFIC_RX_DROPPED] = "rx_dropped",
	[TRAFFIC_TX_BYTES] = "tx_bytes",   [TRAFFIC_TX_PACKETS] = "tx_packets",
	[TRAFFIC_TX_ERRORS] = "tx_errors", [TRAFFIC_TX_DROPPED] = "tx_dropped",
};

struct device {
	struct uuid uuid; /* key: of its row */
	int64_t counters[N_TRAFFIC];
	UT_hash_handle hh;
};

struct traffic {
	struct device *devices;
	int64_t time_ms; /* of the daemon's clock */
};

void traffic_free(struct traffic *t)
{
	struct device *d, *next;

	if (!t)
		return;
	HASH_ITER (hh, t->devices, d, next) {
		HASH_DEL(t->devices, d);
		free(d);
	}
	free(t);
}

static int64_t number(const struct json_object *o, const char *name)
{
	const struct json_object *v = json_member(o, name);

	return v && json_kind(v) == JSON_INTEGER ? json_get_integer(v) : 0;
}

static void add_device(struct traffic *t, const struct json_object *json)
{
	const struct json_object *text =
		json_kind(json) == JSON_OBJECT ? json_member(json, "_uuid") : NULL;
	struct device *d, *same;
	struct uuid uuid;

	if (!text || json_kind(text) != JSON_STRING ||
	    !uuid_parse(json_get_string(text), &uuid))
		return;
	HASH_FIND(hh, t->devices, &uuid, sizeof(uuid), same);
	if (same)
		return;
	d = xcalloc(1, sizeof(*d));
	d->uuid = uuid;
	for (size_t i = 0; i < N_TRAFFIC; i++)
		d->counters[i] = number(json, traffic_names[i]);
	HASH_ADD(hh, t->devices, uuid, sizeof(d->uuid), d);
}

struct err *traffic_parse(const struct json_object *reply, struct traffic **ret_traffic)
{
	const struct json_object *links =
		json_kind(reply) == JSON_OBJECT ? json_member(reply, "links") : NULL;
	struct traffic *t;

	if (!links || json_kind(links) != JSON_ARRAY)
		return err_new(ERR_PROTOCOL,
			       "ipvl_statistics: the server's reply has no links");
	t = xcalloc(1, sizeof(*t));
	t->time_ms = number(reply, "time");
	for (size_t i = 0; i < json_get_length(links); i++)
		add_device(t, json_at(links, i));
	*ret_traffic = t;
	return NULL;
}

struct err *traffic_read(struct context *ctx, struct traffic **ret_traffic)
{
	CLEANUP(json_freep) struct json_object *reply = NULL;
	struct err *e = ask_check(ctx, "counting traffic");

	if (!e)
		e = ask_daemon(ctx, "ipvl_statistics", NULL,
			       "connect to an ipvld that has it", &reply);
	return e ? e : traffic_parse(reply, ret_traffic);
}

const int64_t *traffic_find(const struct traffic *t, const struct uuid *uuid)
{
	struct device *d;

	HASH_FIND(hh, t->devices, uuid, sizeof(*uuid), d);
	return d ? d->counters : NULL;
}

bool traffic_rates(const struct traffic *before, const struct traffic *now,
		   const struct uuid *uuid, double ret_rates[N_TRAFFIC])
{
	const int64_t *old = traffic_find(before, uuid), *new = traffic_find(now, uuid);
	double seconds = (double)(now->time_ms - before->time_ms) / 1000;

	if (!old || !new || seconds <= 0)
		return false;
	for (size_t i = 0; i < N_TRAFFIC; i++) {
		if (new[i] < old[i])
			return false;
		ret_rates[i] = (double)(new[i] - old[i]) / seconds;
	}
	return true;
}
