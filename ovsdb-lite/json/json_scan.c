/* The grammar of JSON as a state machine over bytes, so that a text may be split anywhere
 * and the first wrong byte is an error at once. Every byte is read once: json_build.c makes
 * the values meanwhile. Invalid UTF-8 passes (datum_json.c refuses it where it matters). */
#include "ovsdb-lite/json/json_scan.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_build.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
	bool is_name;   /* the string is a member's name */
	bool has_begun; /* something of the value was read, not white space only */
	unsigned int code, n_hex; /* of \uXXXX */
	unsigned int high;        /* the surrogate before it, or 0 */
	/* true, false or null, and the part that must still come. */
	const char *literal, *rest;
	struct json_build *build;
	/* Of this value, white space before it not counted. */
	size_t n_bytes, max_bytes;
	size_t max_tree_bytes;
};

/* What a byte did. */
enum verdict {
	VERDICT_TAKEN,
	VERDICT_AGAIN, /* it ends a number: step() must see it again */
	VERDICT_UNEXPECTED,
	VERDICT_TOO_DEEP,
	VERDICT_NUL,
	VERDICT_SURROGATE,
	VERDICT_HUGE,
};

struct json_scan *json_scan_new(size_t max_bytes)
{
	struct json_scan *s = xcalloc(1, sizeof(*s));

	assert(max_bytes <= JSON_MAX_BYTES);
	s->build = json_build_new();
	s->max_bytes = max_bytes;
	s->max_tree_bytes = SIZE_MAX;
	s->state = STATE_VALUE;
	return s;
}

void json_scan_limit_tree(struct json_scan *s, size_t max_tree_bytes)
{
	s->max_tree_bytes = max_tree_bytes;
}

size_t json_scan_tree_bytes(const struct json_scan *s)
{
	return json_build_bytes(s->build);
}

size_t json_scan_partial_bytes(const struct json_scan *s)
{
	return json_build_partial_bytes(s->build);
}

void json_scan_free(struct json_scan *s)
{
	if (!s)
		return;
	json_build_free(s->build);
	free(s);
}

struct json_object *json_scan_take(struct json_scan *s)
{
	assert(s->state == STATE_DONE);
	s->state = STATE_VALUE;
	s->has_begun = false;
	s->n_bytes = 0;
	return json_build_take(s->build);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static enum verdict end_number(struct json_scan *s)
{
	s->state = STATE_AFTER_VALUE;
	return json_build_number(s->build) == JSON_NUMBER_OUT_OF_RANGE ? VERDICT_HUGE
								       : VERDICT_AGAIN;
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
	json_build_append(s->build, &c, 1);
	return VERDICT_TAKEN;
}

static enum verdict open_container(struct json_scan *s, bool is_object)
{
	if (json_build_depth(s->build) == JSON_MAX_DEPTH)
		return VERDICT_TOO_DEEP;
	json_build_open(s->build, is_object);
	s->state = is_object ? STATE_FIRST_NAME : STATE_FIRST_ELEMENT;
	return VERDICT_TAKEN;
}

static enum verdict close_container(struct json_scan *s, char c)
{
	if (!json_build_depth(s->build) ||
	    json_build_is_in_object(s->build) != (c == '}'))
		return VERDICT_UNEXPECTED;
	json_build_close(s->build);
	s->state = STATE_AFTER_VALUE;
	return VERDICT_TAKEN;
}

static enum verdict in_literal(struct json_scan *s, char c)
{
	if (c != *s->rest)
		return VERDICT_UNEXPECTED;
	if (*++s->rest)
		return VERDICT_TAKEN;
	json_build_add(s->build, *s->literal == 'n' ? json_null()
						    : json_boolean(*s->literal == 't'));
	s->state = STATE_AFTER_VALUE;
	return VERDICT_TAKEN;
}

static enum verdict begin_value(struct json_scan *s, char c)
{
	s->has_begun = true;
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
		s->literal = c == 't' ? "true" : c == 'f' ? "false" : "null";
		s->rest = s->literal + 1;
		s->state = STATE_LITERAL;
		return VERDICT_TAKEN;
	default:
		if (c != '-' && !is_digit(c))
			return VERDICT_UNEXPECTED;
		json_build_append(s->build, &c, 1);
		s->state = c == '-' ? STATE_MINUS : c == '0' ? STATE_ZERO : STATE_INTEGER;
		return VERDICT_TAKEN;
	}
}

