/* A picture as SVG. */
#ifndef CTL_PICTURE_SVG_H
#define CTL_PICTURE_SVG_H 1

#include "ctl/picture/picture.h"

#include <stdio.h>

/* Each master is a bar, below it are the namespaces as frames with their slaves, joined to
 * the bar. The same picture is the same bytes. Texts are wrapped, never cut; colours follow
 * the viewer's (light or dark), and words say what they say. */
void picture_print_svg(const struct picture *p, FILE *out);

#endif
