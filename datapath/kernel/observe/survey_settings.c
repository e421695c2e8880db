/* Files of /proc/sys/net of a device, compared with those of `default`. */
#include "datapath/kernel/observe/survey_settings.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/sysctl.h"

#include <string.h>

static void read_slave(struct model_slave *s, const char *const *defaults,
		       struct arena *a)
{
	size_t n;
	const char *const *keys = model_sysctl_surveyed(&n);

	s->sysctls = arena_array(a, n, sizeof(*s->sysctls));
	for (size_t i = 0; i < n; i++) {
		const char *value = sysctl_read(a, s->name, keys[i]);

		if (*value && strcmp(value, defaults[i]) != 0)
			s->sysctls[s->n_sysctls++] =
				(struct model_sysctl){keys[i], value};
	}
}

struct err *survey_settings_read(struct kernel *k, const struct netns_ref *ns,
				 struct model_slave *const *slaves, size_t n,
				 struct arena *a)
{
	size_t n_keys;
	const char *const *keys = model_sysctl_surveyed(&n_keys);
	const char **defaults = arena_array(a, n_keys, sizeof(const char *));
	struct err *e = n ? netns_ref_enter(k, ns) : NULL;

	if (e || !n)
		return e;
	for (size_t i = 0; i < n_keys; i++)
		defaults[i] = sysctl_read(a, "default", keys[i]);
	for (size_t i = 0; i < n; i++)
		read_slave(slaves[i], defaults, a);
	nsfs_leave(k->own_fd);
	return NULL;
}
