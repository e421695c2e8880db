/* From documents to rows. */
#ifndef CONFIG_DECLARE_ROWS_H
#define CONFIG_DECLARE_ROWS_H 1

#include "config/rows.h"
#include "config/yaml/document.h"

/* Makes the rows of 'source' exactly what 'd' declares ('d' NULL: nothing any more),
 * as `ipvl-ctl apply` does. Complaints about two sources that differ go to 'errors',
 * with both places if the other is among 'others'; true if there were none. Equal
 * values are not written. After a complaint 'txn' is incomplete: it must be freed, not
 * committed. */
bool declare_rows(const struct ipvl_columns *c, struct txn *txn, struct row *host,
		  const char *source, const struct document *d,
		  const struct document *const *others, size_t n_others,
		  struct document_errors *errors) MUST_CHECK;

/* The two halves of it, for several sources at once: what each declares is added, then each
 * forgets what it no longer declares ('d' NULL: all). So a row that moves from one to
 * another is never without a source, and stays. */
bool declare_rows_add(const struct ipvl_columns *c, struct txn *txn, struct row *host,
		      const char *source, const struct document *d,
		      const struct document *const *others, size_t n_others,
		      struct document_errors *errors) MUST_CHECK;
void declare_rows_forget(const struct ipvl_columns *c, struct txn *txn, struct row *host,
			 const char *source, const struct document *d);

#endif
