/* What a survey found (datapath_survey()) as a YAML file: the inverse of declare*.c. */
#ifndef CONFIG_WRITE_H
#define CONFIG_WRITE_H 1

#include "datapath/model.h"

#include <stdbool.h>
#include <stddef.h>

/* The text of a file, owned by the caller. It can be read: whatever has no key, or breaks a
 * rule, is a comment with the reason, and '*ret_n_left_out' is how many these are. With
 * 'foreign_only' what ipvl made is left out, without a comment. */
char *write_survey(const struct model *have, bool foreign_only, size_t *ret_n_left_out)
	__attribute__((warn_unused_result, returns_nonnull));

#endif
