/* libevent's base, shared by lib/loop.c and lib/stream*.c alone. */
#ifndef LIB_LOOP_BASE_H
#define LIB_LOOP_BASE_H 1

struct event_base;
struct loop;

struct event_base *loop_base(struct loop *l);

#endif
