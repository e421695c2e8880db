/* The versions of CNI that ipvl-cni has, by the names that a configuration gives them. */
#include "engines/cni/cni_request.h"

const char *const cni_version_names[CNI_N_VERSIONS + 1] = {
	[CNI_0_3_1] = "0.3.1",
	[CNI_0_4_0] = "0.4.0",
	[CNI_1_0_0] = "1.0.0",
	[CNI_1_1_0] = "1.1.0",
};
