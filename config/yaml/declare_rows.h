/* The rows of a source become what its file declares. */
#ifndef CONFIG_DECLARE_ROWS_H
#define CONFIG_DECLARE_ROWS_H 1

#include "config/rows.h"
#include "config/yaml/document.h"

/* Makes what 'source' declares be exactly as 'd' declares it (design.md 4, "apply").
 * Complaints about two sources that differ go to 'errors' (with both places if the other
 * is among 'others'); true if there were none. 'd' NULL: the source declares nothing any
 * more. Nothing is written that is equal. After a complaint 'txn' holds half of the work:
 * it must be freed, not committed. */
bool declare_rows(const struct ipvl_columns *c, struct txn *txn, struct row *host,
		  const char *source, const struct document *d,
		  const struct document *const *others, size_t n_others,
		  struct document_errors *errors) MUST_CHECK;

#endif
