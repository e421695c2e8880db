/* How long a test waits for what must come. Minutes: no test depends on the machine's
 * speed, and only a fault waits so long. tests/patience.py has the same for Python. */
#ifndef TESTS_UNIT_PATIENCE_H
#define TESTS_UNIT_PATIENCE_H 1

#include <stdint.h>
#include <stdlib.h>

static inline int64_t patience_ms(void)
{
	const char *slow = getenv("IPVL_SLOW");

	return (int64_t)(120000 * (slow ? strtod(slow, NULL) : 1));
}

#endif
