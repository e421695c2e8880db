/* What lib/stream_unix.c shares with lib/stream.c. For these two alone. */
#ifndef LIB_STREAM_UNIX_H
#define LIB_STREAM_UNIX_H 1

#include "lib/stream.h"

/* A stream over a connected non-blocking socket, which it takes on success. Reads nothing
 * until stream_set_handlers(). */
struct err *stream_new_from_fd(struct loop *l, int fd,
			       struct stream **ret_stream) MUST_CHECK;

#endif
