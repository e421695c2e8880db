/* The value of a JSON number's text, an integer (1, 1.0, 1e3) or a real, and the text of a
 * real. For json*.c alone. */
#ifndef OVSDB_JSON_NUMBER_H
#define OVSDB_JSON_NUMBER_H 1

#include <stdint.h>

enum json_number {
	JSON_NUMBER_INTEGER, /* whole, and fits 64 bits */
	JSON_NUMBER_REAL,
	JSON_NUMBER_OUT_OF_RANGE, /* beyond a double */
};

/* 'text' keeps to RFC 8259 6. '*ret_integer' is exact, and written for JSON_NUMBER_INTEGER
 * only; '*ret_real' for JSON_NUMBER_REAL only. */
enum json_number json_number_read(const char *text, int64_t *ret_integer,
				  double *ret_real);

#define JSON_NUMBER_BYTES 32

/* As json_number_read() would read it: whole numbers that fit are integers
 * ('*ret_integer'), -0.0 is 0. For others, 'text' gets the fewest digits, 15 to 17, that
 * give 'd' again: 0.1 rather than 0.10000000000000001. 'd' is finite. */
enum json_number json_number_format(double d, int64_t *ret_integer,
				    char text[JSON_NUMBER_BYTES]);

#endif
