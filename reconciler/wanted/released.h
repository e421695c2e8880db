/* Namespaces whose rows all give their devices up (`ipvl-ctl release`). */
#ifndef RECONCILER_WANTED_RELEASED_H
#define RECONCILER_WANTED_RELEASED_H 1

#include "reconciler/wanted/slave_index.h"

/* False for a namespace that no row names. */
bool released_netns(const struct ipvl_columns *columns, const struct slave_index *slaves,
		    const char *netns);

#endif
