/* A JSON-RPC connection that costs next to nothing: bytes out, whole messages in, told
 * apart by counting brackets. Whatever goes wrong ends the program with a sentence. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H 1

#include "lib/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct wire {
	int fd;
	struct buffer in;
	size_t start, scanned; /* offsets in 'in': of this message, of what is unread */
	unsigned int depth;    /* brackets open at 'scanned' */
	bool is_in_string, is_escaped;
};

/* To a unix socket. */
void wire_open(struct wire *w, const char *path);
void wire_close(struct wire *w);
/* Blocks until the kernel has taken it all. */
void wire_send(struct wire *w, const char *data, size_t n);
/* Reads once, whatever has come; blocks while nothing has. */
void wire_read(struct wire *w);
/* The next whole message of what was read, NULL if there is none. It is borrowed until
 * the next wire_read(). An `echo` is answered, not returned. */
const char *wire_next(struct wire *w, size_t *ret_n);
/* Blocks until a message has come. */
const char *wire_wait(struct wire *w, size_t *ret_n);

#endif