static enum verdict between_tokens(struct json_scan *s, char c)
{
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return VERDICT_TAKEN;
	if (s->state == STATE_VALUE || (s->state == STATE_FIRST_ELEMENT && c != ']'))
		return begin_value(s, c);
	if (s->state == STATE_FIRST_ELEMENT || (s->state == STATE_FIRST_NAME && c == '}'))
		return close_container(s, c);
	if (s->state == STATE_AFTER_VALUE && (c == ']' || c == '}'))
		return close_container(s, c);
	if ((s->state == STATE_FIRST_NAME || s->state == STATE_NAME) && c == '"') {
		s->is_name = true;
		s->state = STATE_STRING;
		return VERDICT_TAKEN;
	}
	if (s->state == STATE_COLON && c == ':') {
		s->state = STATE_VALUE;
		return VERDICT_TAKEN;
	}
	if (s->state == STATE_AFTER_VALUE && c == ',' && json_build_depth(s->build)) {
		s->state = json_build_is_in_object(s->build) ? STATE_NAME : STATE_VALUE;
		return VERDICT_TAKEN;
	}
	return VERDICT_UNEXPECTED;
}

static void append_code(struct json_scan *s, unsigned int code)
{
	char utf8[4];
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n; --i; code >>= 6)
		utf8[i] = (char)(0x80 | (code & 0x3f));
	utf8[0] = (char)(first[n] | code);
	json_build_append(s->build, utf8, n);
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
	s->code = s->code << 4 | digit;
	if (++s->n_hex < 4)
		return VERDICT_TAKEN;
	if (!s->code)
		return VERDICT_NUL;
	if ((s->code >= 0xdc00 && s->code <= 0xdfff) != (s->high != 0))
		return VERDICT_SURROGATE;
	if (s->code >= 0xd800 && s->code <= 0xdbff) {
		s->high = s->code;
		s->state = STATE_LOW_BACKSLASH;
		return VERDICT_TAKEN;
	}
	append_code(s, s->high ? 0x10000 + ((s->high - 0xd800) << 10) + (s->code - 0xdc00)
			       : s->code);
	s->high = 0;
	s->state = STATE_STRING;
	return VERDICT_TAKEN;
}

static void begin_hex(struct json_scan *s)
{
	s->code = s->n_hex = 0;
	s->state = STATE_HEX;
}

/* Behind a backslash. */
static enum verdict in_escape(struct json_scan *s, char c)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *name = c ? strchr(names, c) : NULL;

	if (c == 'u') {
		begin_hex(s);
		return VERDICT_TAKEN;
	}
	if (!name)
		return VERDICT_UNEXPECTED;
	json_build_append(s->build, &bytes[name - names], 1);
	s->state = STATE_STRING;
	return VERDICT_TAKEN;
}

/* Behind a high surrogate. */
static enum verdict before_low(struct json_scan *s, char c)
{
	if (c != (s->state == STATE_LOW_U ? 'u' : '\\'))
		return VERDICT_SURROGATE;
	if (s->state == STATE_LOW_U)
		begin_hex(s);
	else
		s->state = STATE_LOW_U;
	return VERDICT_TAKEN;
}

/* 'rest' are its last bytes, which were not appended. */
static void end_string(struct json_scan *s, const char *rest, size_t n)
{
	if (s->is_name)
		json_build_name(s->build, rest, n);
	else
		json_build_string(s->build, rest, n);
	s->state = s->is_name ? STATE_COLON : STATE_AFTER_VALUE;
}

