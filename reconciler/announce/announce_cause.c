/* What a pass has found of a master, compared with what its row shows. */
#include "reconciler/announce/announce_cause.h"

#include "config/object.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "lib/mac.h"

#include <stdlib.h>
#include <string.h>

struct lost {
	char *id; /* of the master */
	int64_t since_ms;
	UT_hash_handle hh;
};

struct announce_cause {
	struct lost *lost;
};

struct announce_cause *announce_cause_new(void)
{
	return xcalloc(1, sizeof(struct announce_cause));
}

static void forget(struct announce_cause *c, struct lost *l)
{
	HASH_DELETE(hh, c->lost, l);
	free(l->id);
	free(l);
}

void announce_cause_free(struct announce_cause *c)
{
	struct lost *l, *next;

	if (!c)
		return;
	HASH_ITER (hh, c->lost, l, next)
		forget(c, l); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
	free(c);
}

/* The row has none yet where the device is new: its addresses are, too. */
static bool has_other_mac(const struct ipvl_columns *columns, const struct row *row,
			  const struct model_master *have)
{
	const char *was = datum_text(row_get(row, columns->master.mac));
	char buf[MAC_TEXT_BYTES];

	return *was && strcmp(was, mac_format(have->seen.mac, buf)) != 0;
}

static bool has_come_back(struct announce_cause *c, const struct model_master *have,
			  int64_t now_ms)
{
	CLEANUP(freep) char *id = object_id(have->netns, have->name);
	bool is_usable = have->seen.is_up && have->seen.has_carrier, is_long;
	struct lost *l;

	HASH_FIND_STR(c->lost, id, l);
	if (!is_usable && !l) {
		l = xcalloc(1, sizeof(*l));
		l->id = STEAL(id);
		l->since_ms = now_ms;
		HASH_ADD_KEYPTR(hh, c->lost, l->id, strlen(l->id), l);
	}
	if (!is_usable || !l)
		return false;
	is_long = now_ms - l->since_ms >= ANNOUNCE_CAUSE_LOST_MS;
	forget(c, l);
	return is_long;
}

bool announce_cause_note(struct announce_cause *c, const struct ipvl_columns *columns,
			 const struct row *row, const struct model_master *have,
			 int64_t now_ms)
{
	bool is_back = has_come_back(c, have, now_ms);

	return has_other_mac(columns, row, have) || is_back;
}
