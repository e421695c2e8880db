/* Candidates from the database. Private to complete.c. */
#ifndef CTL_COMPLETE_ROWS_H
#define CTL_COMPLETE_ROWS_H 1

#include "ctl/line/options.h"
#include "lib/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The word that is completed, and where candidates go. */
struct complete_word {
	const char *begun; /* candidates begin so */
	const char *
		before; /* what of the word is done ("--columns=name,"); printed before each */
	FILE *out;
};

/* Prints it if it begins as the word does. */
void complete_offer(const struct complete_word *w, const char *candidate);
void complete_offer_with(const struct complete_word *w, const char *candidate,
			 const char *end);

enum complete_kind {
	COMPLETE_MASTERS = 1 << 0,
	COMPLETE_SLAVES = 1 << 1,
	COMPLETE_NAMESPACES = 1 << 2, /* as "ns1/" */
	COMPLETE_ADDRESSES = 1 << 3,
	COMPLETE_SOURCES = 1 << 4,
	COMPLETE_TABLES = 1 << 5,
	COMPLETE_RECORDS = 1 << 6,     /* of the table */
	COMPLETE_COLUMNS = 1 << 7,     /* of the table */
	COMPLETE_ASSIGNMENTS = 1 << 8, /* "mtu=", and values after it */
	COMPLETE_CONDITIONS = 1 << 9,  /* the same, also of columns that ipvld writes */
	COMPLETE_POOLS = 1 << 10,
};

/* 'kinds' is a set of the above, 'table' (may be NULL) as typed. Prints nothing if there is no
 * database. */
void complete_rows(const struct complete_word *w, const struct options *o,
		   unsigned int kinds, const char *table);

#endif
