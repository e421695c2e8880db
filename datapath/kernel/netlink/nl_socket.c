/* Sockets, batches and dumps.
 *
 * The kernel processes a message within sendmsg(2): when that returns, the answers are in
 * our receive buffer. A batch is cut so that they fit. */
#include "datapath/kernel/netlink/nl_socket.h"

#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* The number of messages in one send: a reply takes at most 4 kB of the buffer. More gain
 * nothing. */
#define SEND_MESSAGES 128
#define RCVBUF_BYTES  (2 * 1024 * 1024)
_Static_assert(SEND_MESSAGES * 4096 <= RCVBUF_BYTES, "all answers of a send fit");
/* A datagram of a dump has at most 32 kB (Linux netlink_recvmsg()). */
#define READ_BYTES 65536
_Static_assert(READ_BYTES >= 32768, "a whole datagram fits");
/* The kernel allocates as much for each datagram of a dump as the largest read of the socket
 * asked for, and clears it: less where little is read. 320: sizeof(struct skb_shared_info). */
#define READ_FEW_BYTES (8192 - 320)
/* An answer is there when sendmsg() returns. If one is lost, this ends the wait. */
#define ANSWER_TIMEOUT_S 10

struct nl_socket {
	struct mnl_socket *mnl;
	uint32_t port, seq;
	bool is_dumping; /* A dump failed, and the kernel still continues it. */
	bool is_long;    /* A dump filled READ_FEW_BYTES: the next reads ask for more. */
	char *buf;       /* READ_BYTES */
};

void *nl_msg_init(struct nl_msg *m, uint16_t type, uint16_t flags, size_t header_bytes)
{
	struct nlmsghdr *h;

	/* The padding between attributes is sent to the kernel too. */
	memset(m->bytes, 0, sizeof(m->bytes));
	h = mnl_nlmsg_put_header(m->bytes);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(h, header_bytes);
}

struct nlmsghdr *nl_msg_head(struct nl_msg *m)
{
	return (struct nlmsghdr *)m->bytes;
}

/* If a message does not fit, its builder is wrong, whatever the input. */
static void must(bool fits)
{
	if (!fits)
		abort();
}

void nl_put(struct nl_msg *m, uint16_t type, size_t n, const void *data)
{
	must(mnl_attr_put_check(nl_msg_head(m), NL_MSG_BYTES, type, n, data));
}

void nl_put_u8(struct nl_msg *m, uint16_t type, uint8_t value)
{
	must(mnl_attr_put_u8_check(nl_msg_head(m), NL_MSG_BYTES, type, value));
}

void nl_put_u16(struct nl_msg *m, uint16_t type, uint16_t value)
{
	must(mnl_attr_put_u16_check(nl_msg_head(m), NL_MSG_BYTES, type, value));
}

void nl_put_u32(struct nl_msg *m, uint16_t type, uint32_t value)
{
	must(mnl_attr_put_u32_check(nl_msg_head(m), NL_MSG_BYTES, type, value));
}

void nl_put_text(struct nl_msg *m, uint16_t type, const char *text)
{
	must(mnl_attr_put_strz_check(nl_msg_head(m), NL_MSG_BYTES, type, text));
}

struct nlattr *nl_nest(struct nl_msg *m, uint16_t type)
{
	struct nlattr *nest =
		mnl_attr_nest_start_check(nl_msg_head(m), NL_MSG_BYTES, type);

	must(nest != NULL);
	return nest;
}

void nl_nest_end(struct nl_msg *m, struct nlattr *nest)
{
	mnl_attr_nest_end(nl_msg_head(m), nest);
}

static struct err *set_options(struct mnl_socket *mnl)
{
	int on = 1, bytes = RCVBUF_BYTES, fd = mnl_socket_get_fd(mnl);
	struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_S};

	if (mnl_socket_setsockopt(mnl, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(mnl, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(mnl, NETLINK_GET_STRICT_CHK, &on, sizeof(on)))
		return err_new(ERR_UNSUPPORTED,
			       "this kernel is too old: Linux 4.20 or later is needed");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)))
		return err_sys(errno, "cannot set the size of a netlink socket's buffer");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return err_sys(errno, "cannot set a netlink socket's time limit");
	return NULL;
}

