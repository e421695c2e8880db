/* What the rows of a stage's daemon show, as text. */
#include "tests/twin/stage_private.h"

#include "config/state.h"
#include "lib/alloc.h"
#include "reconciler/notices.h"
#include "tests/twin/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef void row_fn(void *aux, const char *label, const struct row *r,
		    const struct column_schema *message,
		    const struct column_schema *warnings);

static void each_row(const struct stage *s, struct arena *a, row_fn *fn, void *aux)
{
	const struct ipvl_columns *c = &s->columns;

	TABLE_FOR_EACH (r, c->master.table)
		fn(aux,
		   model_label(a, datum_text(row_get(r, c->master.netns)),
			       datum_text(row_get(r, c->master.name))),
		   r, c->master.message, c->master.warnings);
	TABLE_FOR_EACH (r, c->slave.table)
		fn(aux,
		   model_label(a, datum_text(row_get(r, c->slave.netns)),
			       datum_text(row_get(r, c->slave.name))),
		   r, c->slave.message, c->slave.warnings);
}

struct state_text {
	const struct stage *s;
	struct arena *a;
	struct lines lines; /* in 'a' */
};

static void add(struct state_text *t, const char *line)
{
	struct lines *l = &t->lines;

	l->lines = arena_grow(t->a, l->lines, l->n, &l->cap, sizeof(*l->lines));
	l->lines[l->n++] = arena_strdup(t->a, line);
}

/* Where 'text' begins with what this C library calls an errno, and glibc otherwise: scenarios
 * have the words of glibc. */
static size_t foreign_words(const char *text, const char **ret_replacement)
{
	static const struct {
		int sys_errno;
		const char *words;
	} list[] = {
		{EADDRINUSE, "Address already in use"},
		{EADDRNOTAVAIL, "Cannot assign requested address"},
		{EBUSY, "Device or resource busy"},
		{EOPNOTSUPP, "Operation not supported"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		const char *own = strerror(list[i].sys_errno);

		*ret_replacement = list[i].words;
		if (strcmp(own, list[i].words) != 0 && !strncmp(text, own, strlen(own)))
			return strlen(own);
	}
	return 0;
}

/* The bytes of 'text' that differ from run to run, or between C libraries, and what stands for
 * them. */
static size_t varying(const char *text, const char **ret_replacement)
{
	static const char nobody[] = " by an unknown process";
	unsigned int h, m, s;
	int n = 0;

	*ret_replacement = "";
	if (sscanf(text, " since %4u-%2u-%2u %2u:%2u%n", &h, &m, &s, &h, &m, &n) == 5)
		return (size_t)n;
	if (!strncmp(text, " (ifindex ", 10))
		return strcspn(text, ")") + 1;
	*ret_replacement = " by PROCESS";
	if (!strncmp(text, nobody, strlen(nobody)))
		return strlen(nobody);
	if (!strncmp(text, " by `", 5) && strchr(text, ')'))
		return strcspn(text, ")") + 1;
	*ret_replacement = "undone N times";
	if (sscanf(text, "undone %u times%n", &h, &n) == 1 && n)
		return (size_t)n;
	*ret_replacement = "TIME";
	if (sscanf(text, "%2u:%2u:%2u%n", &h, &m, &s, &n) == 3 && n == 8)
		return (size_t)n;
	return foreign_words(text, ret_replacement);
}

const char *stage_text_without_varying(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, strlen(text) * 2 + 1), *to = out;

	while (*text) {
		const char *replacement;
		size_t n = varying(text, &replacement);

		if (n)
			to = stpcpy(to, replacement);
		else
			*to++ = *text;
		text += n ? n : 1;
	}
	return out;
}

/* Without the time of the next try. */
static const char *reason_of(struct arena *a, const struct datum *message)
{
	char *text = arena_strdup(a, stage_text_without_varying(a, datum_text(message)));
	char *next_try = strstr(text, NOTICES_NEXT_TRY);

	if (next_try)
		*next_try = '\0';
	return text;
}

