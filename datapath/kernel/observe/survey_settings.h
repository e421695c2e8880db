/* Settings of the slaves of a survey. */
#ifndef DATAPATH_KERNEL_OBSERVE_SURVEY_SETTINGS_H
#define DATAPATH_KERNEL_OBSERVE_SURVEY_SETTINGS_H 1

#include "datapath/kernel/state/nsid.h"

/* Of some slaves in one namespace, which is entered: those that are not as a new device's. */
struct err *survey_settings_read(struct kernel *k, const struct netns_ref *ns,
				 struct model_slave *const *slaves, size_t n,
				 struct arena *a) MUST_CHECK;

#endif
