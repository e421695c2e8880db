/* The strictness that json-c lacks, as a state machine over bytes, so that a text may be
 * split anywhere and garbage is seen when it comes. Builds no values (json.c has json-c
 * do that, from the text that was found good here) and lets invalid UTF-8 pass
 * (datum_json.c refuses it where it matters). */
#include "ovsdb-lite/json/json_scan.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_number.h"

#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What json-c 0.16 takes for a value, its place in what holds it included: a "{}" needs
 * four hundred times its text. A string's own bytes are counted with the message. */
enum {
	OBJECT_BYTES = 800,
	MEMBER_BYTES = 64, /* beside the value: its name */
	ARRAY_BYTES = 176,
	SCALAR_BYTES = 80,
};

enum state {
	/* Between tokens. */
	STATE_VALUE,
	STATE_FIRST_ELEMENT,
	STATE_FIRST_NAME,
	STATE_NAME,
	STATE_COLON,
	STATE_AFTER_VALUE,
	/* In a string. */
	STATE_STRING,
	STATE_ESCAPE,
	STATE_HEX,
	STATE_LOW_BACKSLASH, /* after a high surrogate only \uDC00 to \uDFFF may come */
	STATE_LOW_U,
	/* In a number (RFC 8259 6). */
	STATE_MINUS,
	STATE_ZERO,
	STATE_INTEGER,
	STATE_POINT,
	STATE_FRACTION,
	STATE_E,
	STATE_E_SIGN,
	STATE_EXPONENT,

	STATE_LITERAL, /* in true, false, null */
	STATE_DONE,
};

struct json_scan {
	enum state state;
	bool is_name;             /* the string is a member's name */
	bool wants_low;           /* \uXXXX must be a low surrogate */
	unsigned int code, n_hex; /* of \uXXXX */
	const char *literal;      /* what must still come */
	size_t number;            /* where the number begins in 'text' */
	char *text;
	size_t n, cap;
	size_t n_bytes,
		max_bytes; /* taken for this value, white space before it not counted */
	size_t tree_bytes, max_tree_bytes;
	unsigned int depth, max_depth;
	bool is_object[JSON_MAX_DEPTH]; /* what is open at each depth */
};

/* What a byte did. */
enum verdict {
	VERDICT_TAKEN,
	VERDICT_AGAIN, /* it ends a number: look at it in the new state */
	VERDICT_UNEXPECTED,
	VERDICT_TOO_DEEP,
	VERDICT_NUL,
	VERDICT_SURROGATE,
	VERDICT_HUGE,
};

struct json_scan *json_scan_new(size_t max_bytes)
{
	struct json_scan *s = xcalloc(1, sizeof(*s));

	assert(max_bytes <= JSON_SCAN_MAX_BYTES);
	s->max_bytes = max_bytes;
	s->max_tree_bytes = SIZE_MAX;
	json_scan_restart(s);
	return s;
}

void json_scan_limit_tree(struct json_scan *s, size_t max_tree_bytes)
{
	s->max_tree_bytes = max_tree_bytes;
}

size_t json_scan_tree_bytes(const struct json_scan *s)
{
	return s->tree_bytes;
}

void json_scan_free(struct json_scan *s)
{
	if (!s)
		return;
	free(s->text);
	free(s);
}

void json_scan_restart(struct json_scan *s)
{
	/* One huge message must not hold its memory for as long as the connection lasts.
	 */
	enum { KEEP_BYTES = 65536 };

	s->state = STATE_VALUE;
	s->n = s->n_bytes = 0;
	s->depth = s->max_depth = 0;
	if (s->cap > KEEP_BYTES) {
		free(s->text);
		s->text = NULL;
		s->cap = 0;
	}
}

const char *json_scan_text(const struct json_scan *s, size_t *ret_n)
{
	assert(s->state == STATE_DONE);
	*ret_n = s->n;
	return s->text;
}

unsigned int json_scan_depth(const struct json_scan *s)
{
	return s->max_depth;
}

static void append(struct json_scan *s, const char *data, size_t n)
{
	if (s->n + n + 1 > s->cap) {
		s->cap = s->cap * 2 > s->n + n + 1 ? s->cap * 2 : s->n + n + 64;
		s->text = xrealloc_array(s->text, s->cap, 1);
	}
	memcpy(s->text + s->n, data, n);
	s->n += n;
	s->text[s->n] = '\0';
}

