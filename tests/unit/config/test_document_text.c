/* What a user reads about a YAML file: message, line, caret, hint. */
#include "document_complaints.h"

#include "config/yaml/document.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What a user sees: message, line, caret, hint. */
static void test_text(void **state)
{
	static const char yaml[] = SLAVE "        addresses: [192.168.9.3/24]\n"
					 "        routes:\n"
					 "          - {to: default, via: 10.138.36.66}\n";
	struct document_errors errors = {0};
	char *text;

	(void)state;
	assert_null(document_parse("lab.yaml", yaml, strlen(yaml), &errors));
	text = document_errors_text(&errors);
	assert_string_equal(text, "lab.yaml:8:32: gateway 10.138.36.66 is outside every "
				  "subnet of a (192.168.9.3/24)\n"
				  "          - {to: default, via: 10.138.36.66}\n"
				  "                               ^\n"
				  "  give a an address in the gateway's subnet, or write "
				  "`on-link: true` (ipvl-ctl: `onlink`) if it is on the "
				  "link, or leave out `via`\n");
	free(text);
	document_errors_clear(&errors);
}

/* Long lines are cut around the caret, which stays below its character; a tab stays a
 * tab. */
static void test_caret(void **state)
{
	CLEANUP(freep)
	char *yaml = xasprintf(
		"version: 1\nmasters:\t[%*s{name: \xc3\xa4\xc3\xa4, mod: 1}, %*s]\n", 150,
		"", 150, "");
	struct document_errors errors = {0};
	char *text, *line, *caret, *at;

	(void)state;
	assert_null(document_parse("f", yaml, strlen(yaml), &errors));
	text = document_errors_text(&errors);
	line = strchr(text, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	at = strchr(caret, '^');
	assert_non_null(at);
	/* Before "mod" stand one … (3 bytes) and two ä (2 bytes each). */
	assert_int_equal((strstr(line, "mod") - line) - 4, at - caret);
	assert_true(caret - line < 130);
	free(text);
	document_errors_clear(&errors);

	const char tab[] = "version: 1\nmasters: [{name:\teth0, mode:\tx}]\n";
	assert_null(document_parse("f", tab, strlen(tab), &errors));
	text = document_errors_text(&errors);
	assert_non_null(strstr(text, "\n                \t           \t^\n"));
	free(text);
	document_errors_clear(&errors);
}

static void test_unreadable(void **state)
{
	struct document_errors errors = {0};
	char *text;

	(void)state;
	assert_null(document_read("/nonexistent/lab.yaml", &errors));
	assert_int_equal(errors.errors[0].line, 0);
	text = document_errors_text(&errors);
	assert_string_equal(
		text,
		"/nonexistent/lab.yaml: cannot be read: No such file or directory\n");
	free(text);
	document_errors_clear(&errors);
	assert_null(document_read("/", &errors));
	document_errors_clear(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_caret),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
