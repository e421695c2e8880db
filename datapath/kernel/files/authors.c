/* A process like `ip` ends within a millisecond after its change, and the loop may be busy
 * for longer. So a thread of its own receives the headers of the messages that name a
 * process, and looks the process up at once. */
#include "datapath/kernel/files/authors.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/thread.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A ring: so many processes are remembered. */
#define N_KNOWN 64U
/* A PID may be that of another process after this. */
#define MAX_AGE_MS 1000
/* Descriptors of a process that are compared with its ports. */
#define MAX_FDS    256
#define TEXT_BYTES 96

struct author {
	uint32_t pid; /* 0: free */
	int64_t found_ms;
	char text[TEXT_BYTES];
};

struct authors {
	int netlink_fd;
	int stop_fd;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* of everything below */
	struct author known[N_KNOWN];
	unsigned int next;
};

/* Looking up. */

/* False if there is no such process. */
static bool read_status(uint32_t pid, char name[32], int *ret_uid)
{
	char path[32], line[256];
	bool has_uid = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	*name = '\0';
	while (!has_uid && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Name: %31s", name) != 1)
			has_uid = sscanf(line, "Uid: %d", ret_uid) == 1;
	}
	fclose(f);
	/* It may have ended while it was read. */
	return *name && has_uid;
}

/* True if the process has the socket with that inode. */
static bool has_socket(uint32_t pid, uint64_t inode)
{
	char path[32], link[64], want[64];
	const struct dirent *d;
	bool found = false;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/fd", pid);
	snprintf(want, sizeof(want), "socket:[%" PRIu64 "]", inode);
	dir = opendir(path);
	if (!dir)
		return false;
	for (int i = 0; i < MAX_FDS && !found && (d = readdir(dir)); i++) {
		n = readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = !strcmp(link, want);
	}
	closedir(dir);
	return found;
}

/* True if a socket of the process has its PID as its port. proc(5): sk, family, port,
 * groups, …, inode. */
static bool has_port(uint32_t pid)
{
	char path[32], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/net/netlink", pid);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		uint32_t port;
		uint64_t inode;

		found = sscanf(line, "%*s 0 %" SCNu32 " %*s %*s %*s %*s %*s %*s %" SCNu64,
			       &port, &inode) == 2 &&
			port == pid && has_socket(pid, inode);
	}
	if (f)
		fclose(f);
	return found;
}

/* The port of a netlink socket is the PID in the sender's own pid namespace: it may be
 * that of an innocent process here. One that has ended since was it most likely. */
static void look_up(uint32_t pid, char text[TEXT_BYTES])
{
	char name[32];
	int uid;

	if (!read_status(pid, name, &uid)) {
		snprintf(text, TEXT_BYTES, "pid %" PRIu32 ", which is gone", pid);
		return;
	}
	snprintf(text, TEXT_BYTES, "%s`%s` (pid %" PRIu32 ", uid %d)",
		 has_port(pid) || kill((pid_t)pid, 0) ? "" : "perhaps ", name, pid, uid);
}

static const struct author *find(const struct authors *a, uint32_t pid)
{
	for (unsigned int i = 1; i <= N_KNOWN; i++) {
		const struct author *k = &a->known[(a->next - i) % N_KNOWN];

		if (k->pid == pid && clock_now_ms() - k->found_ms <= MAX_AGE_MS)
			return k;
	}
	return NULL;
}

static void learn(struct authors *a, uint32_t pid)
{
	struct author found = {.pid = pid, .found_ms = clock_now_ms()};
	bool is_known;

	pthread_mutex_lock(&a->lock);
	is_known = find(a, pid);
	pthread_mutex_unlock(&a->lock);
	if (is_known)
		return;
	look_up(pid, found.text);
	pthread_mutex_lock(&a->lock);
	a->known[a->next++ % N_KNOWN] = found;
	pthread_mutex_unlock(&a->lock);
}

const char *authors_text(struct authors *a, uint32_t pid, struct arena *arena)
{
	const struct author *k;
	const char *text;

	learn(a, pid);
	pthread_mutex_lock(&a->lock);
	k = find(a, pid);
	text = k ? arena_strdup(arena, k->text) : "";
	pthread_mutex_unlock(&a->lock);
	return text;
}

