/* Requests to the real kernel: the namespaces that they come from, and those that go to
 * files. Messages of rtnetlink are built in kernel_link.c and kernel_inet.c. */
#include "tests/twin/kernel.h"

#include "lib/alloc.h"
#include "lib/fd.h"
#include "tests/twin/kernel_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define NETNS_FOLDER "/run/netns"
#define ETC_FOLDER   "/etc/netns"
#define OWN_NETNS    "/proc/thread-self/ns/net"

/* What TWIN_NETNS_HOLD opened, for each text the last one first. */
struct held {
	char *netns;
	int fd;
	struct held *next;
};
static struct held *held;

/* Where the thread is. A socket in another namespace than these two is closed when the
 * thread leaves, since it would keep the namespace alive (kernel.md 16). */
static struct place {
	int fd;
	struct nl_socket *socket;
} own = {.fd = -1}, hidden = {.fd = -1}, elsewhere = {.fd = -1}, *here = &own;

static int own_netns(void)
{
	if (own.fd < 0)
		own.fd = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	if (own.fd < 0)
		abort();
	return own.fd;
}

static void change_place(struct place *to)
{
	nl_socket_close(STEAL(elsewhere.socket));
	here = to;
}

static struct nl_socket *socket_here(void)
{
	struct err *e = here->socket ? NULL : nl_socket_open(0, &here->socket);

	if (e) {
		fprintf(stderr, "kernel: %s\n", e->message);
		abort();
	}
	return here->socket;
}

struct err *kernel_err(int sys_errno, const char *text)
{
	struct err *e = err_new(ERR_SYSTEM, "%s", text ? text : strerror(sys_errno));

	e->sys_errno = sys_errno;
	return e;
}

static struct err *file_err(bool failed)
{
	return failed ? kernel_err(errno, NULL) : NULL;
}

static char *netns_path(const char *netns)
{
	return *netns == '/' ? xstrdup(netns) : xasprintf("%s/%s", NETNS_FOLDER, netns);
}

int kernel_open_netns(const char *netns)
{
	char *path CLEANUP(freep) = netns_path(netns);

	return *netns ? open(path, O_RDONLY | O_CLOEXEC)
		      : fcntl(own_netns(), F_DUPFD_CLOEXEC, 0);
}

bool kernel_enter(int netns_fd)
{
	own_netns();
	if (setns(netns_fd, CLONE_NEWNET))
		return false;
	change_place(&elsewhere);
	return true;
}

void kernel_leave(void)
{
	if (setns(own_netns(), CLONE_NEWNET))
		abort();
	change_place(&own);
}

bool kernel_enter_new(void)
{
	own_netns();
	if (unshare(CLONE_NEWNET))
		return false;
	change_place(&elsewhere);
	return true;
}

bool kernel_enter_hidden(void)
{
	bool is_new = hidden.fd < 0;

	if (is_new) {
		if (!kernel_enter_new())
			abort();
		hidden.fd = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	}
	if (setns(hidden.fd, CLONE_NEWNET))
		abort();
	change_place(&hidden);
	return is_new;
}

int kernel_hidden_fd(void)
{
	return hidden.fd;
}

static void take_ifindex(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct ifinfomsg *head = mnl_nlmsg_get_payload(h);

	(void)number;
	*(uint32_t *)aux = (uint32_t)head->ifi_index;
}

