/* What lib/stream.c shares with lib/loop.c: libevent's base. For these two alone. */
#ifndef LIB_LOOP_BASE_H
#define LIB_LOOP_BASE_H 1

struct event_base;
struct loop;

struct event_base *loop_base(struct loop *l);

#endif
