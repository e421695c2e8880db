/* The time, and a clock of its own for a test that moves it by hand. */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H 1

#include <stdbool.h>
#include <stdint.h>

/* CLOCK_MONOTONIC in milliseconds. */
int64_t clock_now_ms(void);
/* The same in microseconds: for what something took. */
int64_t clock_now_us(void);
/* CLOCK_REALTIME, in milliseconds since 1970. */
int64_t clock_wall_ms(void);

/* From now on both clocks stand still, at CLOCK_STOPPED_MS, until clock_advance() moves
 * them. Before the first loop_new(); there is no way back. */
#define CLOCK_STOPPED_MS 1000000000000
void clock_stop(void);
/* As clock_stop(), but clock_wall_ms() goes on: where files have the system's times. */
void clock_stop_timers(void);
bool clock_is_stopped(void);
/* Of a stopped clock. */
void clock_advance(int64_t ms);

#endif
