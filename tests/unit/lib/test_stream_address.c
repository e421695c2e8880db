/* lib/stream_address: a row a text, with what it means or what is said. */
#include "lib/alloc.h"
#include "lib/stream_address.h"
#include "stream_ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void good_addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *canonical; /* NULL: the same */
		enum stream_kind kind;
		bool is_passive;
		int family;
	} cases[] = {
		{"unix:/run/x", NULL, STREAM_UNIX, false, AF_UNIX},
		{"unix:x:y,z", NULL, STREAM_UNIX, false, AF_UNIX},
		{"punix:/run/x", NULL, STREAM_UNIX, true, AF_UNIX},
		{"tcp:127.0.0.1:6640", NULL, STREAM_TCP, false, AF_INET},
		{"tcp:127.0.0.1", "tcp:127.0.0.1:6640", STREAM_TCP, false, AF_INET},
		{"tcp:127.0.0.1:", "tcp:127.0.0.1:6640", STREAM_TCP, false, AF_INET},
		{"tcp:[::1]:1", NULL, STREAM_TCP, false, AF_INET6},
		{"ssl:[::1]", "ssl:[::1]:6640", STREAM_TLS, false, AF_INET6},
		{"ssl:[2001:DB8::0:1]:65535", "ssl:[2001:db8::1]:65535", STREAM_TLS,
		 false, AF_INET6},
		{"ssl:[fe80::1%lo]:9", NULL, STREAM_TLS, false, AF_INET6},
		{"ptcp:6640", "ptcp:6640:0.0.0.0", STREAM_TCP, true, AF_INET},
		{"ptcp:", "ptcp:6640:0.0.0.0", STREAM_TCP, true, AF_INET},
		{"ptcp:0:127.0.0.1", NULL, STREAM_TCP, true, AF_INET},
		{"pssl:1:[::]", NULL, STREAM_TLS, true, AF_INET6},
		{"pssl::[::1]", "pssl:6640:[::1]", STREAM_TLS, true, AF_INET6},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *want =
			cases[i].canonical ? cases[i].canonical : cases[i].text;
		struct stream_address a;
		char *text;

		must(stream_address_parse(cases[i].text, &a));
		assert_int_equal(a.kind, cases[i].kind);
		assert_int_equal(a.is_passive, cases[i].is_passive);
		assert_int_equal(a.socket.sa.sa_family, cases[i].family);
		text = stream_address_text(&a);
		assert_string_equal(text, want);
		free(text);
		assert_true(stream_address_has_scheme(cases[i].text));
	}
}

static void bad_addresses_say_what_is_wrong(void **state)
{
	static const char *const cases[][2] = {
		{"/run/x", "not an address"},
		{"", "not an address"},
		{"udp:127.0.0.1:1", "not an address"},
		{"TCP:127.0.0.1:1", "not an address"},
		{"unix:", "the socket's path is missing"},
		{"tcp:", "\"\" is not an IP address"},
		{"tcp:localhost:1", "names are not looked up"},
		{"tcp:127.1:1", "not an IP address"},
		{"tcp:127.0.0.256:1", "not an IP address"},
		{"tcp:::1:6640", "an IPv6 address in square brackets"},
		{"tcp:[::1", "not an IP address"},
		{"tcp:[127.0.0.1]:1", "not an IP address"},
		{"tcp:127.0.0.1:0", "a number from 1 to 65535"},
		{"tcp:127.0.0.1:65536", "is not a port"},
		{"tcp:127.0.0.1:+1", "is not a port"},
		{"tcp:127.0.0.1:1x", "write tcp:IP:PORT"},
		{"ptcp:x", "a number from 0 to 65535"},
		{"pssl:1:", "not an IP address"},
		{"pssl:127.0.0.1:1", "write pssl:PORT[:IP]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stream_address a;
		struct err *e = stream_address_parse(cases[i][0], &a);

		assert_non_null(e);
		assert_int_equal(e->code, ERR_INVALID);
		must_say(e, cases[i][1]);
	}
}

static void sides_are_told_apart(void **state)
{
	struct stream_address a;

	(void)state;
	must(stream_address_parse_side("tcp:127.0.0.1:1", false, &a));
	must(stream_address_parse_side("ptcp:1", true, &a));
	must_say(stream_address_parse_side("tcp:127.0.0.1:1", true, &a),
		 "an address to connect to, not to listen on");
	must_say(stream_address_parse_side("punix:/run/x", false, &a),
		 "write unix:PATH, tcp:IP:PORT or ssl:IP:PORT");
	assert_false(stream_address_has_scheme("/var/lib/tcp:x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_are_read_and_written),
		cmocka_unit_test(bad_addresses_say_what_is_wrong),
		cmocka_unit_test(sides_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
