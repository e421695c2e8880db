/* Rows as the page gets them: JSON objects with the columns that it shows. */
#ifndef RECONCILER_WEB_WEB_ROWS_H
#define RECONCILER_WEB_WEB_ROWS_H 1

#include "config/rows.h"

/* The tables, in the order in which a new page gets them. */
enum web_table { WEB_HOST, WEB_MASTER, WEB_SLAVE, WEB_DRIFT, WEB_N_TABLES };

const char *web_table_name(enum web_table t);
const struct table *web_table_of(const struct ipvl_columns *c, enum web_table t);
/* WEB_N_TABLES if the page does not show it. */
enum web_table web_table_find(const struct ipvl_columns *c, const struct table *t);

/* An object, owned by the caller; JSON null if there is no such row. */
struct json_object *web_row_json(const struct ipvl_columns *c, enum web_table t,
				 const struct uuid *uuid);

#endif
