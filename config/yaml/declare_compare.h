/* The difference of two declarations of one object. */
#ifndef CONFIG_DECLARE_COMPARE_H
#define CONFIG_DECLARE_COMPARE_H 1

#include "datapath/model.h"
#include "lib/err.h"

/* In a few words, as in "mode is l2 there and l3 here"; NULL if they are equal. A master is
 * compared without its slaves. From the arena, or static. */
const char *declare_compare_masters(struct arena *a, const struct model_master *there,
				    const struct model_master *here);
const char *declare_compare_slaves(struct arena *a, const struct model_slave *there,
				   const struct model_slave *here);
/* The complaint about a difference of a slave, or of its master if 's' is NULL, to the
 * declaration by 'source'; 'line' 0: it is not known where. */
struct err *declare_compare_error(struct arena *a, const struct model_master *m,
				  const struct model_slave *s, const char *source,
				  size_t line, const char *difference) MUST_CHECK;

#endif