static struct err *open_mnl(uint32_t port, struct mnl_socket **ret_mnl)
{
	struct mnl_socket *mnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct err *e;

	if (!mnl)
		return err_sys(errno, "cannot open a netlink socket");
	e = set_options(mnl);
	/* If the port is taken, any other will do: it only separates our events from
	 * those of others. */
	if (!e && mnl_socket_bind(mnl, 0, (pid_t)port) && mnl_socket_bind(mnl, 0, 0))
		e = err_sys(errno, "cannot bind a netlink socket");
	if (e) {
		mnl_socket_close(mnl);
		return e;
	}
	*ret_mnl = mnl;
	return NULL;
}

struct err *nl_socket_open(uint32_t port, struct nl_socket **ret_socket)
{
	struct mnl_socket *mnl;
	struct nl_socket *s;
	struct err *e = open_mnl(port, &mnl);

	if (e)
		return e;
	s = xcalloc(1, sizeof(*s));
	s->mnl = mnl;
	s->port = port;
	s->buf = xmalloc(READ_BYTES);
	*ret_socket = s;
	return NULL;
}

/* The kernel continues a dump that its reader has given up, and answers the next one on
 * that socket with EBUSY (Linux netlink_dump_start()). The old socket keeps its port
 * until it is closed. */
static struct err *renew(struct nl_socket *s)
{
	uint32_t port = s->port ? s->port ^ NL_OTHER_PORT : 0;
	struct mnl_socket *mnl;
	struct err *e = open_mnl(port, &mnl);

	if (e)
		return e;
	mnl_socket_close(s->mnl);
	s->mnl = mnl;
	s->port = port;
	s->is_dumping = false;
	return NULL;
}

void nl_socket_close(struct nl_socket *s)
{
	if (!s)
		return;
	mnl_socket_close(s->mnl);
	free(s->buf);
	free(s);
}

uint32_t nl_socket_port(const struct nl_socket *s)
{
	return mnl_socket_get_portid(s->mnl);
}

bool nl_socket_is_broken(const struct nl_socket *s)
{
	return s->is_dumping;
}

static enum err_code code_of(int sys_errno)
{
	switch (sys_errno) {
	case EEXIST:
		return ERR_EXISTS;
	case EBUSY:
	case EADDRINUSE:
		return ERR_BUSY;
	case ENODEV:
	case ESRCH:
	case EADDRNOTAVAIL:
		return ERR_NOT_FOUND;
	case EOPNOTSUPP:
		return ERR_UNSUPPORTED;
	case EPERM:
	case EACCES:
		return ERR_PERMISSION;
	default:
		return ERR_SYSTEM;
	}
}

struct err *nl_answer_err(const struct nl_answer *a)
{
	struct err *e;

	if (!a->sys_errno)
		return NULL;
	if (a->sys_errno == NL_NO_ANSWER)
		return err_new(ERR_INTERRUPTED, "the kernel gave no answer");
	if (a->text)
		e = err_new(code_of(a->sys_errno), "%s (%s)", a->text,
			    strerror(a->sys_errno));
	else
		e = err_new(code_of(a->sys_errno), "%s", strerror(a->sys_errno));
	e->sys_errno = a->sys_errno;
	if (a->attr)
		e = err_at(e, "netlink attribute %u", a->attr);
	return e;
}

size_t nl_batch_add(struct nl_batch *b, struct nl_msg *m)
{
	size_t size = MNL_ALIGN(nl_msg_head(m)->nlmsg_len);

	while (b->cap_bytes < b->n_bytes + size)
		b->bytes = xgrow(b->bytes, b->cap_bytes, &b->cap_bytes, 1);
	b->offsets = xgrow(b->offsets, b->n, &b->cap_offsets, sizeof(*b->offsets));
	b->answers = xgrow(b->answers, b->n, &b->cap_answers, sizeof(*b->answers));
	memcpy(b->bytes + b->n_bytes, m->bytes, size);
	b->offsets[b->n] = b->n_bytes;
	/* until its answer comes */
	b->answers[b->n] = (struct nl_answer){.sys_errno = NL_NO_ANSWER};
	b->n_bytes += size;
	return b->n++;
}

