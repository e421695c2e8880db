/* ipvld's command line. */
#ifndef RECONCILER_OPTIONS_H
#define RECONCILER_OPTIONS_H 1

#include "lib/err.h"
#include "ovsdb-lite/server/server_options.h"

#include <stddef.h>
#include <stdint.h>

struct options {
	/* Borrowed from argv, or static. */
	const char *db, *schema, *config_dir, *datapath;
	struct server_options server;
	const char **https; /* owned array of borrowed strings */
	size_t n_https;
	int64_t audit_s; /* 0: off */
};

enum options_what { OPTIONS_RUN, OPTIONS_DONE /* --help or --version was printed */ };

/* ERR_INVALID in one sentence. Call options_clear() in any case. */
struct err *options_parse(int argc, char **argv, struct options *ret_options,
			  enum options_what *ret_what) MUST_CHECK;
void options_clear(struct options *o);

#endif