/* In a string, at a byte that is not an ordinary character. */
static enum verdict in_string(struct json_scan *s, char c)
{
	if (c == '\\') {
		s->state = STATE_ESCAPE;
		return VERDICT_TAKEN;
	}
	if (c != '"')
		return c ? VERDICT_UNEXPECTED : VERDICT_NUL;
	end_string(s, "", 0);
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
		return in_string(s, c);
	case STATE_ESCAPE:
		return in_escape(s, c);
	case STATE_HEX:
		return in_hex(s, c);
	case STATE_LOW_BACKSLASH:
	case STATE_LOW_U:
		return before_low(s, c);
	case STATE_LITERAL:
		return in_literal(s, c);
	case STATE_DONE:
		return VERDICT_UNEXPECTED;
	case STATE_MINUS:
	case STATE_ZERO:
	case STATE_INTEGER:
	case STATE_POINT:
	case STATE_FRACTION:
	case STATE_E:
	case STATE_E_SIGN:
	case STATE_EXPONENT:
		break;
	}
	return in_number(s, c);
}

static const char *expectation(const struct json_scan *s)
{
	static const char *const texts[] = {
		[STATE_VALUE] = "a value",
		[STATE_FIRST_ELEMENT] = "a value or ']'",
		[STATE_FIRST_NAME] = "a member's name in quotes or '}'",
		[STATE_NAME] = "a member's name in quotes",
		[STATE_COLON] = "':'",
		[STATE_AFTER_VALUE] = "the end",
		[STATE_STRING] = "the string to go on",
		[STATE_ESCAPE] = "one of \"\\/bfnrtu after the backslash",
		[STATE_HEX] = "four hexadecimal digits after \\u",
		[STATE_LOW_BACKSLASH] = "the second half of a surrogate pair",
		[STATE_LOW_U] = "the second half of a surrogate pair",
		[STATE_MINUS] = "a digit",
		[STATE_ZERO] = "no digit after a leading zero",
		[STATE_INTEGER] = "a digit",
		[STATE_POINT] = "a digit",
		[STATE_FRACTION] = "a digit",
		[STATE_E] = "a digit",
		[STATE_E_SIGN] = "a digit",
		[STATE_EXPONENT] = "a digit",
		[STATE_LITERAL] = "true, false or null",
		[STATE_DONE] = "the end",
	};

	if (s->state == STATE_AFTER_VALUE && json_build_depth(s->build))
		return json_build_is_in_object(s->build) ? "',' or '}'" : "',' or ']'";
	return texts[s->state];
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
	if (!s->has_begun)
		return err_new(ERR_SYNTAX, "not valid JSON: it is empty");
	return err_new(ERR_SYNTAX, "not valid JSON: it ends where %s should come",
		       expectation(s));
}

/* Takes the ordinary characters of a string, and its end where that is among the 'n' bytes.
 * Returns how many bytes that was. */
static size_t take_ordinary(struct json_scan *s, const char *data, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)data[i] >= ' ' && data[i] != '"' &&
	       data[i] != '\\')
		i++;
	if (i < n && data[i] == '"') {
		end_string(s, data, i);
		return i + 1;
	}
	if (i)
		json_build_append(s->build, data, i);
	return i;
}

static struct err *too_large(const struct json_scan *s)
{
	if (s->n_bytes > s->max_bytes)
		return err_new(ERR_LIMIT, "a message is larger than %zu bytes",
			       s->max_bytes);
	return err_new(ERR_LIMIT,
		       "the values of a message would take more than %zu bytes",
		       s->max_tree_bytes);
}

struct err *json_scan_feed(struct json_scan *s, const char *data, size_t n,
			   size_t *ret_used, bool *ret_complete)
{
	size_t used = 0;

	while (used < n) {
		size_t run = s->state == STATE_STRING
				     ? take_ordinary(s, data + used, n - used)
				     : 0;

		if (!run) {
			enum verdict v = step(s, data[used]);

			run = v == VERDICT_TAKEN;
			if (v > VERDICT_AGAIN) {
				*ret_used = used;
				return refusal(s, v, data[used]);
			}
		}
		used += run;
		s->n_bytes += s->has_begun ? run : 0;
		if (s->n_bytes > s->max_bytes ||
		    json_build_bytes(s->build) > s->max_tree_bytes) {
			*ret_used = used;
			return too_large(s);
		}
		if (s->state == STATE_AFTER_VALUE && !json_build_depth(s->build)) {
			s->state = STATE_DONE;
			break;
		}
	}
	*ret_used = used;
	*ret_complete = s->state == STATE_DONE;
	return NULL;
}
