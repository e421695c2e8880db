/* An entry is one datagram; one that is too large for it goes as a sealed memfd. libsystemd
 * has the same, but lib/ does without it, and so does a system without systemd. */
#include "lib/log_journal.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* What is sent before the journal has read; as sd_journal_send(3). */
#define SEND_BUFFER_BYTES (8 << 20)

static const char *socket_path = LOG_JOURNAL_SOCKET;
static int socket_fd = -1;

void log_journal_set_socket(const char *path)
{
	socket_path = path;
}

bool log_journal_is_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

/* --- fields --- */

static void put_field(struct buffer *b, const char *name, const char *value, size_t n)
{
	uint64_t length = htole64(n);

	buffer_puts(b, name);
	if (memchr(value, '\n', n)) {
		buffer_putc(b, '\n');
		buffer_put(b, (const char *)&length, sizeof(length));
	} else {
		buffer_putc(b, '=');
	}
	buffer_put(b, value, n);
	buffer_putc(b, '\n');
}

/* The length of the key at 's', which a '=' follows; 0 if there is none. */
static size_t key_length(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz_");

	return n && s[n] == '=' ? n : 0;
}

/* The value at 's' without quotes and escapes; returns what is behind it. One without quotes
 * ends before the next key. */
static const char *take_value(const char *s, struct buffer *value)
{
	if (*s != '"') {
		while (*s && !(*s == ' ' && (key_length(s + 1) || !s[1])))
			buffer_putc(value, *s++);
		return s;
	}
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		buffer_putc(value, *s);
	}
	return *s ? s + 1 : s;
}

static void put_keys(struct buffer *b, const char *line)
{
	for (const char *s = line; *s;) {
		CLEANUP(buffer_clearp) struct buffer name = {0}, value = {0};
		size_t n = key_length(s);

		if (!n) {
			s += strcspn(s, " ");
			s += strspn(s, " ");
			continue;
		}
		buffer_puts(&name, "IPVL_");
		for (size_t i = 0; i < n; i++)
			buffer_putc(&name, (char)toupper((unsigned char)s[i]));
		s = take_value(s + n + 1, &value);
		if (value.n)
			put_field(b, name.data, value.data, value.n);
	}
}

static void put_entry(struct buffer *b, int level, const char *line)
{
	const char priority = (char)('0' + level);

	put_field(b, "MESSAGE", line, strlen(line));
	put_field(b, "PRIORITY", &priority, 1);
	put_field(b, "SYSLOG_FACILITY", "3", 1); /* daemon, syslog(3) */
	put_field(b, "SYSLOG_IDENTIFIER", program_invocation_short_name,
		  strlen(program_invocation_short_name));
	put_keys(b, line);
}

/* --- sending --- */

static int open_socket(void)
{
	int size = SEND_BUFFER_BYTES;

	if (socket_fd >= 0)
		return socket_fd;
	socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_fd >= 0)
		(void)setsockopt(socket_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return socket_fd;
}

static int send_message(struct msghdr *m)
{
	struct sockaddr_un journal = {.sun_family = AF_UNIX};
	int fd = open_socket();

	if (fd < 0 || strlen(socket_path) >= sizeof(journal.sun_path))
		return EBADF;
	strcpy(journal.sun_path, socket_path);
	m->msg_name = &journal;
	m->msg_namelen = sizeof(journal);
	return sendmsg(fd, m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

static int send_by_memfd(const struct buffer *b)
{
	CLEANUP(fd_closep)
	int fd = memfd_create("log-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr m = {.msg_control = &control,
			   .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (fd < 0 || write(fd, b->data, b->n) != (ssize_t)b->n ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return errno ? errno : EIO;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return send_message(&m);
}

bool log_journal_send(int level, const char *line)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};
	struct iovec data;
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
	int rc;

	put_entry(&b, level, line);
	data = (struct iovec){.iov_base = b.data, .iov_len = b.n};
	rc = send_message(&m);
	if (rc == EMSGSIZE || rc == ENOBUFS)
		rc = send_by_memfd(&b);
	return !rc;
}