/* The thread. */

static void drain(struct authors *a)
{
	struct nlmsghdr h;
	ssize_t n;

	while ((n = recv(a->netlink_fd, &h, sizeof(h), MSG_DONTWAIT)) >= 0 ||
	       errno == ENOBUFS || errno == EINTR) {
		if (n == (ssize_t)sizeof(h)) /* the rest is cut off */
			learn(a, h.nlmsg_pid);
	}
}

/* On a single CPU the process that caused the message would go on, and end, before this
 * thread: it comes first where that is allowed. The kernel limits the time of such
 * threads (sched(7)). */
static void come_first(void)
{
	const struct sched_param first = {.sched_priority =
						  sched_get_priority_min(SCHED_FIFO)};

	(void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
}

static void *listen_for(void *aux)
{
	struct authors *a = aux;
	struct pollfd fds[] = {{.fd = a->netlink_fd, .events = POLLIN},
			       {.fd = a->stop_fd, .events = POLLIN}};

	come_first();
	while (!fds[1].revents) {
		if (poll(fds, ARRAY_SIZE(fds), -1) > 0)
			drain(a);
	}
	return NULL;
}

/* Messages that name another process than ipvld. Offset 12 of struct nlmsghdr is the port,
 * which the filter loads in the order of the network. Never the header alone: a filter
 * that shortens a message does so for all listeners of the host (Linux
 * do_one_broadcast()). */
static struct err *set_filter(int fd, uint32_t own_port, uint32_t own_mask)
{
	enum { PORT = 12 };
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PORT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, htonl(~own_mask)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(own_port), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		return err_sys(errno, "cannot filter the senders of events");
	return NULL;
}

static struct err *open_netlink(struct authors *a, uint32_t own_port, uint32_t own_mask)
{
	static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
				     RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
				     RTNLGRP_IPV6_ROUTE};
	const struct sockaddr_nl addr = {.nl_family = AF_NETLINK};
	int on = 1;
	struct err *e;

	a->netlink_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			       NETLINK_ROUTE);
	if (a->netlink_fd < 0)
		return err_sys(errno, "cannot open a socket for the senders of events");
	e = set_filter(a->netlink_fd, own_port, own_mask);
	if (e)
		return e;
	if (setsockopt(a->netlink_fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on,
		       sizeof(on)))
		return err_sys(errno, "cannot listen to the events of other namespaces");
	/* Without a port the kernel sends it nothing (Linux do_one_broadcast()). */
	if (bind(a->netlink_fd, (const struct sockaddr *)&addr, sizeof(addr)))
		return err_sys(errno, "cannot bind the socket for the senders of events");
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (setsockopt(a->netlink_fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			       &groups[i], sizeof(groups[i])))
			return err_sys(errno, "cannot listen to events");
	}
	return NULL;
}

static struct err *start(struct authors *a)
{
	int error = thread_start(&a->thread, listen_for, a);

	a->has_thread = !error;
	return error ? err_sys(error, "cannot start a thread") : NULL;
}

struct err *authors_open(uint32_t own_port, uint32_t own_mask, struct authors **ret_a)
{
	struct authors *a = xcalloc(1, sizeof(*a));
	struct err *e;

	pthread_mutex_init(&a->lock, NULL);
	a->netlink_fd = -1;
	a->stop_fd = eventfd(0, EFD_CLOEXEC);
	e = a->stop_fd < 0 ? err_sys(errno, "cannot make an eventfd")
			   : open_netlink(a, own_port, own_mask);
	if (!e)
		e = start(a);
	if (e)
		authors_close(a);
	else
		*ret_a = a;
	return e;
}

void authors_close(struct authors *a)
{
	if (!a)
		return;
	if (a->has_thread) {
		eventfd_write(a->stop_fd, 1);
		pthread_join(a->thread, NULL);
	}
	if (a->netlink_fd >= 0)
		close(a->netlink_fd);
	if (a->stop_fd >= 0)
		close(a->stop_fd);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
