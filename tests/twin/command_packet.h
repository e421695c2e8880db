/* `ra` and `filter` as lines; for command.c alone. */
#ifndef TESTS_TWIN_COMMAND_PACKET_H
#define TESTS_TWIN_COMMAND_PACKET_H 1

#include "datapath/sim/twin/twin_request.h"
#include "tests/twin/words.h"

/* [-n NS] DEV PREFIX */
struct err *command_read_advert(struct words *w, struct twin_request *r) MUST_CHECK;
const char *command_advert_text(struct arena *a, const struct twin_request *r);
/* [-n NS] drop|accept input|output */
struct err *command_read_filter(struct words *w, struct twin_request *r) MUST_CHECK;
const char *command_filter_text(struct arena *a, const struct twin_request *r);

#endif
