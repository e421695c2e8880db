/* Command lines: options before, behind and between, and what is said of wrong ones. */
#include "world.h"

#include "ctl/commands.h"
#include "ctl/line/parse.h"
#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char program[] = "ipvl-ctl", copy[512], *words[64];

/* 'text' is parted at blanks. */
static struct err *parse(const char *text, struct line *ret_line)
{
	char *rest = copy, *word;
	int n = 0;

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	words[n++] = program;
	while ((word = strsep(&rest, " "))) {
		if (*word)
			words[n++] = word;
	}
	words[n] = NULL;
	return parse_line(commands, n, words, ret_line);
}

static void expect_error(const char *text, const char *right)
{
	struct line l;
	CLEANUP(err_freep) struct err *e = parse(text, &l);
	CLEANUP(freep) char *said = NULL;

	if (!e)
		fail_msg("\"%s\" was taken", text);
	said = err_text(e);
	if (!strstr(said, right))
		fail_msg("\"%s\": \"%s\" does not say \"%s\"", text, said, right);
	line_clear(&l);
}

static void parsed(const char *text, struct line *ret_line)
{
	struct err *e = parse(text, ret_line);

	if (e)
		fail_msg("%s: %s", text, err_text(e));
}

static void test_options(void **state)
{
	struct line l;

	(void)state;
	parsed("--db=x -t 7 --no-wait -f json show", &l);
	assert_string_equal(l.options.db, "x");
	assert_int_equal(l.options.timeout_ms, 7000);
	assert_true(l.options.no_wait);
	assert_int_equal(l.options.format, FORMAT_JSON);
	line_clear(&l);
	parsed("list-slaves eno2 -f csv --dry-run", &l);
	assert_int_equal(l.options.format, FORMAT_CSV);
	assert_true(l.options.dry_run);
	assert_int_equal(l.calls[0].n_args, 1);
	assert_int_equal(l.options.timeout_ms, -1);
	line_clear(&l);
}

/* -f is a format before the word, a file behind one that reads files. */
static void test_file(void **state)
{
	struct line l;

	(void)state;
	parsed("-f json diff -f lab.yaml --source x", &l);
	assert_int_equal(l.options.format, FORMAT_JSON);
	assert_string_equal(l.calls[0].files[0], "lab.yaml");
	assert_string_equal(l.calls[0].source, "x");
	line_clear(&l);
	parsed("apply -f -", &l);
	assert_string_equal(l.calls[0].files[0], "-");
	line_clear(&l);
	parsed("apply -f a b --prune --file=c", &l);
	assert_int_equal(l.calls[0].n_files, 3);
	assert_string_equal(l.calls[0].files[0], "a");
	assert_string_equal(l.calls[0].files[1], "c");
	assert_string_equal(l.calls[0].files[2], "b");
	assert_true(l.calls[0].options & OPTION_PRUNE);
	line_clear(&l);
}

static void test_several(void **state)
{
	struct line l;

	(void)state;
	parsed("--may-exist add-master e -- add-slave e a mtu=1 -- --if-exists del-slave "
	       "b",
	       &l);
	assert_int_equal(l.n_calls, 3);
	assert_string_equal(l.calls[1].command->name, "add-slave");
	assert_int_equal(l.calls[1].n_args, 3);
	assert_int_equal(l.calls[0].options, OPTION_MAY_EXIST);
	assert_int_equal(l.calls[1].options, 0);
	assert_int_equal(l.calls[2].options, OPTION_IF_EXISTS);
	line_clear(&l);
}

static void test_help(void **state)
{
	struct line l;

	(void)state;
	parsed("--help", &l);
	assert_int_equal(l.what, PARSE_HELP);
	assert_null(l.help_of);
	line_clear(&l);
	parsed("add-slave --help", &l);
	assert_int_equal(l.what, PARSE_HELP);
	assert_string_equal(l.help_of->name, "add-slave");
	line_clear(&l);
	parsed("help add-slave", &l);
	assert_string_equal(l.help_of->name, "add-slave");
	line_clear(&l);
	parsed("help", &l);
	assert_int_equal(l.what, PARSE_HELP);
	line_clear(&l);
	parsed("--version", &l);
	assert_int_equal(l.what, PARSE_VERSION);
	line_clear(&l);
}

static void test_errors(void **state)
{
	(void)state;
	expect_error("", "missing command name");
	expect_error("--no-wait", "missing command name");
	expect_error("add-slav e a", "did you mean add-slave?");
	expect_error("frobnicate", "see `ipvl-ctl --help`");
	expect_error("add-slave e",
		     "too few arguments; usage: ipvl-ctl add-slave MASTER NAME");
	expect_error("init now", "too many arguments");
	expect_error("--strict show", "option --strict is not valid for show");
	expect_error("--formt=json show", "did you mean --format?");
	expect_error("-x show", "invalid option -x");
	expect_error("show --timeout", "--timeout needs a value");
	expect_error("show -t", "-t needs a value");
	expect_error("--no-wait=3 show", "takes no value");
	expect_error("-t 0 show", "1 or more");
	expect_error("-t 1.5 show", "whole number");
	expect_error("-t 99999999999999999999 show", "whole number");
	expect_error("-f xml show", "table, list, json, yaml or csv");
	expect_error("validate x -- show", "validate cannot be combined");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options), cmocka_unit_test(test_file),
		cmocka_unit_test(test_several), cmocka_unit_test(test_help),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
