/* Talking rtnetlink: messages built safely, many in one send with one answer each, whole
 * dumps or none. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_SOCKET_H
#define DATAPATH_KERNEL_NETLINK_NL_SOCKET_H 1

#include "lib/err.h"

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No namespace id: the namespace that the socket is in. */
#define NSID_HERE (-1)

/* Room for the longest message that we send; names are at most 15 bytes, so all are far
 * below. */
#define NL_MSG_BYTES 512

/* A message being built. The put functions assert that it fits: its parts are of known
 * size. */
struct nl_msg {
	char bytes[NL_MSG_BYTES] __attribute__((aligned(MNL_ALIGNTO)));
};
/* Starts 'm' over; returns the zeroed header that follows nlmsghdr. */
void *nl_msg_init(struct nl_msg *m, uint16_t type, uint16_t flags, size_t header_bytes);
struct nlmsghdr *nl_msg_head(struct nl_msg *m);
void nl_put(struct nl_msg *m, uint16_t type, size_t n, const void *data);
void nl_put_u8(struct nl_msg *m, uint16_t type, uint8_t value);
void nl_put_u16(struct nl_msg *m, uint16_t type, uint16_t value);
void nl_put_u32(struct nl_msg *m, uint16_t type, uint32_t value);
void nl_put_text(struct nl_msg *m, uint16_t type, const char *text);
struct nlattr *nl_nest(struct nl_msg *m, uint16_t type);
void nl_nest_end(struct nl_msg *m, struct nlattr *nest);

/* libmnl's own of these names convert a difference of pointers to int unseen. */
#define nl_attr_for_each(attr, h, offset)                                                \
	for ((attr) = mnl_nlmsg_get_payload_offset(h, offset);                           \
	     mnl_attr_ok(attr, (int)((const char *)mnl_nlmsg_get_payload_tail(h) -       \
				     (const char *)(attr)));                             \
	     (attr) = mnl_attr_next(attr))
#define nl_attr_for_each_nested(attr, nest)                                              \
	for ((attr) = mnl_attr_get_payload(nest);                                        \
	     mnl_attr_ok(attr,                                                           \
			 (int)((const char *)mnl_attr_get_payload(nest) +                \
			       mnl_attr_get_payload_len(nest) - (const char *)(attr)));  \
	     (attr) = mnl_attr_next(attr))

struct nl_socket;
/* A socket in the calling thread's namespace, with strict checking and extended acks.
 * 'port' is its netlink port, 0: the kernel chooses. One that is used on after a dump
 * failed is opened anew by the next dump, in the namespace of the thread that calls then,
 * with port ^ NL_OTHER_PORT. ERR_UNSUPPORTED on a kernel older than Linux 4.20. */
#define NL_OTHER_PORT 16U
struct err *nl_socket_open(uint32_t port, struct nl_socket **ret_socket) MUST_CHECK;
void nl_socket_close(struct nl_socket *s); /* accepts NULL */
uint32_t nl_socket_port(const struct nl_socket *s);

/* Instead of an errno: no answer came, since the socket failed. */
#define NL_NO_ANSWER (-1)

/* The kernel's answer to one message. */
struct nl_answer {
	int sys_errno; /* 0: done */
	char *text;    /* the extended ack, NULL if none came; owned by the batch */
	uint16_t attr; /* type of the outermost attribute that it objects to, 0 if not
			  told */
};
/* What 'a' says as an error: ERR_SYSTEM or the code that its errno means. NULL if it
 * succeeded. */
struct err *nl_answer_err(const struct nl_answer *a) MUST_CHECK;

/* Messages that do not depend on each other's answers. Numbered from 0. */
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

/* 'h' is what the kernel sent, borrowed for the call. */
typedef void nl_reply_fn(void *aux, size_t number, const struct nlmsghdr *h);

/* Sends all, reads every answer. An error means the socket's own failure, after which
 * some answers may be missing; a message's refusal is in its answer. 'fn' (may be NULL)
 * is given what a get returns. */
struct err *nl_batch_run(struct nl_socket *s, struct nl_batch *b, nl_reply_fn *fn,
			 void *aux) MUST_CHECK;
/* One message; its refusal is the error. */
struct err *nl_run(struct nl_socket *s, struct nl_msg *m, nl_reply_fn *fn,
		   void *aux) MUST_CHECK;

/* The whole of a dump; what 'fn' has been given counts only if NULL is returned.
 * ERR_INTERRUPTED where it changed under us (NLM_F_DUMP_INTR, netlink(7)). 'number' is 0.
 */
struct err *nl_dump(struct nl_socket *s, struct nl_msg *m, nl_reply_fn *fn,
		    void *aux) MUST_CHECK;

#endif
