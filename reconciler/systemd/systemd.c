/* Notifications to systemd. The only user of libsystemd. */
#include "reconciler/systemd/systemd.h"

#include "lib/alloc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

/* While ten thousand slaves are made, the start may take longer than TimeoutStartSec=. A
 * loop that hangs asks no more. */
#define EXTEND_EVERY_MS 10000
#define EXTEND_BY_US    60000000

struct systemd {
	struct loop_timer *timer;
	bool is_ready;
	int64_t watchdog_ms; /* between two answers; 0: no watchdog */
};

static void on_timer(void *aux)
{
	struct systemd *s = aux;

	if (s->is_ready) {
		sd_notify(0, "WATCHDOG=1");
		loop_timer_set(s->timer, s->watchdog_ms);
		return;
	}
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%d", EXTEND_BY_US);
	loop_timer_set(s->timer, EXTEND_EVERY_MS);
}

struct systemd *systemd_new(struct loop *l)
{
	struct systemd *s = xcalloc(1, sizeof(*s));
	uint64_t limit_us;

	/* sd_watchdog_enabled(3): answer in half of the time. */
	if (sd_watchdog_enabled(0, &limit_us) > 0) {
		s->watchdog_ms = (int64_t)(limit_us / 2000);
		if (!s->watchdog_ms)
			s->watchdog_ms = 1;
	}
	s->timer = loop_timer_new(l, on_timer, s);
	if (getenv("NOTIFY_SOCKET"))
		loop_timer_set(s->timer, EXTEND_EVERY_MS);
	return s;
}

void systemd_free(struct systemd *s)
{
	if (!s)
		return;
	loop_timer_free(s->timer);
	free(s);
}

static void send_ready(size_t n_errors)
{
	if (n_errors)
		sd_notifyf(0,
			   "READY=1\nSTATUS=%zu error%s in the config-dir: see "
			   "`ipvl-ctl status`",
			   n_errors, n_errors == 1 ? "" : "s");
	else
		sd_notify(0,
			  "READY=1\nSTATUS=keeping the kernel as the database wants it");
}

void systemd_ready(struct systemd *s, size_t n_errors)
{
	send_ready(n_errors);
	s->is_ready = true;
	loop_timer_clear(s->timer);
	if (s->watchdog_ms)
		on_timer(s);
}

/* Type=notify-reload wants the time of its beginning, and READY=1 at its end. */
void systemd_reloading(const struct systemd *s)
{
	struct timespec now;

	if (!s->is_ready)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		   (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void systemd_reloaded(const struct systemd *s, size_t n_errors)
{
	if (s->is_ready)
		send_ready(n_errors);
}

void systemd_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
