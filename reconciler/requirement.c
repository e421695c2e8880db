/* Compares a preview with what the operation asks for. */
#include "reconciler/requirement.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

/* More lines are counted. */
#define MAX_LINES 20

/* The lines of a refusal. */
struct lines {
	struct arena *a;
	const char *text;
	size_t n;
};

static void add(struct lines *l, const char *line)
{
	l->n++;
	if (l->n <= MAX_LINES)
		l->text = arena_printf(l->a, "%s\n%s", l->text, line);
}

static const char *and_more(const struct lines *l)
{
	return l->n > MAX_LINES
		       ? arena_printf(l->a, "%s\nand %zu more", l->text, l->n - MAX_LINES)
		       : l->text;
}

static struct err *check_steps(const struct preview *p, struct arena *a)
{
	struct lines l = {.a = a, .text = ""};

	for (size_t i = 0; i < p->n_steps; i++) {
		const char *loss = p->steps[i].step->loss;

		if (loss)
			add(&l, arena_printf(a, "%s (%s)", p->steps[i].text, loss));
	}
	if (!l.n)
		return NULL;
	if (p->n_steps == 1)
		return err_new(ERR_CONSTRAINT, "the only step is disruptive:%s", l.text);
	return err_new(ERR_CONSTRAINT, "%zu of %zu steps %s disruptive:%s", l.n,
		       p->n_steps, l.n == 1 ? "is" : "are", and_more(&l));
}

/* "ns1/a would be waiting for eno9 to appear", not "waiting: waiting for". */
static const char *outcome(struct arena *a, const struct preview_row *row)
{
	const char *state = state_name(row->state);
	bool is_noun = row->state == STATE_CONFLICT || row->state == STATE_ERROR;

	if (!strncmp(row->message, state, strlen(state)))
		return arena_printf(a, "%s would be %s", row->object, row->message);
	return arena_printf(a, "%s would be %s%s%s%s", row->object, is_noun ? "in " : "",
			    state, *row->message ? ": " : "", row->message);
}

/* What the transaction brings: a conflict elsewhere on the master, which was there before,
 * is no reason to refuse an edit. */
static struct err *check_rows(const struct preview *p, struct arena *a)
{
	struct lines l = {.a = a, .text = ""};
	size_t n_rows = 0;

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct preview_row *row = &p->rows[i];
		bool is_well = state_is_well(row->state) || row->was_so ||
			       (row->is_removed && row->state == STATE_UNKNOWN);
		size_t n_before = l.n;

		if (!is_well)
			add(&l, outcome(a, row));
		for (size_t k = 0; k < row->n_warnings; k++) {
			if (row->warning_is_new[k])
				add(&l, arena_printf(a, "%s: %s", row->object,
						     row->warnings[k]));
		}
		n_rows += l.n > n_before;
	}
	return l.n ? err_new(ERR_CONSTRAINT,
			     "%zu row%s would not be ready, or ready with a warning:%s",
			     n_rows, n_rows == 1 ? "" : "s", and_more(&l))
		   : NULL;
}

/* One sentence, if one device is not to be had. */
static struct err *check_transfers(const struct preview *p, struct arena *a)
{
	struct lines l = {.a = a, .text = ""};
	const char *first = "", *of_master = "";

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct preview_row *row = &p->rows[i];

		if (!row->is_transfer ||
		    (row->state != STATE_CONFLICT && row->state != STATE_ERROR))
			continue;
		/* A slave whose master is not to be had says the same. */
		if (row->is_slave && !strcmp(row->message, of_master))
			continue;
		if (!row->is_slave)
			of_master = row->message;
		if (!l.n)
			first = row->message;
		add(&l, row->message);
	}
	if (l.n == 1)
		return err_new(ERR_CONSTRAINT, "%s", first);
	return l.n ? err_new(ERR_CONSTRAINT, "%zu devices cannot be taken over:%s", l.n,
			     and_more(&l))
		   : NULL;
}

struct conditions {
	bool is_strict, is_hitless, is_transfer;
};

/* A condition that was misspelt must not hold. */
static struct err *read_operation(const struct json_object *operation,
				  struct conditions *ret)
{
	*ret = (struct conditions){0};
	for (struct json_iter i = json_iter_begin(operation); json_iter_next(&i);) {
		bool *value = !strcmp(i.name, "strict")       ? &ret->is_strict
			      : !strcmp(i.name, "no_disrupt") ? &ret->is_hitless
			      : !strcmp(i.name, "transfer")   ? &ret->is_transfer
							      : NULL;

		if (!strcmp(i.name, "op"))
			continue;
		if (!value || json_kind(i.value) != JSON_BOOLEAN)
			return err_new(ERR_SYNTAX,
				       REQUIREMENT_OP ": %s is not a member with a "
						      "boolean value",
				       i.name);
		*value = json_get_boolean(i.value);
	}
	return NULL;
}

struct err *requirement_check(const struct json_object *operation,
			      const struct preview *p)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct conditions c;
	struct err *e = read_operation(operation, &c);

	if (!e && c.is_transfer)
		e = check_transfers(p, a);
	if (!e && c.is_hitless)
		e = check_steps(p, a);
	if (!e && c.is_strict)
		e = check_rows(p, a);
	return e;
}
