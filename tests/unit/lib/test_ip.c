/* lib/ip: texts in and out, order, what an address is. */
#include "lib/alloc.h"
#include "lib/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_null(ip_addr_parse(text, &a));
	return a;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	assert_null(ip_prefix_parse(text, &p));
	return p;
}

static void canonical_texts(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"10.0.0.2/24", "10.0.0.2/24"},
		{"255.255.255.255/32", "255.255.255.255/32"},
		{"::/0", "::/0"},
		{"2001:DB8:0:0:0:0:0:1/64", "2001:db8::1/64"},
		{"2001:db8::0:1/128", "2001:db8::1/128"},
		{"::ffff:10.0.0.1/96", "::ffff:10.0.0.1/96"},
		{"fe80::1/10", "fe80::1/10"},
	};
	char buf[IP_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_prefix p = prefix(cases[i].in);

		assert_string_equal(ip_prefix_format(&p, buf), cases[i].out);
		*strchr(buf, '/') = '\0';
		assert_string_equal(
			ip_addr_format(&(struct ip_addr){0}, (char[IP_TEXT_BYTES]){0}),
			"none");
		struct ip_addr a = addr(buf);
		assert_int_equal(ip_addr_cmp(&a, &p.addr), 0);
	}
}

static void refuses_addresses(void **state)
{
	static const char *const bad[] = {
		"",           "10.0.0",    "10.0.0.256", "10.0.0.1.2",
		" 10.0.0.1",  "10.0.0.1 ", "010.0.0.1",  "10.0.0.1/24",
		"0x0a.0.0.1", "example",   ":",          ":::",
		"1::2::3",    "12345::",   "fe80::1%lo", "g::",
	};
	struct ip_addr a = {.family = 77};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err *e = ip_addr_parse(bad[i], &a);

		if (!e)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(e->code, ERR_INVALID);
		err_free(e);
	}
	assert_int_equal(a.family, 77);
}

/* RFC 4007 11: of an address with a scope the address is meant, and nothing else is
 * guessed. */
static void names_a_scope(void **state)
{
	static const struct {
		const char *text, *hint; /* NULL: none */
	} cases[] = {
		{"fe80::1%lo", "leave out %lo"},
		{"2001:db8::1%eth0", "leave out %eth0"},
		{"10.0.0.1%lo", NULL},
		{"g::%lo", NULL},
		{"%lo", NULL},
		{"fe80::1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_addr a;
		struct err *e = ip_addr_parse(cases[i].text, &a);

		if (e && cases[i].hint)
			assert_string_equal(e->hint, cases[i].hint);
		else if (e)
			assert_null(e->hint);
		err_free(e);
	}
}

static void refuses_prefixes(void **state)
{
	static const struct {
		/* NULL: not looked at; "": it has no hint. */
		const char *text, *message, *hint;
	} cases[] = {
		{"10.0.0.1/33", "the prefix length of 10.0.0.1/33 must be 0 to 32", NULL},
		{"::1/129", "the prefix length of ::1/129 must be 0 to 128", NULL},
		{"10.0.0.1/", NULL, NULL},
		{"10.0.0.1/-1", NULL, NULL},
		{"10.0.0.1/+8", NULL, NULL},
		{"10.0.0.1/8 ", NULL, NULL},
		{"10.0.0.1/8/8", NULL, NULL},
		{"10.0.0.1/255.0.0.0",
		 "the prefix length of 10.0.0.1/255.0.0.0 must be 0 "
		 "to 32",
		 "write 10.0.0.1/8"},
		{"10.0.0.1/255.255.254.0", NULL, "write 10.0.0.1/23"},
		{"10.0.0.1/255.255.255.255", NULL, "write 10.0.0.1/32"},
		{"10.0.0.1/0.0.0.0", NULL, "write 10.0.0.1/0"},
		{"10.0.0.1/255.0.255.0", NULL, ""},
		{"10.0.0.1/0.0.0.1", NULL, ""},
		{"::1/255.0.0.0", NULL, ""},
		{"/24", NULL, NULL},
		{"10.0.0.1", NULL,
		 "write the subnet's length, as in 10.0.0.1/24 (or 10.0.0.1/32 if a host "
		 "alone is "
		 "meant)"},
		{"fe80::1", NULL,
		 "write the subnet's length, as in fe80::1/64 (or fe80::1/128 if a host "
		 "alone is "
		 "meant)"},
		{"1111111111111111111111111111111111111111111111111111111111111111111111/"
		 "1",
		 NULL, NULL},
	};
	struct ip_prefix p = {.len = 77};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err *e = ip_prefix_parse(cases[i].text, &p);

		if (!e)
			fail_msg("\"%s\" was taken", cases[i].text);
		assert_int_equal(e->code, ERR_INVALID);
		if (cases[i].message)
			assert_string_equal(e->message, cases[i].message);
		if (cases[i].hint)
			assert_string_equal(e->hint ? e->hint : "", cases[i].hint);
		err_free(e);
	}
	assert_int_equal(p.len, 77);
}

