/* The rows of the pools that a source declares. */
#ifndef CONFIG_DECLARE_ROWS_POOL_H
#define CONFIG_DECLARE_ROWS_POOL_H 1

#include "config/columns.h"
#include "config/yaml/document.h"
#include "ovsdb-lite/rows/txn.h"

/* Makes the rows of the pools that 'd' declares as it declares them. Slaves of other documents
 * may name them: of several documents, all their pools come before all else. False, with
 * complaints, where another source declares one differently. */
bool declare_rows_add_pools(const struct ipvl_columns *c, struct txn *txn,
			    const struct row *host, const char *source,
			    const struct document *d,
			    const struct document *const *others, size_t n_others,
			    struct document_errors *errors) MUST_CHECK;
/* Takes the source from pools that 'd' (NULL: nothing) no longer declares, after all else was
 * taken from it. A pool without a source goes, unless a slave still names it. */
void declare_rows_forget_pools(const struct ipvl_columns *c, struct txn *txn,
			       const struct row *host, const char *source,
			       const struct document *d);

/* Pools of one name in several documents must be equal. */
void declare_rows_compare_pools(const struct document *const *documents, size_t n,
				struct document_errors *errors);

#endif