void nl_batch_clear(struct nl_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->answers[i].text);
	free(b->bytes);
	free(b->offsets);
	free(b->answers);
	*b = (struct nl_batch){0};
}

static struct nlmsghdr *batch_head(const struct nl_batch *b, size_t i)
{
	return (struct nlmsghdr *)(b->bytes + b->offsets[i]);
}

/* The outermost attribute of 'h' that contains the byte at 'offset' of the message. */
static uint16_t attr_at(const struct nlmsghdr *h, uint32_t offset)
{
	static const size_t header_bytes =
		/* That of ifinfomsg. Attributes after shorter headers are not named. */
		16;
	const struct nlattr *attr;

	nl_attr_for_each (attr, h, header_bytes) {
		size_t start = (size_t)((const char *)attr - (const char *)h);

		if (offset >= start && offset < start + mnl_attr_get_len(attr))
			return mnl_attr_get_type(attr);
	}
	return 0;
}

/* With NETLINK_CAP_ACK the kernel returns the header of the request only, so that
 * extended acks follow struct nlmsgerr. */
static struct nl_answer parse_answer(const struct nlmsghdr *h,
				     const struct nlmsghdr *request)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(h);
	struct nl_answer a = {.sys_errno = -error->error};
	const struct nlattr *attr;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return a;
	nl_attr_for_each (attr, h, sizeof(*error)) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG && a.sys_errno &&
		    !a.text)
			a.text = xstrndup(mnl_attr_get_str(attr),
					  mnl_attr_get_payload_len(attr));
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS && a.sys_errno &&
		    request && mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			a.attr = attr_at(request, mnl_attr_get_u32(attr));
	}
	return a;
}

/* Receives one datagram of the kernel, of 'size' bytes at most. */
static struct err *receive(struct nl_socket *s, size_t size, size_t *ret_n)
{
	struct sockaddr_nl from;
	struct iovec io = {.iov_base = s->buf, .iov_len = size};
	struct msghdr msg = {.msg_name = &from,
			     .msg_namelen = sizeof(from),
			     .msg_iov = &io,
			     .msg_iovlen = 1};
	ssize_t n;

	do
		n = recvmsg(mnl_socket_get_fd(s->mnl), &msg, 0);
	while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid));
	if (n < 0 && (errno == ENOBUFS || errno == EAGAIN)) {
		struct err *e =
			err_new(ERR_INTERRUPTED, "answers of the kernel were lost");

		e->sys_errno = errno;
		return e;
	}
	if (n < 0)
		return err_sys(errno, "cannot read from a netlink socket");
	if (msg.msg_flags & MSG_TRUNC && size < READ_BYTES) {
		s->is_long = true;
		return err_new(ERR_INTERRUPTED, "an answer of the kernel was cut off");
	}
	if (msg.msg_flags & MSG_TRUNC)
		return err_new(ERR_SYSTEM,
			       "the kernel sent a netlink message of more than %d bytes",
			       READ_BYTES);
	*ret_n = (size_t)n;
	return NULL;
}

struct slice {
	struct nl_batch *batch;
	size_t first, n;    /* of its messages */
	uint32_t first_seq; /* sequence number of the first */
	size_t n_open;      /* without an answer yet */
	nl_reply_fn *fn;
	void *aux;
};

static void take_datagram(struct slice *slice, const char *buf, size_t n_bytes)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
	int left = (int)n_bytes;

	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		size_t i = h->nlmsg_seq - slice->first_seq;

		/* a late answer to an earlier batch that failed */
		if (i >= slice->n)
			continue;
		i += slice->first;
		if (h->nlmsg_type == NLMSG_ERROR) {
			free(slice->batch->answers[i].text);
			slice->batch->answers[i] =
				parse_answer(h, batch_head(slice->batch, i));
			slice->n_open--;
		} else if (slice->fn && h->nlmsg_type >= NLMSG_MIN_TYPE) {
			slice->fn(slice->aux, i, h);
		}
	}
}

