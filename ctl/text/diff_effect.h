/* The effect of a change of a master on its slaves. Private to ctl/text/. */
#ifndef CTL_DIFF_EFFECT_H
#define CTL_DIFF_EFFECT_H 1

#include "ctl/session/context.h"

/* "2 slaves keep running"; "" if none does. */
const char *diff_effect_kept(const struct context *ctx, const struct row *master);
/* Its slaves become other devices. */
bool diff_effect_remakes_slaves(const struct context *ctx, const struct change *c);
/* "2 slaves keep running, ARP and broadcast stop", where they do not. */
const char *diff_effect_text(const struct context *ctx, const struct change *c);

#endif
