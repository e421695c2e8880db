/* Summarises a diff in one line for each master. */
#include "ctl/text/diff.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* More masters than this are summarised in one line. */
#define SUMMARY_MAX_MASTERS 8

/* Of one master, or of all. */
struct count {
	const struct diff_object *master; /* NULL if the master itself did not change */
	const char *label;
	size_t n[3]; /* slaves by enum edit_kind */
};

static void print_slaves(const size_t n[3], FILE *out)
{
	static const enum edit_kind order[] = {EDIT_ADDED, EDIT_CHANGED, EDIT_REMOVED};
	bool is_first = true;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		size_t count = n[order[i]];

		if (!count)
			continue;
		if (is_first)
			fprintf(out, "%zu slave%s %s", count, count == 1 ? "" : "s",
				edit_verb(order[i]));
		else
			fprintf(out, ", %zu %s", count, edit_verb(order[i]));
		is_first = false;
	}
}

static void print_master(const struct count *c, FILE *out)
{
	size_t n = c->n[EDIT_ADDED] + c->n[EDIT_CHANGED] + c->n[EDIT_REMOVED];

	if (!c->master) {
		print_slaves(c->n, out);
		fprintf(out, " on %s\n", c->label);
		return;
	}
	fprintf(out, "%s %s", c->label, edit_verb(c->master->edit.kind));
	if (c->master->edit.kind == EDIT_CHANGED)
		fprintf(out, ": %s", c->master->edit.what);
	if (n && c->master->edit.kind == EDIT_ADDED && n == c->n[EDIT_ADDED]) {
		fprintf(out, " with %zu slave%s", n, n == 1 ? "" : "s");
	} else if (n && c->master->edit.kind == EDIT_REMOVED && n == c->n[EDIT_REMOVED]) {
		fprintf(out, " with its %zu slave%s", n, n == 1 ? "" : "s");
	} else if (n) {
		fputs("; ", out);
		print_slaves(c->n, out);
	}
	fputc('\n', out);
}

static void print_total(const struct count *counts, size_t n, FILE *out)
{
	size_t masters[3] = {0}, slaves[3] = {0}, n_slaves = 0;
	bool is_first = true;

	for (size_t i = 0; i < n; i++) {
		if (counts[i].master)
			masters[counts[i].master->edit.kind]++;
		for (size_t k = 0; k < 3; k++) {
			slaves[k] += counts[i].n[k];
			n_slaves += counts[i].n[k];
		}
	}
	for (size_t k = 0; k < 3; k++) {
		if (!masters[k])
			continue;
		fprintf(out, "%s%zu master%s %s", is_first ? "" : ", ", masters[k],
			masters[k] == 1 ? "" : "s", edit_verb(k));
		is_first = false;
	}
	if (n_slaves && !is_first)
		fputs("; ", out);
	print_slaves(slaves, out);
	fprintf(out, " (%zu masters)\n", n);
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
			counts[n - 1].n[o->edit.kind]++;
		else
			counts[n - 1].master = o;
	}
	if (n > SUMMARY_MAX_MASTERS)
		print_total(counts, n, out);
	for (size_t i = 0; i < n && n <= SUMMARY_MAX_MASTERS; i++)
		print_master(&counts[i], out);
	for (size_t i = 0; i < changes->n_others; i++)
		fprintf(out, "%s %s\n", changes->others[i].object,
			changes->others[i].what);
	if (!n && !changes->n_others)
		fputs("nothing to change\n", out);
	free(counts);
}
