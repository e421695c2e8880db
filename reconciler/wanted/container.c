/* The namespace of a container that has gone does not come back: one that ipvl made in its
 * place would be nobody's. */
#include "reconciler/wanted/container.h"

#include "config/rows.h"
#include "config/rows_source.h"

struct users {
	const struct ipvl_columns *c;
	bool has_attachment;
};

static void note_user(void *users, const struct key *k)
{
	struct users *u = users;
	const struct row *r = rows_find_slave(u->c, NULL, k->netns, k->name);

	u->has_attachment |= r && rows_source_is_attachment(u->c, NULL, r);
}

bool container_has_netns(const struct slave_index *slaves, const struct ipvl_columns *c,
			 const char *netns)
{
	struct users u = {.c = c};

	if (*netns == '/')
		return false;
	slave_index_each_in_netns(slaves, netns, note_user, &u);
	return u.has_attachment;
}

bool container_is_left(const struct ipvl_columns *c, const struct change *change)
{
	const struct datum *sources = change_old(change, c->slave.sources);

	return sources && rows_source_are_engines(sources) &&
	       (change->kind == CHANGE_DELETE ||
		change_is_changed(change, c->slave.netns) ||
		change_is_changed(change, c->slave.sources));
}
