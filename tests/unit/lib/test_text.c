/* lib/text: strict numbers, suggestions, UTF-8. */
#include "lib/alloc.h"
#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void unsigned_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max;
		bool taken;
		uint64_t value;
	} cases[] = {
		{"0", 0, 10, true, 0},
		{"10", 0, 10, true, 10},
		{"007", 0, 10, true, 7},
		{"11", 0, 10, false, 0},
		{"0", 1, 10, false, 0},
		{"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", 0, UINT64_MAX, false, 0},
		{"99999999999999999999999", 0, UINT64_MAX, false, 0},
		{"", 0, 10, false, 0},
		{" 1", 0, 10, false, 0},
		{"1 ", 0, 10, false, 0},
		{"+1", 0, 10, false, 0},
		{"-1", 0, 10, false, 0},
		{"0x1", 0, 10, false, 0},
		{"1.0", 0, 10, false, 0},
		{"1e0", 0, 10, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = 77;

		assert_int_equal(
			text_to_uint(cases[i].text, cases[i].min, cases[i].max, &value),
			cases[i].taken);
		assert_true(value == (cases[i].taken ? cases[i].value : 77));
	}
}

static void signed_numbers(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		int64_t value;
	} cases[] = {
		{"0", true, 0},
		{"-0", true, 0},
		{"-1", true, -1},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"-9223372036854775809", false, 0},
		{"--1", false, 0},
		{"-", false, 0},
		{"+1", false, 0},
		{"", false, 0},
		{"- 1", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t value = 77;

		assert_int_equal(text_to_int(cases[i].text, &value), cases[i].taken);
		assert_true(value == (cases[i].taken ? cases[i].value : 77));
	}
}

static void nearest_words(void **state)
{
	static const char *const words[] = {"addresses", "addressing",  "routes",
					    "mtu",       "nameservers", NULL};
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{"adresses", "addresses"},
		{"addreses", "addresses"},
		{"ADDRESSES", "addresses"},
		{"addresing", "addressing"},
		{"route", "routes"},
		{"rotues", "routes"},
		{"mtx", "mtu"},
		{"umt", NULL},
		{"gateway", NULL},
		{"", NULL},
		{"nameserver", "nameservers"},
	};
	char *long_word;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *nearest = text_nearest(cases[i].word, words);

		if (cases[i].nearest)
			assert_string_equal(nearest, cases[i].nearest);
		else
			assert_null(nearest);
	}
	/* Cheap for what is no word. */
	long_word = xmalloc(1000001);
	memset(long_word, 'a', 1000000);
	long_word[1000000] = '\0';
	assert_null(text_nearest(long_word, words));
	free(long_word);
	assert_null(text_nearest("a", (const char *const[]){NULL}));
}

/* RFC 3629 4, its borders. */
static void plain(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", ""},
		{"ipvl-ctl add-master eth0", "ipvl-ctl add-master eth0"},
		{"größe 日本 😀", "größe 日本 😀"},
		{"a\nb\tc\x1b[2J\x7f", "a?b?c?[2J?"},
		{"\xff", "?"},
		{"a\xc3", "a?"},
		{"\xe6\x97z\xf0\x9f\x98\x80\x80", "??z😀?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64];
		size_t n = strlen(cases[i].text);

		memcpy(text, cases[i].text, n + 1);
		text_make_plain(text, n);
		assert_string_equal(text, cases[i].want);
		assert_true(text_is_utf8(text, n));
	}
}

static void utf8(void **state)
{
	static const struct {
		const char *text;
		size_t n, valid;
	} cases[] = {
		{"", 0, 0},
		{"abc\x7f", 4, 4},
		{"a\0b", 3, 1}, /* NUL ends a string, so it is not in one */
		{"\xc2\x80", 2, 2},
		{"\xc1\xbf", 2, 0}, /* too long a form */
		{"\xc3", 1, 0},
		{"\xc3(", 2, 0},
		{"\x80", 1, 0},
		{"\xe0\xa0\x80", 3, 3},
		{"\xe0\x9f\xbf", 3, 0},
		{"\xed\x9f\xbf", 3, 3},
		{"\xed\xa0\x80", 3, 0}, /* a surrogate */
		{"\xef\xbf\xbf", 3, 3},
		{"\xe2\x82", 2, 0},
		{"\xf0\x90\x80\x80", 4, 4},
		{"\xf0\x8f\xbf\xbf", 4, 0},
		{"\xf4\x8f\xbf\xbf", 4, 4},
		{"\xf4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
		{"\xf5\x80\x80\x80", 4, 0},
		{"\xff", 1, 0},
		{"a\xc3\xa4\xff"
		 "b",
		 5, 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(text_utf8_prefix(cases[i].text, cases[i].n),
				 cases[i].valid);
		assert_int_equal(text_is_utf8(cases[i].text, cases[i].n),
				 cases[i].valid == cases[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsigned_numbers),
		cmocka_unit_test(signed_numbers),
		cmocka_unit_test(nearest_words),
		cmocka_unit_test(plain),
		cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
