/* Summarises a diff in one line for each master. */
#include "ctl/text/diff.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* More masters than this are summarised in one line. */
#define SUMMARY_MAX_MASTERS 8

/* What became of a row, for a person who does not care for columns. */
enum outcome { ADDED, REMOVED, CHANGED, ADOPTED, RELEASED, N_OUTCOMES };

static const char *const verbs[] = {
	[ADDED] = "added",     [REMOVED] = "removed",   [CHANGED] = "changed",
	[ADOPTED] = "adopted", [RELEASED] = "released",
};

/* In the order in which they are printed. */
static const enum outcome order[] = {ADDED, ADOPTED, CHANGED, RELEASED, REMOVED};

static enum outcome outcome_of(const struct diff_object *o)
{
	static const enum outcome of_kind[] = {
		[EDIT_ADDED] = ADDED, [EDIT_REMOVED] = REMOVED, [EDIT_CHANGED] = CHANGED};

	return o->is_adopted    ? ADOPTED
	       : o->is_released ? RELEASED
				: of_kind[o->edit.kind];
}

/* Of one master, or of all. */
struct count {
	const struct diff_object *master; /* NULL if the master itself did not change */
	const char *label;
	size_t n[N_OUTCOMES]; /* slaves */
};

static size_t sum(const size_t n[N_OUTCOMES])
{
	size_t all = 0;

	for (size_t i = 0; i < N_OUTCOMES; i++)
		all += n[i];
	return all;
}

/* "2 slaves added, 1 changed". */
static void print_objects(const char *what, const size_t n[N_OUTCOMES], FILE *out)
{
	bool is_first = true;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		size_t count = n[order[i]];

		if (!count)
			continue;
		if (is_first)
			fprintf(out, "%zu %s%s %s", count, what, count == 1 ? "" : "s",
				verbs[order[i]]);
		else
			fprintf(out, ", %zu %s", count, verbs[order[i]]);
		is_first = false;
	}
}

static void print_with(const char *with, size_t n, FILE *out)
{
	if (n)
		fprintf(out, " with %s%zu slave%s", with, n, n == 1 ? "" : "s");
}

/* A master that changed, and those of its slaves that did. */
static void print_master(const struct count *c, FILE *out)
{
	enum outcome outcome = outcome_of(c->master);
	size_t n = sum(c->n);
	bool is_same = n == c->n[outcome] && outcome != CHANGED;

	fprintf(out, "%s %s", c->label, verbs[outcome]);
	if (outcome == CHANGED)
		fprintf(out, ": %s", c->master->edit.what);
	if (outcome == RELEASED)
		print_with("its ", c->master->n_slaves, out);
	else if (is_same)
		print_with(outcome == REMOVED ? "its " : "", n, out);
	if (n && !is_same) {
		fputs("; ", out);
		print_objects("slave", c->n, out);
	}
}

static void print_line(const struct count *c, FILE *out)
{
	size_t n = sum(c->n), n_released = c->n[RELEASED];

	if (c->master) {
		print_master(c, out);
		n++;
		n_released +=
			outcome_of(c->master) == RELEASED ? 1 + c->master->n_slaves : 0;
		n += c->master->n_slaves;
	} else {
		print_objects("slave", c->n, out);
		fprintf(out, " on %s", c->label);
	}
	if (n == n_released)
		fputs(n == 1 ? ": the device stays as it is"
			     : ": the devices stay as they are",
		      out);
	fputc('\n', out);
}

/* "1 master changed; 20 slaves changed on 9 masters" */
static void print_total(const struct count *counts, size_t n, FILE *out)
{
	size_t masters[N_OUTCOMES] = {0}, slaves[N_OUTCOMES] = {0}, n_with_slaves = 0;

	for (size_t i = 0; i < n; i++) {
		if (counts[i].master)
			masters[outcome_of(counts[i].master)]++;
		for (size_t k = 0; k < N_OUTCOMES; k++)
			slaves[k] += counts[i].n[k];
		n_with_slaves += sum(counts[i].n) > 0;
	}
	print_objects("master", masters, out);
	if (sum(masters) && sum(slaves))
		fputs("; ", out);
	print_objects("slave", slaves, out);
	if (n_with_slaves)
		fprintf(out, " on %zu master%s", n_with_slaves,
			n_with_slaves == 1 ? "" : "s");
	putc('\n', out);
}

void diff_print_summary(const struct diff *changes, FILE *out)
{
	struct count *counts = xcalloc(changes->n + 1, sizeof(*counts));
	size_t n = 0;

	for (size_t i = 0; i < changes->n; i++) {
		const struct diff_object *o = &changes->objects[i];
		const char *label = o->is_slave ? o->master : o->edit.object;

		if (!n || strcmp(counts[n - 1].label, label) ||
		    (!o->is_slave && counts[n - 1].master)) {
			counts[n].label = label;
			n++;
		}
		if (o->is_slave)
			counts[n - 1].n[outcome_of(o)]++;
		else
			counts[n - 1].master = o;
	}
	if (n > SUMMARY_MAX_MASTERS)
		print_total(counts, n, out);
	for (size_t i = 0; i < n && n <= SUMMARY_MAX_MASTERS; i++)
		print_line(&counts[i], out);
	for (size_t i = 0; i < changes->n_others; i++)
		fprintf(out, "%s %s\n", changes->others[i].object,
			changes->others[i].kind == EDIT_CHANGED
				? changes->others[i].what
				: edit_verb(changes->others[i].kind));
	if (!n && !changes->n_others)
		fputs("nothing to change\n", out);
	free(counts);
}
