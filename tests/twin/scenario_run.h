/* Running a scenario on a stage. */
#ifndef TESTS_TWIN_SCENARIO_RUN_H
#define TESTS_TWIN_SCENARIO_RUN_H 1

#include "tests/twin/scenario.h"

#include <stdbool.h>
#include <stdint.h>

/* What befalls the daemon. A number counts from 0. */
enum accident_kind {
	ACCIDENT_NONE,
	/* It does not run during each `do` section, and is started afterwards. */
	ACCIDENT_DOWN,
	ACCIDENT_EVENTS_TWICE,
	ACCIDENT_EVENTS_LATE,
	ACCIDENT_EVENTS_LOST,
	ACCIDENT_EVENTS_MIXED,
	/* Each message takes so long that every pass is done in slices. */
	ACCIDENT_SLOW,
	/* kill -9 before message number 'number' to the kernel. */
	ACCIDENT_DEATH,
	/* The same right behind the step of that number. */
	ACCIDENT_DEATH_BEHIND,
	/* The message of that number fails. */
	ACCIDENT_EIO,
	ACCIDENT_EBUSY,
	ACCIDENT_ENOBUFS,
	/* The observation of that number is interrupted. */
	ACCIDENT_INTERRUPTED,
	ACCIDENT_KINDS
};

struct accident {
	enum accident_kind kind;
	int64_t number;
};
/* "death", "events-late". Static. */
const char *accident_name(enum accident_kind kind);
/* "death:7", "down"; false if it is none. */
bool accident_parse(const char *text, struct accident *ret_accident);

struct scenario_options {
	bool on_kernel;
	/* A file for the database; NULL: in memory. */
	const char *db_file;
	struct accident accident;
};

struct scenario_result {
	/* What is wrong, for people: "" if nothing is. */
	const char *complaints;
	/* The text that each section should have; NULL where it has it. */
	const char **texts;
	/* How many messages, steps and observations there were, for the numbers of
	 * accidents. */
	int64_t n_messages, n_steps, n_observations;
};

/* Runs all sections, and checks the end. Everything in '*ret_result' is from 'a'. */
void scenario_run(const struct scenario *s, const struct scenario_options *options,
		  struct arena *a, struct scenario_result *ret_result);

#endif
