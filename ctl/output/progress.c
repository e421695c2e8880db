/* A bar is one line that is written again; lines are few, since they stay in a log. */
#include "ctl/output/progress.h"

#include "lib/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Before the first, and between two. */
#define PROGRESS_AFTER_MS 1000
#define PROGRESS_BAR_MS   200
#define PROGRESS_LINE_MS  5000

#define BAR_MAX ((size_t)30)
#define BAR_MIN ((size_t)5)

struct progress {
	FILE *out;
	size_t columns;
	int64_t due_ms;
	bool has_bar; /* a bar stands in the terminal's last line */
};

struct progress *progress_new(FILE *out, size_t columns, int64_t now_ms)
{
	struct progress *p = xcalloc(1, sizeof(*p));

	p->out = out;
	p->columns = columns;
	p->due_ms = now_ms + PROGRESS_AFTER_MS;
	return p;
}

void progress_end(struct progress *p)
{
	if (!p)
		return;
	if (p->has_bar)
		fputs("\r\033[K", p->out);
	fflush(p->out);
	free(p);
}

int64_t progress_due_ms(const struct progress *p)
{
	return p->due_ms;
}

static char *counts_text(const struct progress_counts *c)
{
	CLEANUP(freep)
	char *waiting = c->waiting ? xasprintf(", %zu waiting", c->waiting) : xstrdup("");
	CLEANUP(freep)
	char *failed = c->failed ? xasprintf(", %zu failed", c->failed) : xstrdup("");

	return xasprintf("%zu of %zu ready%s%s", c->ready, c->n, waiting, failed);
}

/* The part that is done, however it went. */
static void print_bar(struct progress *p, const struct progress_counts *c,
		      const char *text)
{
	size_t used = strlen(text) + strlen("[] ") + 1;
	size_t width = p->columns > used ? p->columns - used : 0, done;

	if (width > BAR_MAX)
		width = BAR_MAX;
	fputc('\r', p->out);
	if (width >= BAR_MIN) {
		done = width * (c->ready + c->waiting + c->failed) / c->n;
		fputc('[', p->out);
		for (size_t i = 0; i < width; i++)
			fputc(i < done ? '#' : '-', p->out);
		fputs("] ", p->out);
	}
	fprintf(p->out, "%.*s\033[K", (int)p->columns - 1, text);
	p->has_bar = true;
}

void progress_show(struct progress *p, const struct progress_counts *c, int64_t now_ms)
{
	CLEANUP(freep) char *text = NULL;

	if (now_ms < p->due_ms || !c->n)
		return;
	text = counts_text(c);
	if (p->columns)
		print_bar(p, c, text);
	else
		fprintf(p->out, "ipvl-ctl: %s\n", text);
	fflush(p->out);
	p->due_ms = now_ms + (p->columns ? PROGRESS_BAR_MS : PROGRESS_LINE_MS);
}
