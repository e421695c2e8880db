/* The linker puts these functions in the way of those of libmnl, of the C library, and of
 * datapath/kernel/files (--wrap). */
#include "tests/kernel/datapath/moment.h"

#include "datapath/kernel/files/procfs.h"
#include "tests/kernel/datapath/bench.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static struct {
	uint16_t type; /* 0: nothing is to happen */
	unsigned int skip;
	int sys_errno;
	const char *command; /* NULL: the message is refused */
	bool is_lost, are_replaced;
	/* The answer that takes the place of the kernel's, for the socket 'fd'. */
	char answer[4096];
	size_t n;
	int fd;
} moment;

void moment_over(void)
{
	memset(&moment, 0, sizeof(moment));
}

void moment_refuse(uint16_t type, unsigned int skip, int sys_errno)
{
	moment_over();
	moment.type = type;
	moment.skip = skip;
	moment.sys_errno = sys_errno;
}

void moment_run(uint16_t type, const char *command)
{
	moment_over();
	moment.type = type;
	moment.command = command;
}

void moment_lose(void)
{
	moment_over();
	moment.is_lost = true;
}

void moment_replace_processes(void)
{
	moment_over();
	moment.are_replaced = true;
}

static bool is_meant(const struct nlmsghdr *h)
{
	bool is_dump = (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP &&
		       (h->nlmsg_type == RTM_GETLINK || h->nlmsg_type == RTM_GETADDR ||
			h->nlmsg_type == RTM_GETROUTE || h->nlmsg_type == RTM_GETRULE);

	if (!moment.type || h->nlmsg_type != (moment.type & ~MOMENT_DUMP) ||
	    is_dump != !!(moment.type & MOMENT_DUMP))
		return false;
	if (!moment.skip)
		return true;
	moment.skip--;
	return false;
}

static void answer(int fd, const struct nlmsghdr *to, bool is_refused)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(moment.answer + moment.n);
	struct nlmsgerr *e;

	CHECK(moment.n + NLMSG_SPACE(sizeof(*e)) <= sizeof(moment.answer));
	memset(h, 0, NLMSG_SPACE(sizeof(*e)));
	h->nlmsg_len = NLMSG_LENGTH(sizeof(*e));
	h->nlmsg_type = NLMSG_ERROR;
	h->nlmsg_seq = to->nlmsg_seq;
	e = NLMSG_DATA(h);
	e->error = is_refused ? -moment.sys_errno : 0;
	e->msg = *to;
	moment.n += NLMSG_SPACE(sizeof(*e));
	moment.fd = fd;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names */
ssize_t __real_mnl_socket_sendto(const struct mnl_socket *s, const void *buf, size_t n);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s, const void *buf, size_t n);
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
struct model_process __real_procfs_process_of(const char *path);
struct model_process __wrap_procfs_process_of(const char *path);

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s, const void *buf, size_t n)
{
	const struct nlmsghdr *h = buf;
	const char *command = moment.command;
	bool is_refused = false;

	for (int left = (int)n; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
		is_refused |= is_meant(h);
	if (!is_refused)
		return __real_mnl_socket_sendto(s, buf, n);
	if (command) {
		moment_over();
		RUN("%s", command);
		return __real_mnl_socket_sendto(s, buf, n);
	}
	h = buf;
	for (int left = (int)n; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
		answer(mnl_socket_get_fd(s), h,
		       h->nlmsg_type == (moment.type & ~MOMENT_DUMP));
	return (ssize_t)n;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct sockaddr_nl *from = msg->msg_name;
	size_t n = moment.n;

	if (moment.is_lost) {
		moment.is_lost = false;
		errno = ENOBUFS;
		return -1;
	}
	if (!n || fd != moment.fd)
		return __real_recvmsg(fd, msg, flags);
	memcpy(msg->msg_iov->iov_base, moment.answer, n);
	memset(from, 0, sizeof(*from));
	msg->msg_flags = 0;
	moment.n = 0;
	return (ssize_t)n;
}

struct model_process __wrap_procfs_process_of(const char *path)
{
	static unsigned int n;
	struct model_process p = __real_procfs_process_of(path);

	if (moment.are_replaced && p.pid)
		p.start += ++n;
	return p;
}
/* NOLINTEND(bugprone-reserved-identifier) */
