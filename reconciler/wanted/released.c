/* Which namespaces are no longer ipvl's to remove: a device that was given up is in them. */
#include "reconciler/wanted/released.h"

#include "config/rows.h"

#include <string.h>

struct search {
	const struct ipvl_columns *columns;
	/* Rows that name it; rows that keep their device. */
	bool is_any, is_kept;
};

static bool is_released(const struct search *s, const struct row *r)
{
	return r && !strcmp(rows_transfer(s->columns, NULL, r), ROWS_RELEASE);
}

static void note_slave(void *search, const struct key *k)
{
	struct search *s = search;
	const struct row *r = rows_find_slave(s->columns, NULL, k->netns, k->name);

	s->is_any = true;
	s->is_kept |= r && !is_released(s, r) &&
		      !is_released(s, rows_master_of(s->columns, NULL, r));
}

bool released_netns(const struct ipvl_columns *columns, const struct slave_index *slaves,
		    const char *netns)
{
	struct search s = {.columns = columns};

	slave_index_each_in_netns(slaves, netns, note_slave, &s);
	TABLE_FOR_EACH (r, s.columns->master.table)
		s.is_kept |=
			!strcmp(datum_text(row_get(r, s.columns->master.netns)), netns) &&
			!is_released(&s, r);
	return s.is_any && !s.is_kept;
}
