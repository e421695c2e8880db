/* lib/fd: whole files, across short reads, up to a limit. */
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* More than one read takes. */
#define LONG_BYTES 70000

/* A file of LONG_BYTES bytes, each other than its neighbours. */
static int long_file(char *ret_content)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	for (size_t i = 0; i < LONG_BYTES; i++)
		ret_content[i] = (char)('a' + i % 26);
	assert_int_equal(fwrite(ret_content, 1, LONG_BYTES, f), LONG_BYTES);
	assert_int_equal(fflush(f), 0);
	fd = dup(fileno(f));
	fclose(f);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void whole(void **state)
{
	CLEANUP(freep) char *content = xmalloc(LONG_BYTES);
	CLEANUP(fd_closep) int fd = long_file(content);
	CLEANUP(buffer_clearp) struct buffer b = {0};

	(void)state;
	buffer_puts(&b, "before ");
	assert_int_equal(fd_read(fd, SIZE_MAX, &b), 0);
	assert_int_equal(b.n, strlen("before ") + LONG_BYTES);
	assert_memory_equal(b.data, "before ", strlen("before "));
	assert_memory_equal(b.data + strlen("before "), content, LONG_BYTES);
	assert_int_equal(b.data[b.n], '\0');
}

static void no_more_than_asked_for(void **state)
{
	static const size_t most[] = {0, 1, 4095, 4096, 4097, LONG_BYTES - 1, LONG_BYTES};
	CLEANUP(freep) char *content = xmalloc(LONG_BYTES);
	CLEANUP(fd_closep) int fd = long_file(content);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(most); i++) {
		CLEANUP(buffer_clearp) struct buffer b = {0};

		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		assert_int_equal(fd_read(fd, most[i], &b), 0);
		assert_int_equal(b.n, most[i]);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), most[i]);
	}
}

static void an_empty_file_is_an_empty_text(void **state)
{
	CLEANUP(fd_closep) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CLEANUP(freep) char *text = fd_read_text(fd);

	(void)state;
	assert_string_equal(text, "");
}

/* Each read of a pipe gets what one write gave. */
static void short_reads(void **state)
{
	CLEANUP(freep) char *text = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
	assert_int_equal(write(ends[1], "one ", 4), 4);
	assert_int_equal(write(ends[1], "two", 3), 3);
	close(ends[1]);
	text = fd_read_text(ends[0]);
	assert_string_equal(text, "one two");
	close(ends[0]);
}

static void the_error_of_a_folder(void **state)
{
	CLEANUP(fd_closep) int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(buffer_clearp) struct buffer b = {0};

	(void)state;
	assert_int_equal(fd_read(fd, 1, &b), EISDIR);
	assert_int_equal(b.n, 0);
	errno = 0;
	assert_null(fd_read_text(fd));
	assert_int_equal(errno, EISDIR);
}

static void written_is_read(void **state)
{
	CLEANUP(freep) char *text = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fd_write_text(ends[1], "a text"), 0);
	close(ends[1]);
	text = fd_read_text(ends[0]);
	assert_string_equal(text, "a text");
	assert_int_equal(fd_write_text(ends[0], "x"), EBADF);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(no_more_than_asked_for),
		cmocka_unit_test(an_empty_file_is_an_empty_text),
		cmocka_unit_test(short_reads),
		cmocka_unit_test(the_error_of_a_folder),
		cmocka_unit_test(written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
