/* What a JSON number's text is worth: an integer (1, 1.0, 1e3) or a real; and a real's
 * text. For json*.c alone. */
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

#define JSON_NUMBER_BYTES 32

/* As a parser would find it: whole numbers that fit are integers ('*ret_integer'), -0.0
 * is 0. Of others, 'text' gets the fewest digits, 15 to 17, that give 'd' again: 0.1
 * rather than 0.10000000000000001. 'd' is finite. */
enum json_number json_number_format(double d, int64_t *ret_integer,
				    char text[JSON_NUMBER_BYTES]);

#endif