static void add_state(void *aux, const char *label, const struct row *r,
		      const struct column_schema *message,
		      const struct column_schema *warnings)
{
	struct state_text *t = aux;
	enum row_state state = state_of_row(&t->s->columns, r);
	const char *reason = reason_of(t->a, row_get(r, message));
	const struct datum *list = row_get(r, warnings);

	if (state != STATE_READY)
		add(t, arena_printf(t->a, "%s: %s%s%s", label,
				    state == STATE_UNKNOWN ? "not reported"
							   : state_name(state),
				    *reason ? ": " : "", reason));
	for (size_t i = 0; i < list->n; i++)
		add(t, arena_printf(t->a, "%s: warning: %s", label,
				    datum_keys(list)[i].string));
}

static const char *sorted_text(struct state_text *t)
{
	lines_sort(&t->lines);
	return lines_text(t->a, &t->lines);
}

const char *stage_state(const struct stage *s, struct arena *a)
{
	struct state_text t = {.s = s, .a = a};

	if (!s->db)
		return "the daemon does not run\n";
	each_row(s, a, add_state, &t);
	return sorted_text(&t);
}

bool stage_text_has_trouble(const struct stage *s)
{
	static const enum row_state trouble[] = {STATE_ERROR, STATE_CONTESTED};
	const struct ipvl_columns *c = &s->columns;
	const struct table *tables[] = {c->master.table, c->slave.table};

	if (!s->db)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		TABLE_FOR_EACH (r, tables[i]) {
			enum row_state state = state_of_row(c, r);

			if (state == trouble[0] || state == trouble[1])
				return true;
		}
	}
	return false;
}

static void add_unfinished(void *aux, const char *label, const struct row *r,
			   const struct column_schema *message,
			   const struct column_schema *warnings)
{
	struct state_text *t = aux;
	enum row_state state = state_of_row(&t->s->columns, r);

	(void)message;
	(void)warnings;
	if (state == STATE_PENDING || state == STATE_UNKNOWN)
		add(t, arena_printf(t->a, "%s is pending", label));
}

struct err *stage_left(struct stage *s, struct arena *a, const char **ret_left)
{
	const struct ipvl_columns *c = &s->columns;
	const struct row *host = rows_find_host(c, NULL, NULL);
	struct state_text t = {.s = s, .a = a};

	each_row(s, a, add_unfinished, &t);
	if (host && datum_integer(row_get(host, c->host.cur_cfg), 0) !=
			    datum_integer(row_get(host, c->host.next_cfg), 0))
		add(&t, "cur_cfg is not next_cfg");
	if (t.lines.n) {
		*ret_left = sorted_text(&t);
		return NULL;
	}
	return stage_next_plan(s, a, ret_left);
}

/* Drift: how often each record was counted, in the order of the table. */

static const char *drift_of(const struct stage *s, struct arena *a, const struct row *r)
{
	const struct ipvl_columns *c = &s->columns;

	return arena_printf(
		a, "%s: %s: %s", datum_text(row_get(r, c->drift.object)),
		stage_text_without_varying(a, datum_text(row_get(r, c->drift.found))),
		datum_text(row_get(r, c->drift.done)));
}

static struct stage_drift *seen_drift(const struct stage *s, const struct row *r)
{
	for (size_t i = 0; i < s->n_drifts; i++) {
		if (uuid_equals(&s->drifts[i].uuid, row_uuid(r)))
			return &s->drifts[i];
	}
	return NULL;
}

const char *stage_drift(const struct stage *s, struct arena *a)
{
	struct state_text t = {.s = s, .a = a};

	if (!s->db)
		return "";
	TABLE_FOR_EACH (r, s->columns.drift.table) {
		const struct stage_drift *seen = seen_drift(s, r);

		if (!seen ||
		    datum_integer(row_get(r, s->columns.drift.count), 0) > seen->count)
			add(&t, drift_of(s, a, r));
	}
	return sorted_text(&t);
}

void stage_forget_drift(struct stage *s)
{
	s->n_drifts = 0;
	if (!s->reconciler)
		return;
	TABLE_FOR_EACH (r, s->columns.drift.table) {
		s->drifts =
			xgrow(s->drifts, s->n_drifts, &s->drifts_cap, sizeof(*s->drifts));
		s->drifts[s->n_drifts++] = (struct stage_drift){
			.uuid = *row_uuid(r),
			.count = datum_integer(row_get(r, s->columns.drift.count), 0)};
	}
}
