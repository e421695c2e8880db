/* A picture as a graph for Graphviz. */
#ifndef CTL_PICTURE_DOT_H
#define CTL_PICTURE_DOT_H 1

#include "ctl/picture/picture.h"

#include <stdio.h>

/* In the language of dot(1): masters and slaves are nodes, named by "master" or "slave", a
 * blank and the label; namespaces are clusters. */
void picture_print_dot(const struct picture *p, FILE *out);

#endif
