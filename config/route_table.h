/* Names of routing tables, from the files of iproute2. */
#ifndef CONFIG_ROUTE_TABLE_H
#define CONFIG_ROUTE_TABLE_H 1

#include <stdbool.h>
#include <stdint.h>

/* The number of the table called 'name' on this host, as in `ip route … table NAME`.
 * The database contains numbers only: a name is looked up once, when it is read. */
bool route_table_find(const char *name, uint32_t *ret_table);
/* The same in one file; for tests. */
bool route_table_find_in(const char *path, const char *name, uint32_t *ret_table);

#endif
