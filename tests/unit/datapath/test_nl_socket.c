/* A netlink socket after a dump that failed. On this machine's own kernel, of which only
 * links are read; recvmsg() is wrapped. */
#include "datapath/kernel/netlink/nl_link.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

static int fail_with;

/* NOLINTNEXTLINE(bugprone-reserved-identifier): the linker's name */
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);

/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	if (fail_with) {
		errno = fail_with;
		fail_with = 0;
		return -1;
	}
	return __real_recvmsg(fd, msg, flags);
}

static void count(void *aux, size_t number, const struct nlmsghdr *h)
{
	size_t *n = aux;

	(void)number;
	(void)h;
	++*n;
}

static struct err *dump_links(struct nl_socket *s, size_t *n)
{
	struct nl_msg m;

	*n = 0;
	nl_link_msg_dump(&m, NSID_HERE);
	return nl_dump(s, &m, count, n);
}

/* ENOBUFS: answers were lost. The kernel goes on with that dump, and would answer the
 * next one EBUSY. */
static void a_dump_after_one_that_failed(void **state)
{
	struct nl_socket *s;
	struct err *e = nl_socket_open(0, &s);
	size_t n;

	(void)state;
	if (e) {
		err_free(e);
		skip();
	}
	fail_with = ENOBUFS;
	e = dump_links(s, &n);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INTERRUPTED);
	err_free(e);
	e = dump_links(s, &n);
	if (e)
		print_error("%s\n", e->message);
	assert_null(e);
	assert_true(n > 0);
	nl_socket_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_after_one_that_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
