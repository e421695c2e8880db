/* lib/log: lines on standard error, which a temporary file stands for here, and entries of a
 * journal, which is a socket of the test. */
#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/log_journal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

/* Standard error is the journal. */
static void set_journal_stream(void)
{
	CLEANUP(freep) char *text = NULL;
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	text = xasprintf("%llu:%llu", (unsigned long long)st.st_dev,
			 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
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
	setenv("JOURNAL_STREAM", "1:2", 1); /* of somebody above */
	log_event(LOG_LEVEL_WARNING, "redirected", "a=1");
	set_journal_stream();
	log_journal_set_socket("/nowhere");
	log_event(LOG_LEVEL_WARNING, "journal", "a=1");
	unsetenv("JOURNAL_STREAM");
	text = capture_end(&c);
	/* One line each, whatever the error says. */
	assert_string_equal(text,
			    "event=plain a=1 b=x\n"
			    "event=bare \n"
			    "event=failed slave=s1 error=\"say \\\"no\\\" now; wait\"\n"
			    "event=redirected a=1\n"
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

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_a_second(void)
{
	nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 2000000}, NULL);
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
	int64_t begin;

	(void)state;
	/* On a busy machine it may take several tries to get all into one second. */
	for (;;) {
		wait_a_second();
		begin = now_ms();
		c = flood();
		if (now_ms() - begin < 1000)
			break;
		free(capture_end(&c));
	}
	wait_a_second();
	log_event(LOG_LEVEL_INFO, "flood", "again=1");
	log_event(LOG_LEVEL_INFO, "flood", "again=2");
	text = capture_end(&c);
	assert_int_equal(count(text, "event=flood i="), LOG_BURST);
	assert_int_equal(count(text, "event=other a=1\n"), 1);
	assert_int_equal(count(text, "event=flood again=1 suppressed=5\n"), 1);
	assert_int_equal(count(text, "event=flood again=2\n"), 1);
	free(text);
}

static void the_same_line_is_written_once_a_second(void **state)
{
	struct capture c;
	char *text;
	int64_t begin;

	(void)state;
	do {
		wait_a_second();
		c = capture_begin();
		begin = now_ms();
		for (int i = 0; i < 3; i++) {
			log_event(LOG_LEVEL_INFO, "same", "a=1");
			log_event(LOG_LEVEL_INFO, "same", "a=2");
		}
		text = capture_end(&c);
		if (now_ms() - begin >= 1000)
			free(STEAL(text));
	} while (!text);
	assert_string_equal(text, "event=same a=1\nevent=same a=2\n");
	free(text);
	wait_a_second();
	c = capture_begin();
	log_event(LOG_LEVEL_INFO, "same", "a=1");
	text = capture_end(&c);
	assert_string_equal(text, "event=same a=1 suppressed=4\n");
	free(text);
}

/* A journal that a test reads. */
struct journal {
	char folder[32];
	struct sockaddr_un address;
	int fd;
	struct capture capture;
};

static void journal_begin(struct journal *j)
{
	strcpy(j->folder, "/tmp/ipvl-log-XXXXXX");
	assert_non_null(mkdtemp(j->folder));
	j->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(j->address.sun_path, sizeof(j->address.sun_path), "%s/socket",
		 j->folder);
	j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(j->fd, (struct sockaddr *)&j->address, sizeof(j->address)),
			 0);
	j->capture = capture_begin();
	set_journal_stream();
	log_journal_set_socket(j->address.sun_path);
}

/* What was written to standard error, owned by the caller. */
static char *journal_end(struct journal *j)
{
	unsetenv("JOURNAL_STREAM");
	close(j->fd);
	unlink(j->address.sun_path);
	rmdir(j->folder);
	return capture_end(&j->capture);
}

/* The next entry, from a memfd if it is large; owned by the caller. */
static char *journal_read(const struct journal *j)
{
	char *text = xcalloc(1, 1 << 20), control[CMSG_SPACE(sizeof(int))];
	struct iovec data = {text, (1 << 20) - 1};
	struct msghdr m = {.msg_iov = &data,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(j->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	const struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	assert_true(n >= 0);
	if (c) {
		int fd;

		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		assert_int_equal(n, 0);
		assert_true(fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE);
		assert_true(pread(fd, text, (1 << 20) - 1, 0) > 0);
		close(fd);
	}
	return text;
}

static void an_entry_has_a_field_for_each_key(void **state)
{
	struct journal j;
	char *entry, *text;

	(void)state;
	journal_begin(&j);
	log_event(LOG_LEVEL_WARNING, "drift_repaired",
		  "object=%s found=\"%s\" by=%s text=two words=%d empty=", "ns1/ipvl1",
		  "a \\\"b\\\" = c", "\"\"", 7);
	entry = journal_read(&j);
	assert_string_equal(
		entry,
		"MESSAGE=event=drift_repaired object=ns1/ipvl1 found=\"a \\\"b\\\" = c\" "
		"by=\"\" text=two words=7 empty=\n"
		"PRIORITY=4\n"
		"SYSLOG_FACILITY=3\n"
		"SYSLOG_IDENTIFIER=test_log\n"
		"IPVL_EVENT=drift_repaired\n"
		"IPVL_OBJECT=ns1/ipvl1\n"
		"IPVL_FOUND=a \"b\" = c\n"
		"IPVL_TEXT=two\n"
		"IPVL_WORDS=7\n");
	free(entry);
	text = journal_end(&j);
	assert_string_equal(text, "");
	free(text);
}

static void a_value_of_several_lines_has_its_length(void **state)
{
	static const char length[8] = {3};
	struct journal j;
	char *entry, *at;

	(void)state;
	journal_begin(&j);
	log_event(LOG_LEVEL_INFO, "lines", "file=a\nb");
	entry = journal_read(&j);
	at = entry + strlen("MESSAGE\n");
	assert_memory_equal(entry, "MESSAGE\n\x14\0\0\0\0\0\0\0event=lines file=a\nb\n",
			    37);
	for (at += 8; strncmp(at, "IPVL_FILE\n", 10) != 0; at = strchr(at, '\n') + 1)
		;
	assert_memory_equal(at + 10, length, 8);
	assert_string_equal(at + 18, "a\nb\n");
	free(entry);
	free(journal_end(&j));
}

static void a_large_entry_goes_as_a_file(void **state)
{
	struct journal j;
	char *large = xcalloc(1, 400001), *entry;

	(void)state;
	memset(large, 'x', 400000);
	journal_begin(&j);
	log_event(LOG_LEVEL_ERR, "large", "text=%s", large);
	entry = journal_read(&j);
	assert_non_null(strstr(entry, "PRIORITY=3\n"));
	assert_non_null(strstr(entry, "\nIPVL_TEXT=xxx"));
	assert_int_equal(count(entry, "\n"), 6);
	free(entry);
	free(large);
	free(journal_end(&j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(levels),
		cmocka_unit_test(floods_are_counted),
		cmocka_unit_test(the_same_line_is_written_once_a_second),
		cmocka_unit_test(an_entry_has_a_field_for_each_key),
		cmocka_unit_test(a_value_of_several_lines_has_its_length),
		cmocka_unit_test(a_large_entry_goes_as_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
