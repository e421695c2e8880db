/* The clocks of the system, or one clock that a test moves. */
#include "lib/clock.h"

#include <assert.h>
#include <time.h>

static bool is_stopped, is_wall_stopped;
static int64_t stopped_ms;

static int64_t read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t read_ms(clockid_t id)
{
	return read_us(id) / 1000;
}

int64_t clock_now_ms(void)
{
	return is_stopped ? stopped_ms : read_ms(CLOCK_MONOTONIC);
}

int64_t clock_now_us(void)
{
	return is_stopped ? stopped_ms * 1000 : read_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
	return is_wall_stopped ? stopped_ms : read_ms(CLOCK_REALTIME);
}

void clock_stop_timers(void)
{
	is_stopped = true;
	stopped_ms = CLOCK_STOPPED_MS;
}

void clock_stop(void)
{
	clock_stop_timers();
	is_wall_stopped = true;
}

bool clock_is_stopped(void)
{
	return is_stopped;
}

void clock_advance(int64_t ms)
{
	assert(is_stopped && ms >= 0);
	stopped_ms += ms;
}