static struct err *run_slice(struct nl_socket *s, struct slice *slice)
{
	const struct nl_batch *b = slice->batch;
	size_t end = slice->first + slice->n < b->n ? b->offsets[slice->first + slice->n]
						    : b->n_bytes;
	char *start = b->bytes + b->offsets[slice->first];
	size_t n_bytes = end - b->offsets[slice->first];
	struct err *e = NULL;

	slice->first_seq = s->seq + 1;
	for (size_t i = 0; i < slice->n; i++) {
		struct nlmsghdr *h = batch_head(b, slice->first + i);

		h->nlmsg_flags |= NLM_F_ACK;
		h->nlmsg_seq = ++s->seq;
	}
	if (mnl_socket_sendto(s->mnl, start, n_bytes) < 0)
		return err_sys(errno, "cannot write to a netlink socket");
	slice->n_open = slice->n;
	while (!e && slice->n_open) {
		size_t n;

		/* An answer without a message is short. */
		e = receive(s, slice->fn ? READ_BYTES : READ_FEW_BYTES, &n);
		if (!e)
			take_datagram(slice, s->buf, n);
	}
	return e;
}

struct err *nl_batch_run(struct nl_socket *s, struct nl_batch *b, nl_reply_fn *fn,
			 void *aux)
{
	struct err *e = NULL;

	for (size_t at = 0; !e && at < b->n; at += SEND_MESSAGES) {
		struct slice slice = {.batch = b, .first = at, .fn = fn, .aux = aux};

		slice.n = b->n - at < SEND_MESSAGES ? b->n - at : SEND_MESSAGES;
		e = run_slice(s, &slice);
	}
	return e;
}

struct err *nl_run(struct nl_socket *s, struct nl_msg *m, nl_reply_fn *fn, void *aux)
{
	struct nl_batch b = {0};
	struct err *e;

	nl_batch_add(&b, m);
	e = nl_batch_run(s, &b, fn, aux);
	if (!e)
		e = nl_answer_err(&b.answers[0]);
	nl_batch_clear(&b);
	return e;
}

/* If a dump fails halfway, NLMSG_DONE has an errno (not in netlink(7); Linux
 * netlink_dump_done()). */
static struct err *end_of_dump(const struct nlmsghdr *h)
{
	struct nl_answer a = {0};
	struct err *e;

	if (h->nlmsg_type == NLMSG_ERROR) {
		a = parse_answer(h, NULL);
	} else if (mnl_nlmsg_get_payload_len(h) >= sizeof(int)) {
		const int *result = mnl_nlmsg_get_payload(h);

		a.sys_errno = *result < 0 ? -*result : 0;
	}
	e = nl_answer_err(&a);
	free(a.text);
	return e;
}

/* Reads to the end of the dump, or to a failure after which the kernel continues it. */
static struct err *read_dump(struct nl_socket *s, nl_reply_fn *fn, void *aux)
{
	bool is_interrupted = false;

	for (;;) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)s->buf;
		size_t n;
		struct err *e = receive(s, s->is_long ? READ_BYTES : READ_FEW_BYTES, &n);
		int left;

		if (e)
			return e;
		s->is_long |= n > READ_FEW_BYTES / 2;
		for (left = (int)n; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
			if (h->nlmsg_seq != s->seq)
				continue;
			is_interrupted |= h->nlmsg_flags & NLM_F_DUMP_INTR;
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
				s->is_dumping = false;
				e = end_of_dump(h);
				if (!e && is_interrupted)
					e = err_new(ERR_INTERRUPTED,
						    "the kernel's tables changed while "
						    "they were read");
				return e;
			}
			fn(aux, 0, h);
		}
	}
}

struct err *nl_dump(struct nl_socket *s, struct nl_msg *m, nl_reply_fn *fn, void *aux)
{
	struct nlmsghdr *request = nl_msg_head(m);
	struct err *e = s->is_dumping ? renew(s) : NULL;

	if (e)
		return e;
	request->nlmsg_flags |= NLM_F_DUMP;
	request->nlmsg_seq = ++s->seq;
	if (mnl_socket_sendto(s->mnl, request, request->nlmsg_len) < 0)
		return err_sys(errno, "cannot write to a netlink socket");
	s->is_dumping = true;
	return read_dump(s, fn, aux);
}
