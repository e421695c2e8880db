/* JSON texts, whole and in pieces: json_stream_feed(), json_parse(), json_text().
 *
 * Input: a byte that says how long the pieces are, then the text. Laws: pieces give what
 * the whole gives; a first value is taken exactly if a second, simple reader of RFC 8259
 * takes it, and has the same numbers in it; written out and read again it is the same. */
#include "fuzz.h"

#include "ovsdb-lite/json/json_parse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBERS = 2048 };

/* The second reader. Each function returns what is left, NULL if it does not like it. */
struct reader {
	const char *end;
	unsigned int depth;
	size_t n_members; /* of all objects */
	char *numbers[MAX_NUMBERS];
	size_t n_numbers;
};

static const char *read_value(struct reader *r, const char *p);

static const char *skip_space(const struct reader *r, const char *p)
{
	while (p < r->end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static const char *read_digits(const struct reader *r, const char *p)
{
	const char *begin = p;

	while (p < r->end && *p >= '0' && *p <= '9')
		p++;
	return p > begin ? p : NULL;
}

static const char *read_number(struct reader *r, const char *p)
{
	const char *begin = p;
	char *text;

	p += *p == '-';
	p = p < r->end && *p == '0' ? p + 1 : read_digits(r, p);
	if (p && p < r->end && *p == '.')
		p = read_digits(r, p + 1);
	if (p && p < r->end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < r->end && (*p == '+' || *p == '-');
		p = read_digits(r, p);
	}
	if (!p)
		return NULL;
	text = xstrndup(begin, (size_t)(p - begin));
	if (!isfinite(strtod(text, NULL)))
		p = NULL;
	if (p && r->n_numbers < MAX_NUMBERS)
		r->numbers[r->n_numbers++] = text;
	else
		free(text);
	return p;
}

static const char *read_code(const struct reader *r, const char *p,
			     unsigned int *ret_code)
{
	unsigned int code = 0;

	if (r->end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return NULL;
	for (int i = 2; i < 6; i++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF", *d;

		d = p[i] ? strchr(digits, p[i]) : NULL;
		if (!d)
			return NULL;
		code = code << 4 | (unsigned int)((d - digits) & 15);
	}
	*ret_code = code;
	return p + 6;
}

static const char *read_escape(const struct reader *r, const char *p)
{
	unsigned int code, low;

	if (r->end - p < 2 || !p[1] || !strchr("\"\\/bfnrtu", p[1]))
		return NULL;
	if (p[1] != 'u')
		return p + 2;
	p = read_code(r, p, &code);
	if (!p || !code || code >> 10 == 0x37)
		return NULL;
	if (code >> 10 != 0x36)
		return p;
	p = read_code(r, p, &low);
	return p && low >> 10 == 0x37 ? p : NULL;
}

static const char *read_string(const struct reader *r, const char *p)
{
	if (p == r->end || *p++ != '"')
		return NULL;
	while (p && p < r->end && *p != '"') {
		if ((unsigned char)*p < ' ')
			return NULL;
		p = *p == '\\' ? read_escape(r, p) : p + 1;
	}
	return p && p < r->end ? p + 1 : NULL;
}

static const char *read_member(struct reader *r, const char *p)
{
	p = read_string(r, skip_space(r, p));
	if (!p)
		return NULL;
	p = skip_space(r, p);
	r->n_members++;
	return p < r->end && *p == ':' ? read_value(r, p + 1) : NULL;
}

static const char *read_list(struct reader *r, const char *p, char close)
{
	if (++r->depth > JSON_MAX_DEPTH)
		return NULL;
	p = skip_space(r, p + 1);
	if (p == r->end || *p != close) {
		for (p--;; p = skip_space(r, p)) { /* at what stands before an element */
			p = close == '}' ? read_member(r, p + 1) : read_value(r, p + 1);
			if (!p)
				return NULL;
			p = skip_space(r, p);
			if (p == r->end || *p != ',')
				break;
		}
	}
	r->depth--;
	return p < r->end && *p == close ? p + 1 : NULL;
}

static const char *read_literal(const struct reader *r, const char *p,
				const char *literal)
{
	size_t n = strlen(literal);

	return (size_t)(r->end - p) >= n && !memcmp(p, literal, n) ? p + n : NULL;
}

static const char *read_value(struct reader *r, const char *p)
{
	p = skip_space(r, p);
	if (p == r->end)
		return NULL;
	switch (*p) {
	case '{':
		return read_list(r, p, '}');
	case '[':
		return read_list(r, p, ']');
	case '"':
		return read_string(r, p);
	case 't':
		return read_literal(r, p, "true");
	case 'f':
		return read_literal(r, p, "false");
	case 'n':
		return read_literal(r, p, "null");
	default:
		return read_number(r, p);
	}
}

static bool read_one_value(struct reader *r, const char *text, size_t n)
{
	const char *p;

	r->end = text + n;
	p = read_value(r, text);
	return p && skip_space(r, p) == r->end;
}

/* All values of a text fed in pieces, and how it ended. */
struct reading {
	struct json_object *values;
	bool has_error;
	enum err_code code;
};

static struct reading read_in_pieces(const char *text, size_t n, size_t piece)
{
	struct reading reading = {.values = json_array()};
	struct json_stream *s = json_stream_new(4096);

	while (n && !reading.has_error) {
		struct json_object *value = NULL;
		size_t used = 0;
		/* Its own memory, so that a read beyond its end is seen. */
		size_t n_piece = piece && piece < n ? piece : n;
		CLEANUP(freep) char *copy = xmemdup(text, n_piece);
		struct err *e = json_stream_feed(s, copy, n_piece, &used, &value);

		if (e) {
			reading.code = e->code;
			reading.has_error = !fuzz_ok(e);
			break;
		}
		LAW(value || used == n_piece);
		LAW(used <= n_piece);
		if (value)
			json_add(reading.values, value);
		text += used;
		n -= used;
	}
	json_stream_free(s);
	return reading;
}

static void check_pieces(const char *text, size_t n, size_t piece)
{
	struct reading whole = read_in_pieces(text, n, 0);
	struct reading pieces = read_in_pieces(text, n, piece);

	LAW(whole.has_error == pieces.has_error);
	LAW(!whole.has_error || whole.code == pieces.code);
	LAW(fuzz_same_text(whole.values, pieces.values));
	LAW(json_equals(whole.values, pieces.values));
	json_free(whole.values);
	json_free(pieces.values);
}

/* 17, 17.000: to the last digit. */
static bool is_written_whole(const char *text)
{
	text += strspn(text, "-0123456789");
	if (*text == '.')
		text += 1 + strspn(text + 1, "0");
	return !*text;
}

static void check_number(const struct json_object *v, const char *text)
{
	int64_t i;

	if (!is_written_whole(text)) {
		double d = strtod(text, NULL);

		LAW(isfinite(json_get_real(v)));
		LAW(!(json_get_real(v) < d) && !(json_get_real(v) > d));
		return;
	}
	errno = 0;
	i = strtoll(text, NULL, 10);
	LAW((json_kind(v) == JSON_INTEGER) == !errno);
	LAW(errno || json_get_integer(v) == i);
}

/* What a walk over the tree has met. */
struct walk {
	const struct reader *reader; /* NULL: only count */
	size_t n_members, n_numbers;
};

static void walk(struct walk *w, const struct json_object *v)
{
	switch (json_kind(v)) {
	case JSON_INTEGER:
	case JSON_REAL:
		if (w->reader)
			check_number(v, w->reader->numbers[w->n_numbers]);
		w->n_numbers++;
		break;
	case JSON_STRING:
		LAW(strlen(json_get_string(v)) == json_get_length(v));
		break;
	case JSON_ARRAY:
		for (size_t i = 0; i < json_get_length(v); i++)
			walk(w, json_at(v, i));
		break;
	case JSON_OBJECT:
		for (struct json_iter i = json_iter_begin(v); json_iter_next(&i);) {
			LAW(json_member(v, i.name) == i.value);
			w->n_members++;
			walk(w, i.value);
		}
		break;
	case JSON_NULL:
	case JSON_BOOLEAN:
		break;
	}
}

static void check_value(const struct json_object *v, const struct reader *r)
{
	struct walk w = {0};

	walk(&w, v);
	/* Of a repeated name the last value is left, and in another place. */
	LAW(w.n_members <= r->n_members);
	if (w.n_members < r->n_members || r->n_numbers == MAX_NUMBERS)
		return;
	LAW(w.n_numbers == r->n_numbers);
	w = (struct walk){.reader = r};
	walk(&w, v);
}

static void check_text(const struct json_object *v, char *text)
{
	struct json_object *again;

	fuzz_must(json_parse(text, strlen(text), &again));
	LAW(json_equals(v, again));
	LAW(fuzz_same_text(v, again));
	json_free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data + 1;
	struct reader reader = {0};
	struct json_object *v;
	bool is_taken;

	if (!n)
		return 0;
	check_pieces(text, n - 1, data[0]);
	is_taken = fuzz_ok(json_parse(text, n - 1, &v));
	LAW(is_taken == read_one_value(&reader, text, n - 1));
	if (is_taken) {
		check_value(v, &reader);
		check_text(v, json_text(v));
		check_text(v, json_text_pretty(v));
		json_free(v);
	}
	while (reader.n_numbers)
		free(reader.numbers[--reader.n_numbers]);
	return 0;
}
