/* What the service manager is told of the daemon's life: sd_notify(3). Without one, nothing
 * is sent. */
#ifndef RECONCILER_SYSTEMD_H
#define RECONCILER_SYSTEMD_H 1

#include "lib/loop.h"

#include <stddef.h>

struct systemd;

/* From the loop, asks for more time until systemd_ready(). Borrows 'l'. */
struct systemd *systemd_new(struct loop *l) __attribute__((warn_unused_result));
void systemd_free(struct systemd *s); /* accepts NULL */

/* The start is over. 'n_errors' of the config-dir are in the status line of
 * `systemctl status`. From now on the loop answers the watchdog (WatchdogSec=,
 * systemd.service(5)). */
void systemd_ready(struct systemd *s, size_t n_errors);
/* Around a reload. One before the start is over is a part of it: nothing is sent. */
void systemd_reloading(const struct systemd *s);
void systemd_reloaded(const struct systemd *s, size_t n_errors);
void systemd_stopping(void);

#endif
