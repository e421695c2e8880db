/* lib/log: lines on standard error, which a temporary file stands for here. */
#include "lib/alloc.h"
#include "lib/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct capture {
	FILE *file;
	int stderr_fd;
};

static struct capture capture_begin(void)
{
	struct capture c = {.file = tmpfile(), .stderr_fd = dup(STDERR_FILENO)};

	assert_non_null(c.file);
	fflush(stderr);
	assert_true(dup2(fileno(c.file), STDERR_FILENO) >= 0);
	return c;
}

/* What was written, owned by the caller. */
static char *capture_end(struct capture *c)
{
	char *text = xcalloc(1, 65536);

	fflush(stderr);
	dup2(c->stderr_fd, STDERR_FILENO);
	close(c->stderr_fd);
	rewind(c->file);
	fread(text, 1, 65535, c->file);
	fclose(c->file);
	return text;
}

static void lines(void **state)
{
	struct capture c = capture_begin();
	struct err *e = err_hint(err_new(ERR_BUSY, "say \"no\"\nnow"), "wait");
	char *text;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_event(LOG_LEVEL_INFO, "plain", "a=%d b=%s", 1, "x");
	log_event(LOG_LEVEL_ERR, "bare", "%s", "");
	log_err(LOG_LEVEL_WARNING, "failed", e, "slave=%s", "s1");
	setenv("JOURNAL_STREAM", "1:2", 1);
	log_event(LOG_LEVEL_WARNING, "journal", "a=1");
	unsetenv("JOURNAL_STREAM");
	text = capture_end(&c);
	/* One line each, whatever the error says. */
	assert_string_equal(text,
			    "event=plain a=1 b=x\n"
			    "event=bare \n"
			    "event=failed slave=s1 error=\"say \\\"no\\\" now; wait\"\n"
			    "<4>event=journal a=1\n");
	free(text);
	err_free(e);
}

static void levels(void **state)
{
	struct capture c = capture_begin();
	char *text;

	(void)state;
	log_event(LOG_LEVEL_DEBUG, "levels", "n=1");
	log_set_level(LOG_LEVEL_DEBUG);
	log_event(LOG_LEVEL_DEBUG, "levels", "n=2");
	log_set_level(LOG_LEVEL_ERR);
	log_event(LOG_LEVEL_WARNING, "levels", "n=3");
	log_event(LOG_LEVEL_ERR, "levels", "n=4");
	log_set_level(LOG_LEVEL_INFO);
	text = capture_end(&c);
	assert_string_equal(text, "event=levels n=2\nevent=levels n=4\n");
	free(text);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void to_next_second(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nanosleep(&(struct timespec){.tv_nsec = 1000000000 - now.tv_nsec - 1}, NULL);
	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static struct capture flood(void)
{
	struct capture c = capture_begin();

	for (int i = 0; i < LOG_BURST + 5; i++)
		log_event(LOG_LEVEL_INFO, "flood", "i=%d", i);
	log_event(LOG_LEVEL_INFO, "other",
		  "a=1"); /* one event does not silence another */
	return c;
}

static void floods_are_counted(void **state)
{
	struct capture c;
	char *text;
	time_t second;

	(void)state;
	/* On a busy machine it may take several tries to get all into one second. */
	for (;;) {
		to_next_second();
		second = now_s();
		c = flood();
		if (now_s() == second)
			break;
		free(capture_end(&c));
	}
	to_next_second();
	log_event(LOG_LEVEL_INFO, "flood", "again=1");
	log_event(LOG_LEVEL_INFO, "flood", "again=2");
	text = capture_end(&c);
	assert_int_equal(count(text, "event=flood i="), LOG_BURST);
	assert_int_equal(count(text, "event=other a=1\n"), 1);
	assert_int_equal(count(text, "event=flood again=1 suppressed=5\n"), 1);
	assert_int_equal(count(text, "event=flood again=2\n"), 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(levels),
		cmocka_unit_test(floods_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
