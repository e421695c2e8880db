/* A build without libsystemd (meson's option `systemd`): nothing is sent. In place of
 * systemd.c. */
#include "reconciler/systemd/systemd.h"

struct systemd *systemd_new(struct loop *l)
{
	(void)l;
	return NULL;
}

void systemd_free(struct systemd *s)
{
	(void)s;
}

void systemd_ready(struct systemd *s, size_t n_errors)
{
	(void)s;
	(void)n_errors;
}

void systemd_reloading(const struct systemd *s)
{
	(void)s;
}

void systemd_reloaded(const struct systemd *s, size_t n_errors)
{
	(void)s;
	(void)n_errors;
}

void systemd_stopping(void)
{
}
