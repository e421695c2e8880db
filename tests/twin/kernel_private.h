/* Shared by the files kernel*.c. */
#ifndef TESTS_TWIN_KERNEL_PRIVATE_H
#define TESTS_TWIN_KERNEL_PRIVATE_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "tests/twin/kernel.h"

/* An index that no device has. */
#define NO_SUCH_IFINDEX 0x7ffffff0U

/* As twin_kernel_err(). */
struct err *kernel_err(int sys_errno, const char *text) MUST_CHECK;

/* A descriptor of the namespace 'netns' ("" is the own one); -1 if there is none. */
int kernel_open_netns(const char *netns);
/* Enters it; false: it is no namespace. */
bool kernel_enter(int netns_fd) MUST_CHECK;
bool kernel_enter_new(void) MUST_CHECK;
/* Back to the own one. */
void kernel_leave(void);
/* One without a name, which stays. True if it is new. */
bool kernel_enter_hidden(void);
int kernel_hidden_fd(void);

/* In the namespace of the calling thread: */
/* 0: no device has that name. */
uint32_t kernel_ifindex(const char *name);
/* The id that the namespace of 'fd' has here; NSID_HERE: none. */
int32_t kernel_nsid(int fd);
/* The same; it gets one if it has none. */
struct err *kernel_give_nsid(int fd, int32_t *ret_nsid) MUST_CHECK;
/* Sends one message and takes the answer. */
struct err *kernel_send(struct nl_msg *m) MUST_CHECK;
/* The same for a get. */
struct err *kernel_get(struct nl_msg *m, nl_reply_fn *fn, void *aux) MUST_CHECK;
/* Repeats the dump until it was not interrupted; 'start' clears what 'fn' collects. */
void kernel_read(struct nl_msg *m, void (*start)(void *aux), nl_reply_fn *fn, void *aux);

/* NLM_F_CREATE and the like. */
uint16_t kernel_flags(const struct twin_request *r);

/* A process in the namespace. */
struct err *kernel_process_start(uint32_t pid, const char *netns) MUST_CHECK;
struct err *kernel_process_end(uint32_t pid) MUST_CHECK;

struct err *kernel_link_new(const struct twin_request *r) MUST_CHECK;
struct err *kernel_link_set(const struct twin_request *r) MUST_CHECK;
struct err *kernel_link_del(const struct twin_request *r) MUST_CHECK;
struct err *kernel_addr(const struct twin_request *r) MUST_CHECK;
struct err *kernel_route(const struct twin_request *r) MUST_CHECK;
struct err *kernel_rule(const struct twin_request *r) MUST_CHECK;

/* A router advertisement, the packet filter. */
struct err *kernel_advertise(const struct twin_request *r) MUST_CHECK;
struct err *kernel_filter(const struct twin_request *r) MUST_CHECK;
/* The hooks that this process has made drop everything here: bits of enum twin_hook. */
unsigned int kernel_filtered(void);

#endif
