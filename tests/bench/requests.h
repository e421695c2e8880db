/* What the load generator asks for, as JSON-RPC messages: the same rows and the same
 * order for every server. */
#ifndef BENCH_REQUESTS_H
#define BENCH_REQUESTS_H 1

#include "lib/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* Around the operations of one transaction. */
void request_begin(struct buffer *b);
void request_end(struct buffer *b, bool is_durable);
/* The operation that inserts row number 'i'. */
void request_put_insert(struct buffer *b, uint64_t i);

/* A whole transaction that changes two columns of one row among 'n_rows', found by its
 * _uuid. Numbers from 0 on spread over the rows; the values are never written twice, also
 * not by the next run of this program, so that no update is void. */
void request_update(struct buffer *b, uint64_t number, uint64_t n_rows, bool is_durable);
/* One that reads a row by its name, the column of the index. */
void request_select(struct buffer *b, uint64_t number, uint64_t n_rows);
/* All that the table has and all that happens to it, as a client's IDL asks for it. */
void request_monitor(struct buffer *b);

#endif