/* if_nametoindex() has the kernel start modprobe for a name that does not exist. */
uint32_t kernel_ifindex(const char *name)
{
	uint32_t ifindex = 0;
	struct nl_msg m;

	if (strlen(name) >= IF_NAMESIZE)
		return 0;
	nl_msg_init(&m, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	nl_put_text(&m, IFLA_IFNAME, name);
	nl_put_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	err_free(kernel_get(&m, take_ifindex, &ifindex));
	return ifindex;
}

struct err *kernel_get(struct nl_msg *m, nl_reply_fn *fn, void *aux)
{
	struct nl_batch b = {0};
	struct err *e;

	nl_batch_add(&b, m);
	e = nl_batch_run(socket_here(), &b, fn, aux);
	if (!e && b.answers[0].sys_errno)
		e = kernel_err(b.answers[0].sys_errno, b.answers[0].text);
	nl_batch_clear(&b);
	return e;
}

struct err *kernel_send(struct nl_msg *m)
{
	return kernel_get(m, NULL, NULL);
}

static void take_nsid(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct nlattr *attr;

	(void)number;
	nl_attr_for_each (attr, h, sizeof(struct rtgenmsg)) {
		if (mnl_attr_get_type(attr) == NETNSA_NSID)
			*(int32_t *)aux = (int32_t)mnl_attr_get_u32(attr);
	}
}

static void build_nsid(struct nl_msg *m, uint16_t type, int fd)
{
	nl_msg_init(m, type, 0, sizeof(struct rtgenmsg));
	nl_put_u32(m, NETNSA_FD, (uint32_t)fd);
	if (type == RTM_NEWNSID)
		nl_put_u32(m, NETNSA_NSID, UINT32_MAX);
}

int32_t kernel_nsid(int fd)
{
	int32_t nsid = NSID_HERE;
	struct nl_msg m;

	build_nsid(&m, RTM_GETNSID, fd);
	err_free(kernel_get(&m, take_nsid, &nsid));
	return nsid;
}

struct err *kernel_give_nsid(int fd, int32_t *ret_nsid)
{
	struct nl_msg m;
	struct err *e;

	build_nsid(&m, RTM_NEWNSID, fd);
	e = kernel_send(&m);
	if (e && e->sys_errno != EEXIST)
		return e;
	err_free(e);
	*ret_nsid = kernel_nsid(fd);
	return NULL;
}

void kernel_read(struct nl_msg *m, void (*start)(void *aux), nl_reply_fn *fn, void *aux)
{
	struct err *e = NULL;

	do {
		err_free(e);
		start(aux);
		e = nl_dump(socket_here(), m, fn, aux);
	} while (e && e->code == ERR_INTERRUPTED);
	if (e) {
		fprintf(stderr, "kernel: %s\n", e->message);
		abort();
	}
}

uint16_t kernel_flags(const struct twin_request *r)
{
	return (uint16_t)((r->flags & TWIN_CREATE ? NLM_F_CREATE : 0) |
			  (r->flags & TWIN_EXCL ? NLM_F_EXCL : 0) |
			  (r->flags & TWIN_REPLACE ? NLM_F_REPLACE : 0) |
			  (r->flags & TWIN_APPEND ? NLM_F_APPEND : 0));
}

/* As `ip netns`: a folder that is a shared mount of its own. */
static struct err *prepare_folder(void)
{
	if (mkdir(NETNS_FOLDER, 0755) && errno != EEXIST)
		return file_err(true);
	if (!mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL))
		return NULL;
	return file_err(
		mount(NETNS_FOLDER, NETNS_FOLDER, "none", MS_BIND | MS_REC, NULL) ||
		mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL));
}

static struct err *make_file(const char *netns)
{
	char *path CLEANUP(freep) = netns_path(netns);
	struct err *e = prepare_folder();
	int fd CLEANUP(fd_closep) =
		e ? -1 : open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	return e ? e : file_err(fd < 0);
}

static struct err *mount_here(const char *netns)
{
	char *path CLEANUP(freep) = netns_path(netns);

	return file_err(mount(OWN_NETNS, path, "none", MS_BIND, NULL) != 0);
}

/* `ip netns add` leaves lo down. */
static struct err *netns_add(const struct twin_request *r)
{
	struct err *e = make_file(r->netns);

	if (e)
		return e;
	e = kernel_enter_new() ? mount_here(r->netns) : file_err(true);
	kernel_leave();
	return e;
}

static struct err *netns_attach(const struct twin_request *r)
{
	uint32_t pid = model_netns_pid(r->netns);
	int fd CLEANUP(fd_closep) = kernel_open_netns(r->other);
	struct err *e = pid      ? kernel_process_start(pid, r->other)
			: fd < 0 ? file_err(true)
				 : make_file(r->netns);

	if (e || pid)
		return e;
	e = kernel_enter(fd) ? mount_here(r->netns) : file_err(true);
	kernel_leave();
	return e;
}

static struct err *netns_del(const struct twin_request *r)
{
	char *path CLEANUP(freep) = netns_path(r->netns);
	uint32_t pid = model_netns_pid(r->netns);

	if (pid)
		return kernel_process_end(pid);
	/* A dead file is removed too. */
	if (umount2(path, MNT_DETACH) && errno != EINVAL)
		return file_err(true);
	return file_err(unlink(path) != 0);
}

static struct err *netns_unmount(const struct twin_request *r)
{
	char *path CLEANUP(freep) = netns_path(r->netns);

	return file_err(umount2(path, MNT_DETACH) != 0);
}

