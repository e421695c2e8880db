/* What a change comes to, in a line for each master. changes.c finds out what changed. */
#include "ctl/text/changes.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* More masters than that are summed up in one line. */
#define SUMMARY_MAX_MASTERS 8

/* Of one master, or of all. */
struct count {
	const struct changed_object *master; /* NULL if it did not change itself */
	const char *label;
	size_t n[3]; /* slaves by enum changes_kind */
};

static void print_slaves(const size_t n[3], FILE *out)
{
	static const enum changes_kind order[] = {CHANGES_ADDED, CHANGES_CHANGED,
						  CHANGES_REMOVED};
	static const char *const words[] = {[CHANGES_ADDED] = "added",
					    [CHANGES_CHANGED] = "changed",
					    [CHANGES_REMOVED] = "removed"};
	bool is_first = true;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		size_t count = n[order[i]];

		if (!count)
			continue;
		if (is_first)
			fprintf(out, "%zu slave%s %s", count, count == 1 ? "" : "s",
				words[order[i]]);
		else
			fprintf(out, ", %zu %s", count, words[order[i]]);
		is_first = false;
	}
}

static void print_master(const struct count *c, FILE *out)
{
	size_t n = c->n[CHANGES_ADDED] + c->n[CHANGES_CHANGED] + c->n[CHANGES_REMOVED];

	if (!c->master) {
		print_slaves(c->n, out);
		fprintf(out, " on %s\n", c->label);
		return;
	}
	fprintf(out, "%s ", c->label);
	switch (c->master->kind) {
	case CHANGES_ADDED:
		fputs("added", out);
		break;
	case CHANGES_REMOVED:
		fputs("removed", out);
		break;
	case CHANGES_CHANGED:
		fprintf(out, "changed: %s", c->master->what);
		break;
	}
	if (n && c->master->kind == CHANGES_ADDED && n == c->n[CHANGES_ADDED]) {
		fprintf(out, " with %zu slave%s", n, n == 1 ? "" : "s");
	} else if (n && c->master->kind == CHANGES_REMOVED &&
		   n == c->n[CHANGES_REMOVED]) {
		fprintf(out, " with its %zu slave%s", n, n == 1 ? "" : "s");
	} else if (n) {
		fputs("; ", out);
		print_slaves(c->n, out);
	}
	fputc('\n', out);
}

static void print_total(const struct count *counts, size_t n, FILE *out)
{
	static const char *const words[] = {[CHANGES_ADDED] = "added",
					    [CHANGES_REMOVED] = "removed",
					    [CHANGES_CHANGED] = "changed"};
	size_t masters[3] = {0}, slaves[3] = {0}, n_slaves = 0;
	bool is_first = true;

	for (size_t i = 0; i < n; i++) {
		if (counts[i].master)
			masters[counts[i].master->kind]++;
		for (size_t k = 0; k < 3; k++) {
			slaves[k] += counts[i].n[k];
			n_slaves += counts[i].n[k];
		}
	}
	for (size_t k = 0; k < 3; k++) {
		if (!masters[k])
			continue;
		fprintf(out, "%s%zu master%s %s", is_first ? "" : ", ", masters[k],
			masters[k] == 1 ? "" : "s", words[k]);
		is_first = false;
	}
	if (n_slaves && !is_first)
		fputs("; ", out);
	print_slaves(slaves, out);
	fprintf(out, " (%zu masters)\n", n);
}

void changes_print_summary(const struct changes *changes, FILE *out)
{
	struct count *counts = xcalloc(changes->n + 1, sizeof(*counts));
	size_t n = 0;

	for (size_t i = 0; i < changes->n; i++) {
		const struct changed_object *o = &changes->objects[i];
		const char *label = o->is_slave ? o->master : o->label;

		if (!n || strcmp(counts[n - 1].label, label) ||
		    (!o->is_slave && counts[n - 1].master)) {
			counts[n].label = label;
			n++;
		}
		if (o->is_slave)
			counts[n - 1].n[o->kind]++;
		else
			counts[n - 1].master = o;
	}
	if (n > SUMMARY_MAX_MASTERS)
		print_total(counts, n, out);
	for (size_t i = 0; i < n && n <= SUMMARY_MAX_MASTERS; i++)
		print_master(&counts[i], out);
	for (size_t i = 0; i < changes->n_others; i++)
		fprintf(out, "%s %s\n", changes->others[i].table,
			changes->others[i].what);
	if (!n && !changes->n_others)
		fputs("nothing to change\n", out);
	free(counts);
}
