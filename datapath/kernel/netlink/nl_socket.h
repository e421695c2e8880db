/* Sockets of rtnetlink: building messages, sending many at once with one answer each, and
 * complete dumps. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_SOCKET_H
#define DATAPATH_KERNEL_NETLINK_NL_SOCKET_H 1

#include "lib/err.h"

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Instead of a namespace id: the namespace of the socket. */
#define NSID_HERE (-1)

/* Enough for the longest message that we send: names have at most 15 bytes. */
#define NL_MSG_BYTES 512

/* A message being built. What does not fit ends the process: all parts are of known
 * size. */
struct nl_msg {
	char bytes[NL_MSG_BYTES] __attribute__((aligned(MNL_ALIGNTO)));
};
/* Starts 'm' again; returns the zeroed header that follows nlmsghdr. */
void *nl_msg_init(struct nl_msg *m, uint16_t type, uint16_t flags, size_t header_bytes);
struct nlmsghdr *nl_msg_head(struct nl_msg *m);
void nl_put(struct nl_msg *m, uint16_t type, size_t n, const void *data);
void nl_put_u8(struct nl_msg *m, uint16_t type, uint8_t value);
void nl_put_u16(struct nl_msg *m, uint16_t type, uint16_t value);
void nl_put_u32(struct nl_msg *m, uint16_t type, uint32_t value);
void nl_put_text(struct nl_msg *m, uint16_t type, const char *text);
struct nlattr *nl_nest(struct nl_msg *m, uint16_t type);
void nl_nest_end(struct nl_msg *m, struct nlattr *nest);

/* The macros of libmnl convert a difference of pointers to int, which our warnings forbid, and
 * read up to the aligned end of a message, which may be behind the real one. */
#define nl_attr_for_each(attr, h, offset)                                                \
	for ((attr) = mnl_nlmsg_get_payload_offset(h, offset);                           \
	     mnl_attr_ok(attr, (int)((const char *)(h) + (h)->nlmsg_len -                \
				     (const char *)(attr)));                             \
	     (attr) = mnl_attr_next(attr))
#define nl_attr_for_each_nested(attr, nest)                                              \
	for ((attr) = mnl_attr_get_payload(nest);                                        \
	     mnl_attr_ok(attr,                                                           \
			 (int)((const char *)mnl_attr_get_payload(nest) +                \
			       mnl_attr_get_payload_len(nest) - (const char *)(attr)));  \
	     (attr) = mnl_attr_next(attr))

struct nl_socket;
/* A socket in the namespace of the calling thread, with strict checking and extended
 * acks. 'port' is its netlink port; 0: chosen by the kernel. After a failed dump, the
 * next dump opens the socket again, in the namespace of the thread that calls then, with
 * port ^ NL_OTHER_PORT. ERR_UNSUPPORTED on kernels older than Linux 4.20. */
#define NL_OTHER_PORT 16U
struct err *nl_socket_open(uint32_t port, struct nl_socket **ret_socket) MUST_CHECK;
void nl_socket_close(struct nl_socket *s); /* accepts NULL */
uint32_t nl_socket_port(const struct nl_socket *s);
/* A dump failed: the next one opens the socket again. */
bool nl_socket_is_broken(const struct nl_socket *s);

/* Instead of an errno: the socket failed before the answer came. */
#define NL_NO_ANSWER (-1)

/* The kernel's answer to one message. */
struct nl_answer {
	int sys_errno; /* 0: success */
	/* The text of the extended ack, NULL if none came; owned by the batch. */
	char *text;
	/* The type of the outermost attribute that it rejects, 0 if not reported. */
	uint16_t attr;
};
/* The answer as an error: ERR_SYSTEM, or the code for its errno. NULL if it is a
 * success. */
struct err *nl_answer_err(const struct nl_answer *a) MUST_CHECK;

/* Messages that do not depend on each other's answers, numbered from 0. */
struct nl_batch {
	char *bytes;
	size_t n_bytes, cap_bytes;
	size_t *offsets;
	size_t cap_offsets;
	struct nl_answer *answers;
	size_t cap_answers;
	size_t n;
};
/* Copies 'm'; returns its number. */
size_t nl_batch_add(struct nl_batch *b, struct nl_msg *m);
void nl_batch_clear(struct nl_batch *b);

/* 'h' is what the kernel sent; borrowed for the call. */
typedef void nl_reply_fn(void *aux, size_t number, const struct nlmsghdr *h);

/* Sends all, reads every answer. An error means that the socket failed; some answers may
 * be missing then. If the kernel refuses a message, that is in its answer. 'fn' (may be
 * NULL) is called with what a get returns. */
struct err *nl_batch_run(struct nl_socket *s, struct nl_batch *b, nl_reply_fn *fn,
			 void *aux) MUST_CHECK;
/* Sends one message. If the kernel refuses it, that is the error. */
struct err *nl_run(struct nl_socket *s, struct nl_msg *m, nl_reply_fn *fn,
		   void *aux) MUST_CHECK;

/* Reads a whole dump. What 'fn' was given counts only if NULL is returned.
 * ERR_INTERRUPTED: the table changed meanwhile (NLM_F_DUMP_INTR, netlink(7)). 'number' is
 * 0. */
struct err *nl_dump(struct nl_socket *s, struct nl_msg *m, nl_reply_fn *fn,
		    void *aux) MUST_CHECK;

#endif