static struct err *netns_hold(const struct twin_request *r)
{
	int fd = kernel_open_netns(r->netns);
	struct held *h;

	if (fd < 0)
		return file_err(true);
	h = xcalloc(1, sizeof(*h));
	*h = (struct held){.netns = xstrdup(r->netns), .fd = fd, .next = held};
	held = h;
	return NULL;
}

static void let_go(struct held **at)
{
	struct held *h = *at;

	*at = h->next;
	close(h->fd);
	free(h->netns);
	free(h);
}

static struct err *netns_release(const struct twin_request *r)
{
	for (struct held **at = &held; *at; at = &(*at)->next) {
		if (!strcmp((*at)->netns, r->netns)) {
			let_go(at);
			return NULL;
		}
	}
	return kernel_err(ENOENT, NULL);
}

void kernel_forget(void)
{
	while (held)
		let_go(&held);
}

static struct err *write_file(const char *path, int flags, const char *text)
{
	int fd CLEANUP(fd_closep) = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	size_t n = strlen(text);

	if (fd < 0)
		return file_err(true);
	return file_err(write(fd, text, n) != (ssize_t)n);
}

static struct err *write_sysctl(const struct twin_request *r)
{
	const char *key = r->u.sysctl.key, *dot = strchr(key, '.');
	char *path CLEANUP(freep) = NULL;

	if (!dot)
		return kernel_err(ENOENT, NULL);
	path = xasprintf("/proc/sys/net/%.*s/conf/%s/%s", (int)(dot - key), key, r->name,
			 dot + 1);
	return write_file(path, 0, r->u.sysctl.value);
}

static struct err *write_resolv_conf(const struct twin_request *r)
{
	char *folder CLEANUP(freep) = xasprintf("%s/%s", ETC_FOLDER, r->netns);
	char *path CLEANUP(freep) = xasprintf("%s/resolv.conf", folder);

	if (!*r->u.resolv_conf)
		return file_err(unlink(path) && errno != ENOENT);
	if (mkdir(folder, 0755) && errno != EEXIST)
		return file_err(true);
	return write_file(path, O_CREAT | O_TRUNC, r->u.resolv_conf);
}

static const struct {
	struct err *(*run)(const struct twin_request *r);
	bool is_inside; /* the namespace is entered first */
} requests[TWIN_REQUEST_KINDS] = {
	[TWIN_NETNS_ADD] = {netns_add, false},
	[TWIN_NETNS_DEL] = {netns_del, false},
	[TWIN_NETNS_ATTACH] = {netns_attach, false},
	[TWIN_NETNS_UNMOUNT] = {netns_unmount, false},
	[TWIN_NETNS_HOLD] = {netns_hold, false},
	[TWIN_NETNS_RELEASE] = {netns_release, false},
	[TWIN_LINK_NEW] = {kernel_link_new, true},
	[TWIN_LINK_SET] = {kernel_link_set, true},
	[TWIN_LINK_DEL] = {kernel_link_del, true},
	[TWIN_ADDR_NEW] = {kernel_addr, true},
	[TWIN_ADDR_DEL] = {kernel_addr, true},
	[TWIN_ROUTE_NEW] = {kernel_route, true},
	[TWIN_ROUTE_DEL] = {kernel_route, true},
	[TWIN_RULE_NEW] = {kernel_rule, true},
	[TWIN_RULE_DEL] = {kernel_rule, true},
	[TWIN_SYSCTL] = {write_sysctl, true},
	[TWIN_RESOLV_CONF] = {write_resolv_conf, false},
	[TWIN_ADVERTISE] = {kernel_advertise, true},
	[TWIN_FILTER] = {kernel_filter, true},
};

struct err *kernel_request(const struct twin_request *r)
{
	int fd CLEANUP(fd_closep) = -1;
	struct err *e;

	if (!requests[r->kind].is_inside)
		return requests[r->kind].run(r);
	fd = kernel_open_netns(r->netns);
	if (fd < 0)
		return kernel_err(ENOENT, NULL);
	/* A file that has no namespace on it. */
	if (!kernel_enter(fd))
		return kernel_err(ENOENT, NULL);
	e = requests[r->kind].run(r);
	kernel_leave();
	return e;
}

void kernel_inside(const char *netns, void (*fn)(void))
{
	int fd CLEANUP(fd_closep) = kernel_open_netns(netns);

	if (fd < 0 || !kernel_enter(fd))
		return;
	fn();
	kernel_leave();
}
