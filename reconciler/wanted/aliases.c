/* Two maps: from a namespace's text to its inode, and from an inode to its texts. */
#include "reconciler/wanted/aliases.h"

#include "config/rows.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct group {
	uint64_t inode; /* hash key */
	struct alias *members;
	UT_hash_handle hh;
};

struct alias {
	char *text; /* hash key */
	struct group *group;
	/* An event since the last observation. */
	bool has_changed;
	struct alias *prev, *next; /* in the group */
	UT_hash_handle hh;
};

struct aliases {
	struct alias *texts;
	struct group *groups;
};

struct aliases *aliases_new(void)
{
	return xcalloc(1, sizeof(struct aliases));
}

static void drop(struct aliases *a, struct alias *x)
{
	struct group *g = x->group;

	DL_DELETE(g->members, x);
	if (!g->members) {
		HASH_DEL(a->groups, g);
		free(g);
	}
	HASH_DEL(a->texts, x);
	free(x->text);
	free(x);
}

void aliases_free(struct aliases *a)
{
	struct alias *x, *next;

	if (!a)
		return;
	HASH_ITER (hh, a->texts, x, next)
		drop(a, x);
	free(a);
}

static struct group *group_find(const struct aliases *a, uint64_t inode)
{
	struct group *g;

	HASH_FIND(hh, a->groups, &inode, sizeof(inode), g);
	return g;
}

static struct group *group_of(struct aliases *a, uint64_t inode)
{
	struct group *g = group_find(a, inode);

	if (!g) {
		g = xcalloc(1, sizeof(*g));
		g->inode = inode;
		HASH_ADD(hh, a->groups, inode, sizeof(g->inode), g);
	}
	return g;
}

/* 'inode' 0: the text names no namespace. */
static void note(struct aliases *a, const char *text, uint64_t inode)
{
	struct alias *x;

	HASH_FIND_STR(a->texts, text, x);
	if (x)
		x->has_changed = false;
	if (x && x->group->inode == inode)
		return;
	if (x)
		drop(a, x);
	if (!inode)
		return;
	x = xcalloc(1, sizeof(*x));
	x->text = xstrdup(text);
	x->group = group_of(a, inode);
	DL_APPEND(x->group->members, x);
	HASH_ADD_KEYPTR(hh, a->texts, x->text, strlen(x->text), x);
}

static uint64_t inode_in(const struct model *have, const char *text)
{
	const struct model_netns *n = model_find_netns(have, text);

	return n && n->seen.exists ? n->seen.inode : 0;
}

void aliases_note(struct aliases *a, const struct model *want, const struct model *have)
{
	for (size_t i = 0; i < have->n_namespaces; i++) {
		const struct model_netns *n = &have->namespaces[i];
		const struct model_netns *w = model_find_netns(want, n->name);

		/* The daemon's own namespace also has the text "". */
		if (n->seen.is_own)
			note(a, "", n->seen.inode);
		note(a, n->name,
		     w && (w->is_wanted || w->is_ours) ? inode_in(have, n->name) : 0);
	}
}

static struct alias *find(const struct aliases *a, const char *text)
{
	struct alias *x = NULL;

	if (a)
		HASH_FIND_STR(a->texts, text, x);
	return x;
}

uint64_t aliases_last(const struct aliases *a, const char *text, bool *ret_has_changed)
{
	const struct alias *x = find(a, text);

	*ret_has_changed = x && x->has_changed;
	return x ? x->group->inode : 0;
}

void aliases_note_change(struct aliases *a, const char *text)
{
	struct alias *x = find(a, text);

	if (x)
		x->has_changed = true;
}

void aliases_note_made(struct aliases *a, const char *text, uint64_t inode)
{
	note(a, text, inode);
}

void aliases_each_text(const struct aliases *a, const char *text, aliases_text_fn *fn,
		       void *aux)
{
	const struct alias *x = find(a, text);

	fn(aux, text);
	for (const struct alias *i = x ? x->group->members : NULL; i; i = i->next) {
		if (strcmp(i->text, text) != 0)
			fn(aux, i->text);
	}
}

/* One device of the model, whose namespace may have other texts. */
struct search {
	const struct aliases *aliases;
	const struct ipvl_columns *columns;
	const struct txn *txn; /* NULL: as committed */
	const char *netns, *name;
	aliases_key_fn *fn;
	void *aux;
};

static const char *text_of(const struct search *s, const struct row *r,
			   const struct column_schema *c)
{
	return datum_text(rows_get(s->txn, r, c));
}

static void give_slave(const struct search *s, const struct row *r,
		       const struct row *master)
{
	const struct ipvl_columns *c = s->columns;
	struct key key = {
		.kind = KEY_SLAVE,
		.netns = text_of(s, r, c->slave.netns),
		.name = s->name,
		.master_netns = text_of(s, master, c->master.netns),
		.master_name = text_of(s, master, c->master.name),
	};

	s->fn(s->aux, &key);
}

/* A row's device of that name in 'netns'. */
static void give_rows(const struct search *s, const char *netns)
{
	const struct ipvl_columns *c = s->columns;
	const struct txn *txn = s->txn;
	const struct row *r = rows_find_slave(c, txn, netns, s->name);
	const struct row *master = r ? rows_master_of(c, txn, r) : NULL;

	if (master)
		give_slave(s, r, master);
	/* A slave in its master's own namespace. */
	r = *netns ? rows_find_slave(c, txn, "", s->name) : NULL;
	master = r ? rows_master_of(c, txn, r) : NULL;
	if (master && !strcmp(text_of(s, master, c->master.netns), netns))
		give_slave(s, r, master);
	if (rows_find_master(c, txn, netns, s->name)) {
		struct key key = key_of_master(netns, s->name, 0);

		s->fn(s->aux, &key);
	}
}

static void give_group(const struct search *s, const struct group *g)
{
	for (const struct alias *x = g ? g->members : NULL; x; x = x->next) {
		if (strcmp(x->text, s->netns) != 0)
			give_rows(s, x->text);
	}
}

static void search(const struct search *s, const struct model *have)
{
	const struct aliases *a = s->aliases;
	const struct model_netns *n = model_find_netns(have, s->netns);
	uint64_t inode = inode_in(have, s->netns);
	const struct group *now = inode ? group_find(a, inode) : NULL;
	const struct alias *before;

	/* The daemon's own namespace is never observed by the text "". */
	if (n && n->seen.is_own)
		give_rows(s, "");
	HASH_FIND_STR(a->texts, s->netns, before);
	give_group(s, now);
	if (before && before->group != now)
		give_group(s, before->group);
}

void aliases_each(const struct aliases *a, const struct ipvl_columns *c,
		  const struct txn *txn, const struct model *want,
		  const struct model *have, aliases_key_fn *fn, void *aux)
{
	struct search s = {.aliases = a, .columns = c, .txn = txn, .fn = fn, .aux = aux};

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		s.netns = m->netns;
		s.name = m->name;
		search(&s, have);
		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *slave = &m->slaves[k];

			s.netns = *slave->netns ? slave->netns : m->netns;
			s.name = slave->name;
			search(&s, have);
		}
	}
}
