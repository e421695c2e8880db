/* What a runtime asks for (CNI 0.3.1 to 1.1.0), as a value. */
#ifndef ENGINES_CNI_REQUEST_H
#define ENGINES_CNI_REQUEST_H 1

#include "engines/attachment/attachment.h"
#include "engines/cni/cni_error.h"
#include "lib/arena.h"

#include <stdbool.h>

struct json_object;

enum cni_verb {
	CNI_ADD,
	CNI_DEL,
	CNI_CHECK,
	CNI_GC,
	CNI_STATUS,
	CNI_VERSIONS, /* CNI_COMMAND=VERSION */
	CNI_N_VERBS
};

enum cni_version { CNI_0_3_1, CNI_0_4_0, CNI_1_0_0, CNI_1_1_0, CNI_N_VERSIONS };
extern const char *const cni_version_names[CNI_N_VERSIONS + 1]; /* NULL at the end */

/* One that a runtime still has: of GC. */
struct cni_valid {
	const char *container, *ifname;
};

struct cni_request {
	enum cni_verb verb;
	enum cni_version version;
	struct attachment want; /* of GC and STATUS without container */
	/* The IPAM plug-in that is executed; "": none, or ipvl's own. */
	const char *ipam;
	const char *path; /* CNI_PATH */
	const char *db;   /* the remote of ipvld */
	struct cni_valid *valid;
	size_t n_valid;
	/* Of the configuration, borrowed; NULL: there is none. */
	const struct json_object *previous, *dns;
	const char *text; /* the configuration, for another plug-in */
};

#endif