static void append_byte(struct json_scan *s, char c)
{
	append(s, &c, 1);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Rewrites the number that ends here as json_scan_text() promises. */
static enum verdict end_number(struct json_scan *s)
{
	const char *number = s->text + s->number;
	bool is_written_whole = !strpbrk(number, ".eE");
	char text[32];
	int64_t i;

	s->state = STATE_AFTER_VALUE;
	switch (json_number_read(number, &i)) {
	case JSON_NUMBER_INTEGER:
		if (is_written_whole)
			break;
		s->n = s->number;
		append(s, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, i));
		break;
	case JSON_NUMBER_REAL:
		/* Without a point json-c would take it for an integer. */
		if (is_written_whole)
			append(s, ".0", 2);
		break;
	case JSON_NUMBER_OUT_OF_RANGE:
		return VERDICT_HUGE;
	}
	return VERDICT_AGAIN;
}

static enum verdict in_number(struct json_scan *s, char c)
{
	bool may_end = s->state == STATE_ZERO || s->state == STATE_INTEGER ||
		       s->state == STATE_FRACTION || s->state == STATE_EXPONENT;
	bool before_e = may_end && s->state != STATE_EXPONENT;

	if (is_digit(c) && s->state != STATE_ZERO) {
		if (s->state == STATE_MINUS)
			s->state = c == '0' ? STATE_ZERO : STATE_INTEGER;
		else if (s->state == STATE_POINT)
			s->state = STATE_FRACTION;
		else if (s->state == STATE_E || s->state == STATE_E_SIGN)
			s->state = STATE_EXPONENT;
	} else if (c == '.' && (s->state == STATE_ZERO || s->state == STATE_INTEGER)) {
		s->state = STATE_POINT;
	} else if ((c == 'e' || c == 'E') && before_e) {
		s->state = STATE_E;
	} else if ((c == '+' || c == '-') && s->state == STATE_E) {
		s->state = STATE_E_SIGN;
	} else if (may_end && !is_digit(c)) {
		return end_number(s);
	} else {
		return VERDICT_UNEXPECTED;
	}
	append_byte(s, c);
	return VERDICT_TAKEN;
}

static enum verdict open_container(struct json_scan *s, bool is_object)
{
	if (s->depth == JSON_MAX_DEPTH)
		return VERDICT_TOO_DEEP;
	s->is_object[s->depth++] = is_object;
	if (s->depth > s->max_depth)
		s->max_depth = s->depth;
	s->state = is_object ? STATE_FIRST_NAME : STATE_FIRST_ELEMENT;
	return VERDICT_TAKEN;
}

static enum verdict close_container(struct json_scan *s, char c)
{
	if (!s->depth || s->is_object[s->depth - 1] != (c == '}'))
		return VERDICT_UNEXPECTED;
	s->depth--;
	s->state = STATE_AFTER_VALUE;
	return VERDICT_TAKEN;
}

static enum verdict begin_value(struct json_scan *s, char c)
{
	if (!s->n)
		s->tree_bytes = 0;
	s->tree_bytes += c == '{' ? OBJECT_BYTES : c == '[' ? ARRAY_BYTES : SCALAR_BYTES;
	switch (c) {
	case '{':
	case '[':
		return open_container(s, c == '{');
	case '"':
		s->is_name = false;
		s->state = STATE_STRING;
		return VERDICT_TAKEN;
	case 't':
	case 'f':
	case 'n':
		s->literal = c == 't' ? "rue" : c == 'f' ? "alse" : "ull";
		s->state = STATE_LITERAL;
		return VERDICT_TAKEN;
	default:
		if (c != '-' && !is_digit(c))
			return VERDICT_UNEXPECTED;
		s->number = s->n;
		s->state = c == '-' ? STATE_MINUS : c == '0' ? STATE_ZERO : STATE_INTEGER;
		return VERDICT_TAKEN;
	}
}

