/* Source routing (Slave.source_routing): traffic from the addresses of a slave leaves by it, and so
 * do the replies to what came in by it.
 *
 * It stands for rules and routes: a rule "from ADDRESS table TABLE" for each address, and in that
 * table the subnets of the addresses and a copy of the slave's own routes of the main table. */
#ifndef CONFIG_ROUTING_SOURCE_H
#define CONFIG_ROUTING_SOURCE_H 1

#include "datapath/model.h"
#include "lib/arena.h"
#include "lib/err.h"

/* Tables that are chosen: 7600000 to 7699999, by a hash of the slave's name, which is unique in a
 * namespace. The same name has the same table on every host, and after every restart. */
#define ROUTING_SOURCE_TABLE_FIRST 7600000U
#define ROUTING_SOURCE_TABLES      100000U

/* 0: it has none. */
uint32_t routing_source_table(const struct model_slave *s);
/* The text of the column: "true", or the number of a table; "" for none. From the arena. */
const char *routing_source_text(struct arena *a, const struct model_slave *s);
/* The inverse, also of the name of a table, and of "false". ERR_INVALID. */
struct err *routing_source_parse(const char *text, struct model_slave *s) MUST_CHECK;
/* Adds the rules and routes that it stands for. One of its own with the same key stays. */
void routing_source_add(struct arena *a, struct model_slave *s);

#endif
