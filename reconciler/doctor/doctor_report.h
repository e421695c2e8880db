/* Findings, as the rules add them. */
#ifndef RECONCILER_DOCTOR_REPORT_H
#define RECONCILER_DOCTOR_REPORT_H 1

#include "lib/arena.h"

#include <stddef.h>

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_NOTE,    /* nothing to do now */
	DOCTOR_WARNING, /* it works, with limits or a risk */
	DOCTOR_ERROR,   /* something cannot work */
};

struct doctor_finding {
	enum doctor_level level;
	const char *topic; /* "kernel": a word that stays */
	const char *text;  /* a sentence */
	const char *cure;  /* what to do; "" if nothing */
};

struct doctor_report {
	struct arena *arena;
	struct doctor_finding *findings; /* grouped by topic, in a fixed order */
	size_t n, cap;
};

/* Adds a finding. 'cure' is borrowed, "" if none; 'format' is of the text. */
void doctor_add(struct doctor_report *r, enum doctor_level level, const char *topic,
		const char *cure, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* "warning". Static. */
const char *doctor_level_name(enum doctor_level level);

#endif
