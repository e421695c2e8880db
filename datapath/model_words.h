/* Kinds, modes, flags and what becomes of drift, and the words for them in files and columns. */
#ifndef DATAPATH_MODEL_WORDS_H
#define DATAPATH_MODEL_WORDS_H 1

#include "lib/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* What ipvl makes for a master beside VLANs: a device without a card. */
enum model_kind { MODEL_KIND_NONE, MODEL_KIND_DUMMY, MODEL_KIND_BRIDGE };
_Static_assert(MODEL_KIND_NONE == 0, "a master is another program's unless declared");

/* The kernel's IPVLAN_MODE_* and IPVLAN_F_* (Linux include/uapi/linux/if_link.h). A newer
 * kernel may report others; they are kept as numbers. */
enum model_mode {
	MODEL_MODE_L2 = 0,
	MODEL_MODE_L3 = 1,
	MODEL_MODE_L3S = 2,
	/* Of macvlan: the only slave, with the MAC address of its master. No number of
	 * ipvlan's. */
	MODEL_MODE_PASSTHRU = 128,
};
enum model_flag { MODEL_FLAG_BRIDGE = 0, MODEL_FLAG_PRIVATE = 1, MODEL_FLAG_VEPA = 2 };

/* What becomes of drift, a difference that another program made. */
enum model_drift {
	MODEL_DRIFT_REPAIR,
	/* It is recorded, and left as it is. */
	MODEL_DRIFT_REPORT,
	/* It is left as it is. */
	MODEL_DRIFT_IGNORE,
};
_Static_assert(MODEL_DRIFT_REPAIR == 0, "drift is repaired unless a row declares else");

/* "l2", "bridge"; for an unknown value its number, in 'buf'. */
const char *model_mode_name(uint8_t mode, char buf[8]);
const char *model_flag_name(uint8_t flag, char buf[8]);
/* "mode l2 -> l3, flag bridge -> vepa": of both what differs; "" if nothing does. From the
 * arena. */
const char *model_port_change(struct arena *a, uint8_t old_mode, uint8_t old_flag,
			      uint8_t new_mode, uint8_t new_flag);
bool model_mode_from_name(const char *name, enum model_mode *ret_mode);
bool model_flag_from_name(const char *name, enum model_flag *ret_flag);

/* "dummy", "bridge"; "" for NONE. */
const char *model_kind_name(enum model_kind kind);
/* Not of "". */
bool model_kind_from_name(const char *name, enum model_kind *ret_kind);
/* True of the kernel's name of a kind that ipvl makes for masters: "vlan", "dummy",
 * "bridge". */
bool model_kind_is_made(const char *kind);

/* "repair", "report", "ignore". */
const char *model_drift_name(enum model_drift drift);
bool model_drift_from_name(const char *name, enum model_drift *ret_drift);

#endif
