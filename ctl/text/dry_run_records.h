/* The same as dry_run_print.c, for programs. */
#ifndef CTL_DRY_RUN_RECORDS_H
#define CTL_DRY_RUN_RECORDS_H 1

#include "ctl/text/dry_run_view.h"

/* A record for each changed row; for each other row that would not be well, or has a warning,
 * or steps; and for each namespace with steps and no changed slave in it. In the format of
 * --format, which is not FORMAT_DEFAULT. */
void dry_run_write_records(const struct view *v, FILE *out);

#endif
