/* A JSON value as YAML. */
#ifndef CTL_YAML_H
#define CTL_YAML_H 1

#include <stdio.h>

struct json_object;

/* Writes a document in block style; lists of scalars in flow style, as in netplan's
 * files. It ends in a newline. */
void yaml_print(FILE *out, const struct json_object *v);

#endif