static enum verdict between_tokens(struct json_scan *s, char c)
{
	enum verdict v = VERDICT_UNEXPECTED;

	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return VERDICT_TAKEN; /* and not kept */
	if (s->state == STATE_VALUE || (s->state == STATE_FIRST_ELEMENT && c != ']')) {
		v = begin_value(s, c);
	} else if (s->state == STATE_FIRST_ELEMENT ||
		   (s->state == STATE_FIRST_NAME && c == '}')) {
		v = close_container(s, c);
	} else if (s->state == STATE_FIRST_NAME || s->state == STATE_NAME) {
		if (c == '"') {
			s->is_name = true;
			s->tree_bytes += MEMBER_BYTES;
			s->state = STATE_STRING;
			v = VERDICT_TAKEN;
		}
	} else if (s->state == STATE_COLON) {
		if (c == ':') {
			s->state = STATE_VALUE;
			v = VERDICT_TAKEN;
		}
	} else if (c == ',' && s->depth) {
		s->state = s->is_object[s->depth - 1] ? STATE_NAME : STATE_VALUE;
		v = VERDICT_TAKEN;
	} else if (c == ']' || c == '}') {
		v = close_container(s, c);
	}
	if (v == VERDICT_TAKEN)
		append_byte(s, c);
	return v;
}

static enum verdict in_hex(struct json_scan *s, char c)
{
	unsigned int digit;

	if (is_digit(c))
		digit = (unsigned int)(c - '0');
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		digit = (unsigned int)((c | 0x20) - 'a' + 10);
	else
		return VERDICT_UNEXPECTED;
	append_byte(s, c);
	s->code = s->code << 4 | digit;
	if (++s->n_hex < 4)
		return VERDICT_TAKEN;
	if (!s->code)
		return VERDICT_NUL;
	if ((s->code >= 0xdc00 && s->code <= 0xdfff) != s->wants_low)
		return VERDICT_SURROGATE;
	s->wants_low = s->code >= 0xd800 && s->code <= 0xdbff;
	s->state = s->wants_low ? STATE_LOW_BACKSLASH : STATE_STRING;
	return VERDICT_TAKEN;
}

/* In a string, at a byte that is not an ordinary character. */
static enum verdict in_string(struct json_scan *s, char c)
{
	if (s->state == STATE_HEX)
		return in_hex(s, c);
	if (s->state == STATE_LOW_BACKSLASH || s->state == STATE_LOW_U) {
		if (c != (s->state == STATE_LOW_U ? 'u' : '\\'))
			return VERDICT_SURROGATE;
	} else if (s->state == STATE_ESCAPE) {
		if (!c || !strchr("\"\\/bfnrtu", c))
			return VERDICT_UNEXPECTED;
	} else if ((unsigned char)c < ' ') {
		return c ? VERDICT_UNEXPECTED : VERDICT_NUL;
	}
	append_byte(s, c);
	if (s->state == STATE_LOW_BACKSLASH) {
		s->state = STATE_LOW_U;
	} else if (s->state == STATE_LOW_U || (s->state == STATE_ESCAPE && c == 'u')) {
		s->code = s->n_hex = 0;
		s->state = STATE_HEX;
	} else if (s->state == STATE_ESCAPE) {
		s->state = STATE_STRING;
	} else if (c == '\\') {
		s->wants_low = false;
		s->state = STATE_ESCAPE;
	} else if (c == '"') {
		s->state = s->is_name ? STATE_COLON : STATE_AFTER_VALUE;
	}
	return VERDICT_TAKEN;
}

static enum verdict in_literal(struct json_scan *s, char c)
{
	if (c != *s->literal)
		return VERDICT_UNEXPECTED;
	append_byte(s, c);
	if (!*++s->literal)
		s->state = STATE_AFTER_VALUE;
	return VERDICT_TAKEN;
}

static enum verdict step(struct json_scan *s, char c)
{
	switch (s->state) {
	case STATE_VALUE:
	case STATE_FIRST_ELEMENT:
	case STATE_FIRST_NAME:
	case STATE_NAME:
	case STATE_COLON:
	case STATE_AFTER_VALUE:
		return between_tokens(s, c);
	case STATE_STRING:
	case STATE_ESCAPE:
	case STATE_HEX:
	case STATE_LOW_BACKSLASH:
	case STATE_LOW_U:
		return in_string(s, c);
	case STATE_MINUS:
	case STATE_ZERO:
	case STATE_INTEGER:
	case STATE_POINT:
	case STATE_FRACTION:
	case STATE_E:
	case STATE_E_SIGN:
	case STATE_EXPONENT:
		return in_number(s, c);
	case STATE_LITERAL:
		return in_literal(s, c);
	case STATE_DONE:
		break;
	}
	return VERDICT_UNEXPECTED;
}

