/* A model as a YAML file: the inverse of declare*.c. It is that of rows, or what a survey found
 * (datapath_survey()). */
#ifndef CONFIG_WRITE_H
#define CONFIG_WRITE_H 1

#include "config/pool/pool.h"
#include "datapath/model.h"

#include <stdbool.h>
#include <stddef.h>

/* The text of a file, owned by the caller. It can be read: whatever has no key, or breaks a
 * rule, is a comment with the reason, and '*ret_n_left_out' is how many these are. With
 * 'foreign_only' what ipvl made is left out, without a comment. */
char *write_survey(const struct model *have, bool foreign_only, size_t *ret_n_left_out)
	__attribute__((warn_unused_result, returns_nonnull));

/* The text of a file that declares 'm' and the pools as they are, owned by the caller.
 * 'comment' is its first lines, each with its "#" and its newline. The column external_ids has
 * no key. */
char *write_model(const struct model *m, const struct pool *pools, size_t n_pools,
		  const char *comment)
	__attribute__((warn_unused_result, returns_nonnull));

#endif
