/* What must hold once a daemon has settled. */
#ifndef TESTS_TWIN_HISTORY_CHECK_H
#define TESTS_TWIN_HISTORY_CHECK_H 1

#include "lib/arena.h"
#include "tests/twin/stage.h"

/* Each returns what does not hold, as text from 'a'; NULL if everything does. */

/* Every row has a state; what is ready is as declared; a reason is given for the rest;
 * cur_cfg has followed; nothing foreign was touched; the next plan has steps only for rows
 * that show why they are not done; registered namespaces are there. */
const char *history_check_rows(struct stage *s, struct arena *a);
/* After everything was removed from the configuration: nothing of ours is left. */
const char *history_check_nothing_left(struct stage *s, struct arena *a);
/* The states and the devices that rows show, as one text: the same after a restart. */
const char *history_states(const struct stage *s, struct arena *a);

#endif
