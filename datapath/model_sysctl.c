/* Sysctls as values: order and look-up, by key. */
#include "datapath/model_sysctl.h"

#include <string.h>

int model_sysctl_cmp(const struct model_sysctl *a, const struct model_sysctl *b)
{
	return strcmp(a->key, b->key);
}

int model_saved_cmp(const struct model_saved *a, const struct model_saved *b)
{
	return strcmp(a->key, b->key);
}

const struct model_sysctl *model_sysctl_find(const struct model_sysctl *sysctls, size_t n,
					     const char *key)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(sysctls[i].key, key))
			return &sysctls[i];
	}
	return NULL;
}
