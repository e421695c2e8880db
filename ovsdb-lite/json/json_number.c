/* Separates integers from reals (RFC 7047 3.1 <integer>, <real>), exact to 64 bits: an integer
 * is never converted by way of a double. json_scan.c has checked that the text is a
 * number. */
#include "ovsdb-lite/json/json_number.h"

#include "lib/text.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number as digits × 10^exponent; 'digits' has no zero at either end and is empty for
 * 0. */
struct decimal {
	bool negative;
	char digits[32]; /* more than an integer of 64 bits has */
	size_t n_digits; /* may be more than fit 'digits' */
	int64_t exponent;
};

static void add_digit(struct decimal *d, char c)
{
	if (d->n_digits < sizeof(d->digits))
		d->digits[d->n_digits] = c;
	d->n_digits++;
}

static struct decimal decimal_of(const char *text)
{
	struct decimal d = {.negative = *text == '-'};
	size_t zeros = 0; /* seen, but not yet followed by another digit */
	bool in_fraction = false;
	int64_t written = 0;

	for (text += d.negative; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
		if (*text == '.') {
			in_fraction = true;
			continue;
		}
		d.exponent -= in_fraction;
		if (*text == '0') {
			zeros += d.n_digits > 0;
			continue;
		}
		for (; zeros; zeros--)
			add_digit(&d, '0');
		add_digit(&d, *text);
	}
	/* Zeros at the end are left to the exponent. */
	d.exponent += (int64_t)zeros;
	if (*text) { /* e or E */
		bool negative = *++text == '-';

		/* Far beyond any length of 'digits', and far from overflow. */
		for (text += *text == '-' || *text == '+'; *text; text++) {
			if (written < INT64_MAX / 100)
				written = written * 10 + (*text - '0');
		}
		d.exponent += negative ? -written : written;
	}
	return d;
}

/* The exact integer if it is one and fits. */
static bool decimal_to_integer(const struct decimal *d, int64_t *ret_i)
{
	char text[32];
	size_t n = d->n_digits;

	if (!n) {
		*ret_i = 0;
		return true;
	}
	/* INT64_MIN has 19 digits. */
	if (d->exponent < 0 || n > 19 || d->exponent > 19 - (int64_t)n)
		return false;
	text[0] = '-';
	memcpy(text + 1, d->digits, n);
	memset(text + 1 + n, '0', (size_t)d->exponent);
	text[1 + n + (size_t)d->exponent] = '\0';
	return text_to_int(text + !d->negative, ret_i);
}

/* strtod(3) follows LC_NUMERIC, which no program here sets. */
enum json_number json_number_read(const char *text, int64_t *ret_integer,
				  double *ret_real)
{
	struct decimal d;
	double real;

	if (text_to_int(text, ret_integer))
		return JSON_NUMBER_INTEGER;
	d = decimal_of(text);
	if (decimal_to_integer(&d, ret_integer))
		return JSON_NUMBER_INTEGER;
	real = strtod(text, NULL);
	if (!isfinite(real))
		return JSON_NUMBER_OUT_OF_RANGE;
	/* A real that rounds to a whole number is that integer:
	 * 1.00000000000000000001, 1e-400. */
	if (d.exponent >= 0 || fabs(real) >= 0x1p53 || trunc(real) < real ||
	    trunc(real) > real) {
		*ret_real = real;
		return JSON_NUMBER_REAL;
	}
	*ret_integer = (int64_t)real;
	return JSON_NUMBER_INTEGER;
}

enum json_number json_number_format(double d, int64_t *ret_integer,
				    char text[JSON_NUMBER_BYTES])
{
	if (d >= -0x1p63 && d < 0x1p63 && !(trunc(d) < d) && !(trunc(d) > d)) {
		*ret_integer = (int64_t)d;
		return JSON_NUMBER_INTEGER;
	}
	for (int digits = 15; digits <= 17; digits++) {
		double again;

		snprintf(text, JSON_NUMBER_BYTES, "%.*g", digits, d);
		again = strtod(text, NULL);
		if (!(again < d) && !(again > d))
			break;
	}
	return JSON_NUMBER_REAL;
}
