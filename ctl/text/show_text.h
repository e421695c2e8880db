/* `show` for people. */
#ifndef CTL_SHOW_TEXT_H
#define CTL_SHOW_TEXT_H 1

#include "ctl/text/show_select.h"

#include <stdbool.h>
#include <stddef.h>

/* 'is_offline': no row has a state, since no daemon has read the database, or it is as it
 * was earlier. */
void show_text(const struct context *ctx, const struct shown *shown, size_t n,
	       bool is_offline);

#endif
