/* reconciler/web: the text of `--http`, names of the host, and metrics as text. */
#include "lib/alloc.h"
#include "reconciler/web/web_address.h"
#include "reconciler/web/web_exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void addresses(void **state)
{
	static const struct {
		const char *text, *listen; /* NULL: refused */
	} cases[] = {
		{"unix:/run/h", "punix:/run/h"},
		{"tcp:127.0.0.1:80", "ptcp:80:127.0.0.1"},
		{"tcp:127.8.9.1:0", "ptcp:0:127.8.9.1"},
		{"tcp:[::1]:80", "ptcp:80:[::1]"},
		{"tcp:10.0.0.1:80", NULL},
		{"tcp:0.0.0.0:80", NULL},
		{"tcp:[::]:80", NULL},
		{"tcp:10.0.0.1:80,anyone", "ptcp:80:10.0.0.1"},
		{"tcp:[2001:db8::1]:80,host=a,anyone", "ptcp:80:[2001:db8::1]"},
		{"tcp:127.0.0.1", NULL},
		{"tcp:[::1]", NULL},
		{"tcp:127.0.0.1:", NULL},
		{"tcp:127.0.0.1:65536", NULL},
		{"tcp:localhost:80", NULL},
		{"ssl:127.0.0.1:80", NULL},
		{"ptcp:80:127.0.0.1", NULL},
		{"unix:", NULL},
		{"", NULL},
		{"tcp:127.0.0.1:80,", NULL},
		{"tcp:127.0.0.1:80,host=", NULL},
		{"tcp:127.0.0.1:80,mode=7", NULL},
		{"unix:/run/h,host=a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct web_address a = {.listen = (char *)1};
		struct err *e = web_address_parse(cases[i].text, &a);

		if (!e != (cases[i].listen != NULL))
			fail_msg("%s", cases[i].text);
		if (e) {
			assert_int_equal(e->code, ERR_INVALID);
			assert_non_null(err_find_hint(e));
			err_free(e);
			continue;
		}
		assert_string_equal(a.listen, cases[i].listen);
		web_address_clear(&a);
	}
}

static void accepted_formats(void **state)
{
	(void)state;
	assert_int_equal(web_format_of(NULL), WEB_TEXT);
	assert_int_equal(web_format_of(""), WEB_TEXT);
	assert_int_equal(web_format_of("application/openmetrics-text"), WEB_OPENMETRICS);
	assert_int_equal(web_format_of("Application/OpenMetrics-Text; version=1.0.0"),
			 WEB_OPENMETRICS);
	assert_int_equal(web_format_of("application/openmetrics-text; q=0"), WEB_TEXT);
	assert_int_equal(web_format_of("application/openmetrics-textual"), WEB_TEXT);
	assert_int_equal(
		web_format_of(
			"text/plain;q=0.5,application/openmetrics-text;version=1;q=0.5"),
		WEB_OPENMETRICS);
	assert_int_equal(web_format_of("text/plain, application/openmetrics-text;q=0.9"),
			 WEB_TEXT);
	assert_int_equal(web_format_of(",,;q=,"), WEB_TEXT);
}

static char *write_all(enum web_format format)
{
	static const struct web_metric counter = {"x_things", WEB_COUNTER, NULL,
						  "Things."};
	static const struct web_metric times = {"x_time_seconds", WEB_HISTOGRAM,
						"seconds", "Times."};
	static const struct web_metric info = {"x", WEB_INFO, NULL, "About."};
	struct buffer b = {0};
	struct web_exposition x = {.b = &b, .format = format};
	const struct web_label label = {"name", "a\"b\\c\nd"};

	web_exposition_family(&x, &info);
	web_exposition_integer(&x, &label, 1, 1);
	web_exposition_family(&x, &counter);
	web_exposition_integer(&x, NULL, 0, UINT64_MAX);
	web_exposition_family(&x, &times);
	web_exposition_histogram(&x, (const double[]){0.5, 2},
				 (const uint64_t[]){1, 2, 3}, 2, 7.25);
	web_exposition_end(&x);
	return buffer_take(&b);
}

static void families_and_samples(void **state)
{
	CLEANUP(freep) char *text = write_all(WEB_TEXT);
	CLEANUP(freep) char *open = write_all(WEB_OPENMETRICS);

	(void)state;
	assert_string_equal(text, "# HELP x_info About.\n"
				  "# TYPE x_info gauge\n"
				  "x_info{name=\"a\\\"b\\\\c\\nd\"} 1\n"
				  "# HELP x_things_total Things.\n"
				  "# TYPE x_things_total counter\n"
				  "x_things_total 18446744073709551615\n"
				  "# HELP x_time_seconds Times.\n"
				  "# TYPE x_time_seconds histogram\n"
				  "x_time_seconds_bucket{le=\"0.5\"} 1\n"
				  "x_time_seconds_bucket{le=\"2.0\"} 3\n"
				  "x_time_seconds_bucket{le=\"+Inf\"} 6\n"
				  "x_time_seconds_count 6\n"
				  "x_time_seconds_sum 7.25\n");
	assert_string_equal(open, "# HELP x About.\n"
				  "# TYPE x info\n"
				  "x_info{name=\"a\\\"b\\\\c\\nd\"} 1\n"
				  "# HELP x_things Things.\n"
				  "# TYPE x_things counter\n"
				  "x_things_total 18446744073709551615\n"
				  "# HELP x_time_seconds Times.\n"
				  "# TYPE x_time_seconds histogram\n"
				  "# UNIT x_time_seconds seconds\n"
				  "x_time_seconds_bucket{le=\"0.5\"} 1\n"
				  "x_time_seconds_bucket{le=\"2.0\"} 3\n"
				  "x_time_seconds_bucket{le=\"+Inf\"} 6\n"
				  "x_time_seconds_count 6\n"
				  "x_time_seconds_sum 7.25\n"
				  "# EOF\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(accepted_formats),
		cmocka_unit_test(families_and_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
