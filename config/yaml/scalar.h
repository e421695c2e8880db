/* Texts as scalars of YAML. */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H 1

#include <stdio.h>

/* Bare if no reader of YAML 1.1 or 1.2 can take it for anything but text, in every place;
 * else in double quotes. 's' is valid UTF-8. */
void scalar_print(FILE *out, const char *s);

/* Likewise an address, a prefix or a range of them: IPv4 is never taken for a number; in IPv6 a
 * colon could end a key. */
void scalar_print_address(FILE *out, const char *text);

#endif
