/* The two ends of a stream, for the tests of lib/stream*. */
#ifndef TESTS_LIB_STREAM_ENDS_H
#define TESTS_LIB_STREAM_ENDS_H 1

#include "lib/err.h"
#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/stream.h"
#include "tests/unit/patience.h"

#include <stdbool.h>
#include <stddef.h>

/* No test waits longer than this for anything. */
#define PATIENCE_MS patience_ms()

struct end {
	struct stream *stream;
	char *got;
	size_t n_got, cap_got;
	unsigned int n_calls, n_drained, n_connected;
	bool is_closed, frees_itself, pauses;
	struct err *error;
};

extern const struct stream_handlers end_handlers; /* aux is a struct end */
/* A stream_accept_fn; aux is a struct end. */
void end_accept(void *aux, struct stream *s);
/* Leaves it ready to be used again. */
void end_clear(struct end *end);

void must(struct err *e);
void must_fail(struct err *e, enum err_code code);
/* Its text, which err_text() makes, has these words. */
void must_say(struct err *e, const char *words);

#define WAIT_FOR(f, condition)                                                           \
	do {                                                                             \
		int64_t end_ = clock_now_ms() + PATIENCE_MS;                             \
		while (!(condition) && clock_now_ms() < end_)                            \
			must(loop_run_once((f)->loop, 100));                             \
		assert_true(condition);                                                  \
	} while (0)

#endif
