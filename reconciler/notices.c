/* Reads the changes of a status transaction and writes them as lines of the log. */
#include "reconciler/notices.h"

#include "config/state.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "lib/log.h"

#include <string.h>

/* The order of the lines. */
enum rank { RANK_TROUBLE, RANK_WARNING, RANK_CLEARED, RANK_WELL, N_RANKS };

/* Rows with the same line but for the object. */
struct group {
	/* Hash key: the line without the object. */
	char *text;
	const char *event;
	enum log_level level;
	enum rank rank;
	const char *objects[NOTICES_ALIKE_MAX];
	size_t n;
	UT_hash_handle hh;
};

struct notices {
	struct arena *a;
	/* In the order of their first rows. */
	struct group *groups;
};

/* The columns that are read, of either table. */
struct reading {
	const struct column_schema *netns, *name, *state, *message, *warnings;
};

static bool columns_of(const struct ipvl_columns *c, const struct change *change,
		       struct reading *ret_reading)
{
	if (change->kind != CHANGE_UPDATE)
		return false;
	if (change->table == c->master.table) {
		*ret_reading =
			(struct reading){c->master.netns, c->master.name, c->master.state,
					 c->master.message, c->master.warnings};
		return true;
	}
	*ret_reading = (struct reading){c->slave.netns, c->slave.name, c->slave.state,
					c->slave.message, c->slave.warnings};
	return change->table == c->slave.table;
}

static const char *label(struct notices *n, const struct change *change,
			 const struct reading *r)
{
	/* Written after the commit: not a text of the row. */
	return model_label(n->a, datum_text(change_new(change, r->netns)),
			   arena_strdup(n->a, datum_text(change_new(change, r->name))));
}

/* 'line' is from the arena. */
static void note(struct notices *n, enum rank rank, enum log_level level,
		 const char *event, char *line, const char *object)
{
	struct group *g;
	char *text = arena_printf(n->a, "%s %s", event, line);

	HASH_FIND_STR(n->groups, text, g);
	if (!g) {
		g = arena_alloc(n->a, sizeof(*g));
		g->text = text;
		g->event = event;
		g->level = level;
		g->rank = rank;
		HASH_ADD_KEYPTR(hh, n->groups, g->text, strlen(g->text), g);
	}
	if (g->n < NOTICES_ALIKE_MAX)
		g->objects[g->n] = object;
	g->n++;
}

static enum log_level level_of(enum row_state state)
{
	if (state == STATE_PENDING)
		return LOG_LEVEL_DEBUG;
	return state_is_well(state) || state == STATE_WAITING ? LOG_LEVEL_INFO
							      : LOG_LEVEL_WARNING;
}

/* The reason in a message: without the time of the next try. */
static char *reason_of(struct notices *n, const struct datum *message)
{
	char *text = arena_strdup(n->a, datum_text(message));
	char *next_try = strstr(text, NOTICES_NEXT_TRY);

	if (next_try)
		*next_try = '\0';
	return text;
}

static void note_state(struct notices *n, const struct change *change,
		       const struct reading *r, const char *object)
{
	const char *from = datum_text(change_old(change, r->state));
	const char *to = datum_text(change_new(change, r->state));
	enum row_state state = state_from_name(to);
	const char *was = reason_of(n, change_old(change, r->message));
	const char *is = reason_of(n, change_new(change, r->message));
	bool same_state = !strcmp(from, to);

	/* Each repair of a contested row has its own message, but only the first is
	 * logged. */
	if (same_state && (!strcmp(was, is) || state == STATE_CONTESTED))
		return;
	note(n, state_is_well(state) ? RANK_WELL : RANK_TROUBLE, level_of(state),
	     "state_changed",
	     arena_printf(n->a, "from=%s to=%s reason=%s", *from ? from : "none", to,
			  log_quote(n->a, is)),
	     object);
}

static bool has(const struct datum *d, const char *text)
{
	const union atom atom = {.string = (char *)(uintptr_t)text};

	return datum_find(d, &atom, ATOM_STRING) >= 0;
}

/* Warnings that 'here' has and 'there' has not. */
static void note_warnings(struct notices *n, const struct datum *here,
			  const struct datum *there, bool is_raised, const char *object)
{
	for (uint32_t i = 0; i < here->n; i++) {
		const char *text = datum_keys(here)[i].string;

		if (has(there, text))
			continue;
		note(n, is_raised ? RANK_WARNING : RANK_CLEARED,
		     is_raised ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		     is_raised ? "warning_raised" : "warning_cleared",
		     arena_printf(n->a, "warning=%s", log_quote(n->a, text)), object);
	}
}

struct notices *notices_of(const struct ipvl_columns *c, const struct txn *t,
			   struct arena *a)
{
	struct notices *n = arena_alloc(a, sizeof(*n));

	n->a = a;
	TXN_FOR_EACH_CHANGE (change, t) {
		const struct datum *was, *is;
		struct reading r;
		const char *object;

		if (!columns_of(c, &change, &r))
			continue;
		object = label(n, &change, &r);
		was = change_old(&change, r.warnings);
		is = change_new(&change, r.warnings);
		note_state(n, &change, &r, object);
		note_warnings(n, is, was, true, object);
		note_warnings(n, was, is, false, object);
	}
	return n;
}

static void log_group(const struct group *g)
{
	const char *line = g->text + strlen(g->event) + 1;

	if (g->n > NOTICES_ALIKE_MAX) {
		log_event(g->level, g->event, "object=%s objects=%zu %s", g->objects[0],
			  g->n, line);
		return;
	}
	for (size_t i = 0; i < g->n; i++)
		log_event(g->level, g->event, "object=%s %s", g->objects[i], line);
}

void notices_log(const struct notices *n)
{
	for (enum rank rank = 0; rank < N_RANKS; rank++) {
		for (const struct group *g = n->groups; g; g = g->hh.next) {
			if (g->rank == rank)
				log_group(g);
		}
	}
}

void notices_clear(struct notices *n)
{
	HASH_CLEAR(hh, n->groups);
}
