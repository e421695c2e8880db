/* A JSON value as YAML. */
#ifndef CTL_YAML_H
#define CTL_YAML_H 1

#include <stdio.h>

struct json_object;

/* A document in block style; lists of single values in flow style, as netplan's files
 * have them. It ends in a newline. */
void yaml_print(FILE *out, const struct json_object *v);

#endif
