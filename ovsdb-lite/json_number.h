/* What a JSON number's text is worth: an integer (1, 1.0, 1e3) or a real. For json_scan.c
 * alone. */
#ifndef OVSDB_JSON_NUMBER_H
#define OVSDB_JSON_NUMBER_H 1

#include <stdint.h>

enum json_number {
	JSON_NUMBER_INTEGER, /* whole, and fits 64 bits */
	JSON_NUMBER_REAL,
	JSON_NUMBER_OUT_OF_RANGE, /* beyond a double */
};

/* 'text' keeps to RFC 8259 6. '*ret_integer' is written for JSON_NUMBER_INTEGER only, and
 * exact. */
enum json_number json_number_read(const char *text, int64_t *ret_integer);

#endif
