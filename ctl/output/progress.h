/* How far long work is, on standard error: a bar on a terminal, now and then a line
 * elsewhere. Nothing for work that is short. */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H 1

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress;

/* Of 'n' rows: the rest is being worked on. */
struct progress_counts {
	size_t n, ready, waiting, failed;
};

/* 'columns' is the terminal's width; 0: 'out' is not a terminal. Times are
 * clock_now_ms()'s. */
struct progress *progress_new(FILE *out, size_t columns, int64_t now_ms)
	__attribute__((warn_unused_result));
/* Erases the bar. Accepts NULL. */
void progress_end(struct progress *p);

/* When progress_show() has something to show next: count not before. */
int64_t progress_due_ms(const struct progress *p);
void progress_show(struct progress *p, const struct progress_counts *c, int64_t now_ms);

#endif