static const char *expectation(const struct json_scan *s)
{
	bool in_object = s->depth && s->is_object[s->depth - 1];

	switch (s->state) {
	case STATE_VALUE:
		return "a value";
	case STATE_FIRST_ELEMENT:
		return "a value or ']'";
	case STATE_FIRST_NAME:
		return "a member's name in quotes or '}'";
	case STATE_NAME:
		return "a member's name in quotes";
	case STATE_COLON:
		return "':'";
	case STATE_AFTER_VALUE:
	case STATE_DONE:
		return !s->depth ? "the end" : in_object ? "',' or '}'" : "',' or ']'";
	case STATE_STRING:
		return "the string to go on";
	case STATE_ESCAPE:
		return "one of \"\\/bfnrtu after the backslash";
	case STATE_HEX:
		return "four hexadecimal digits after \\u";
	case STATE_LOW_BACKSLASH:
	case STATE_LOW_U:
		return "the second half of a surrogate pair";
	case STATE_MINUS:
	case STATE_POINT:
	case STATE_E:
	case STATE_E_SIGN:
		return "a digit";
	case STATE_ZERO:
		return "no digit after a leading zero";
	case STATE_INTEGER:
	case STATE_FRACTION:
	case STATE_EXPONENT:
		return "the end of the number";
	case STATE_LITERAL:
		return "true, false or null";
	}
	return "";
}

static struct err *refusal(const struct json_scan *s, enum verdict v, char c)
{
	switch (v) {
	case VERDICT_TOO_DEEP:
		return err_new(ERR_SYNTAX,
			       "not taken as JSON: nested deeper than %d levels",
			       JSON_MAX_DEPTH);
	case VERDICT_NUL:
		return err_new(ERR_SYNTAX,
			       "not taken as JSON: a string contains a NUL character");
	case VERDICT_SURROGATE:
		return err_new(ERR_SYNTAX, "not taken as JSON: half of a surrogate pair");
	case VERDICT_HUGE:
		return err_new(ERR_SYNTAX, "not taken as JSON: a number is out of range");
	case VERDICT_UNEXPECTED:
	case VERDICT_TAKEN:
	case VERDICT_AGAIN:
		break;
	}
	if ((unsigned char)c > ' ' && (unsigned char)c < 0x7f)
		return err_new(ERR_SYNTAX, "not valid JSON: expected %s, found '%c'",
			       expectation(s), c);
	return err_new(ERR_SYNTAX, "not valid JSON: expected %s, found byte 0x%02x",
		       expectation(s), (unsigned char)c);
}

struct err *json_scan_ends_early(const struct json_scan *s)
{
	if (!s->n)
		return err_new(ERR_SYNTAX, "not valid JSON: it is empty");
	return err_new(ERR_SYNTAX, "not valid JSON: it ends where %s should come",
		       expectation(s));
}

/* How many of the bytes are ordinary characters of a string. */
static size_t ordinary(const char *data, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)data[i] >= ' ' && data[i] != '"' &&
	       data[i] != '\\')
		i++;
	return i;
}

struct err *json_scan_feed(struct json_scan *s, const char *data, size_t n,
			   size_t *ret_used, bool *ret_complete)
{
	size_t used = 0;

	while (used < n) {
		size_t run =
			s->state == STATE_STRING ? ordinary(data + used, n - used) : 0;

		if (run) {
			append(s, data + used, run);
		} else {
			enum verdict v = step(s, data[used]);

			run = v == VERDICT_TAKEN;
			if (v > VERDICT_AGAIN) {
				*ret_used = used;
				return refusal(s, v, data[used]);
			}
		}
		used += run;
		s->n_bytes += s->n ? run : 0;
		if (s->n_bytes > s->max_bytes) {
			*ret_used = used;
			return err_new(ERR_LIMIT, "a message is larger than %zu bytes",
				       s->max_bytes);
		}
		if (s->tree_bytes > s->max_tree_bytes) {
			*ret_used = used;
			return err_new(ERR_LIMIT,
				       "the values of a message would take "
				       "more than %zu bytes",
				       s->max_tree_bytes);
		}
		if (s->state == STATE_AFTER_VALUE && !s->depth) {
			s->state = STATE_DONE;
			break;
		}
	}
	*ret_used = used;
	*ret_complete = s->state == STATE_DONE;
	return NULL;
}
