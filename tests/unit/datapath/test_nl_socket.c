/* A netlink socket after a dump that failed. On this machine's own kernel, of which only
 * links are read; recvmsg() is wrapped. */
#include "datapath/kernel/netlink/nl_link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

static int fail_with;
static uint32_t first_seq;
/* What the next message is made to look like. */
static enum { AS_IT_IS, TOO_LONG, OF_A_DUMP_THAT_CHANGED, OF_THE_FIRST } disguise;

static void put_on(struct msghdr *msg)
{
	struct nlmsghdr *h = msg->msg_iov->iov_base;

	if (disguise == TOO_LONG)
		msg->msg_flags |= MSG_TRUNC;
	if (disguise == OF_A_DUMP_THAT_CHANGED)
		h->nlmsg_flags |= NLM_F_DUMP_INTR;
	if (disguise == OF_THE_FIRST) {
		if (!first_seq)
			first_seq = h->nlmsg_seq;
		h->nlmsg_seq = first_seq;
		return;
	}
	disguise = AS_IT_IS;
}

/* NOLINTNEXTLINE(bugprone-reserved-identifier): the linker's name */
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);

/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n;

	if (fail_with) {
		errno = fail_with;
		fail_with = 0;
		return -1;
	}
	n = __real_recvmsg(fd, msg, flags);
	if (n > 0)
		put_on(msg);
	return n;
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

/* Both answers are for the first of two messages. */
static void an_answer_that_does_not_come(void **state)
{
	struct nl_batch b = {0};
	struct nl_socket *s;
	struct err *e = nl_socket_open(0, &s);
	struct nl_msg m;

	(void)state;
	if (e) {
		err_free(e);
		skip();
	}
	for (int i = 0; i < 2; i++) {
		nl_link_msg_get(&m, NSID_HERE, "no-such-link", 0);
		nl_batch_add(&b, &m);
	}
	disguise = OF_THE_FIRST;
	e = nl_batch_run(s, &b, NULL, NULL);
	disguise = AS_IT_IS;
	assert_null(e);
	e = nl_answer_err(&b.answers[1]);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INTERRUPTED);
	err_free(e);
	nl_batch_clear(&b);
	nl_socket_close(s);
}

/* Each sentence is in golden/said.txt. */
static void what_the_kernel_never_does(void **state)
{
	struct nl_socket *s;
	struct err *e = nl_socket_open(0, &s);
	struct nl_msg m;
	size_t n;

	(void)state;
	if (e) {
		err_free(e);
		skip();
	}
	/* The next read asks for as much as there can be. */
	disguise = TOO_LONG;
	e = dump_links(s, &n);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INTERRUPTED);
	err_free(e);
	disguise = TOO_LONG;
	e = dump_links(s, &n);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_SYSTEM);
	err_free(e);
	disguise = OF_A_DUMP_THAT_CHANGED;
	e = dump_links(s, &n);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INTERRUPTED);
	err_free(e);
	/* An attribute of one byte that has four. */
	nl_link_msg_dump(&m, NSID_HERE);
	nl_msg_head(&m)->nlmsg_flags &= (uint16_t)~NLM_F_DUMP;
	nl_put_u8(&m, IFLA_TARGET_NETNSID, 1);
	e = nl_run(s, &m, NULL, NULL);
	assert_non_null(e);
	err_free(e);
	nl_socket_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_after_one_that_failed),
		cmocka_unit_test(what_the_kernel_never_does),
		cmocka_unit_test(an_answer_that_does_not_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