static void order(void **state)
{
	static const char *const in_order[] = {
		"0.0.0.0/0",   "9.255.0.0/8", "10.0.0.0/8",    "10.0.0.0/16",
		"10.0.0.1/16", "::/0",        "2001:db8::/32", "2001:db8::1/32",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(in_order); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(in_order); k++) {
			struct ip_prefix a = prefix(in_order[i]), b = prefix(in_order[k]);
			int c = ip_prefix_cmp(&a, &b);

			assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
		}
	}
}

static void containment(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool contains;
	} cases[] = {
		{"10.0.0.0/24", "10.0.0.255", true},
		{"10.0.0.0/24", "10.0.1.0", false},
		{"10.0.0.77/24", "10.0.0.1", true}, /* host bits do not matter */
		{"10.0.0.128/25", "10.0.0.127", false},
		{"10.0.0.1/32", "10.0.0.1", true},
		{"10.0.0.1/32", "10.0.0.2", false},
		{"0.0.0.0/0", "255.1.2.3", true},
		{"0.0.0.0/0", "::", false},
		{"::/0", "0.0.0.0", false},
		{"2001:db8::/33", "2001:db8:7fff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"::1/128", "::1", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_prefix p = prefix(cases[i].prefix);
		struct ip_addr a = addr(cases[i].addr);

		assert_int_equal(ip_prefix_contains(&p, &a), cases[i].contains);
	}
}

static void networks(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"10.1.2.3/0", "0.0.0.0/0"},
		{"10.1.2.255/25", "10.1.2.128/25"},
		{"10.1.2.3/24", "10.1.2.0/24"},
		{"10.1.2.3/32", "10.1.2.3/32"},
		{"2001:db8::1/64", "2001:db8::/64"},
		{"ffff::1/9", "ff80::/9"},
		{"::1/128", "::1/128"},
	};
	char buf[IP_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_prefix p = prefix(cases[i].in), net = ip_prefix_network(&p);

		assert_string_equal(ip_prefix_format(&net, buf), cases[i].out);
	}
}

static void kinds(void **state)
{
	static const struct {
		const char *text;
		bool link_local, multicast, unspecified;
	} cases[] = {
		{"169.254.0.1", true, false, false},
		{"169.253.0.1", false, false, false},
		{"224.0.0.1", false, true, false},
		{"239.255.255.255", false, true, false},
		{"240.0.0.1", false, false, false},
		{"0.0.0.0", false, false, true},
		{"0.0.0.1", false, false, false},
		{"fe80::1", true, false, false},
		{"febf::1", true, false, false},
		{"fec0::1", false, false, false},
		{"ff02::1", false, true, false},
		{"::", false, false, true},
		{"::1", false, false, false},
	};
	struct ip_prefix p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_addr a = addr(cases[i].text);

		assert_int_equal(ip_addr_is_link_local(&a), cases[i].link_local);
		assert_int_equal(ip_addr_is_multicast(&a), cases[i].multicast);
		assert_int_equal(ip_addr_is_unspecified(&a), cases[i].unspecified);
	}
	p = prefix("0.0.0.0/0");
	assert_true(ip_prefix_is_default(&p));
	p = prefix("::/0");
	assert_true(ip_prefix_is_default(&p));
	p = prefix("0.0.0.0/1");
	assert_false(ip_prefix_is_default(&p));
	p = prefix("128.0.0.0/0");
	assert_false(ip_prefix_is_default(&p));
	assert_int_equal(ip_addr_bits(&(struct ip_addr){.family = AF_INET}), 32);
	assert_int_equal(ip_addr_bytes(&(struct ip_addr){.family = AF_INET6}), 16);
	assert_int_equal(ip_addr_bits(&(struct ip_addr){0}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_texts), cmocka_unit_test(refuses_addresses),
		cmocka_unit_test(names_a_scope),   cmocka_unit_test(refuses_prefixes),
		cmocka_unit_test(order),           cmocka_unit_test(containment),
		cmocka_unit_test(networks),        cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
