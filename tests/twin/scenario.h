/* A scenario: a text file in sections, and what was found when they were run.
 *
 * The format is described in tests/scenarios/README.md. */
#ifndef TESTS_TWIN_SCENARIO_H
#define TESTS_TWIN_SCENARIO_H 1

#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum section_kind {
	/* What happens. */
	SECTION_DO,
	SECTION_APPLY,
	SECTION_START,
	SECTION_STOP,
	SECTION_REST,
	SECTION_ADOPT,
	SECTION_RELEASE,
	/* What is expected then. */
	SECTION_REFUSED,
	SECTION_PLAN,
	SECTION_DRIFT,
	SECTION_STATE,
	SECTION_KERNEL,
	SECTION_REACH,
	SECTION_EVENTS,
	SECTION_KINDS
};
bool section_is_expectation(enum section_kind kind);
const char *section_name(enum section_kind kind);

struct section {
	enum section_kind kind;
	const char *argument; /* of SECTION_APPLY: the source; never NULL */
	unsigned int times;   /* of SECTION_DO; 0: once, and then to rest */
	size_t line;          /* of the first line of 'text', from 1 */
	const char *text;     /* without comments, where they mean nothing */
	const char *raw;      /* as it stands in the file */
};

struct scenario {
	const char *file;
	const char *head; /* all before the first section, as it stands in the file */
	const char *title;
	/* `Linux >= 6.10`, `Linux < 6.10`; 0: any. On the simulator: which rules it has. */
	unsigned int min_major, min_minor, max_major, max_minor;
	/* `only on sim`, `only on the kernel`: what the other one does not have. */
	bool only_on_sim, only_on_kernel;
	/* `not foretold: REASON`: what the preview cannot see decides. */
	bool is_not_foretold;
	/* `accidents: none`: the end depends on what the daemon saw happen. */
	bool has_no_accidents;
	struct section *sections;
	size_t n_sections;
};

/* Everything is from 'a'. ERR_INVALID with FILE:LINE as its path. */
struct err *scenario_read(struct arena *a, const char *file,
			  struct scenario *ret_scenario) MUST_CHECK;
/* Writes the scenario with texts[i] in section number i where it is not NULL. */
void scenario_print(const struct scenario *s, const char *const *texts, FILE *f);
/* The same into its file. */
struct err *scenario_write(const struct scenario *s, const char *const *texts) MUST_CHECK;

#endif
