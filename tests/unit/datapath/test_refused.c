/* The provider `kernel`, and what it stands on, where the system refuses a call: each sentence is
 * in golden/refused.txt. */
#include "datapath/kernel/events/events.h"
#include "datapath/kernel/files/authors.h"
#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/resolv.h"
#include "datapath/kernel/files/sysctl.h"
#include "datapath/kernel/kernel.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/netlink/nl_rule.h"
#include "datapath/kernel/netlink/nl_socket.h"
#include "lib/alloc.h"
#include "lib/fd.h"
#include "lib/loop.h"
#include "lib/stream.h"
#include "lib/worker.h"
#include "tests/unit/refused.h"

#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

/* What the C library calls: newer machines have the …at() alone. */
#ifdef SYS_unlink
#define UNLINK SYS_unlink
#define CHOWN  SYS_chown
#else
#define UNLINK SYS_unlinkat
#define CHOWN  SYS_fchownat
#endif

static struct err *open_socket(void *aux)
{
	struct nl_socket *s;

	(void)aux;
	return nl_socket_open(0, &s);
}

static struct err *open_events(void *aux)
{
	(void)aux;
	return events_open(xcalloc(1, sizeof(struct kernel)));
}

static struct err *open_authors(void *aux)
{
	struct authors *a;

	(void)aux;
	return authors_open(0, 0, &a);
}

static struct err *open_provider(void *aux)
{
	const struct datapath_config config = {.mark = 1};
	struct datapath *dp;

	(void)aux;
	return kernel_provider.open(&config, &dp);
}

static struct err *open_worker(void *loop)
{
	struct worker *w;

	return worker_new(loop, &w);
}

static struct err *connect_to(void *aux)
{
	static const struct stream_handlers none;
	struct stream *s;
	struct loop *l;
	struct err *e = loop_new(&l);

	return e ? e : stream_connect(l, aux, NULL, &none, NULL, &s);
}

static struct err *listen_on(void *aux)
{
	struct stream_listener *s;
	struct loop *l;
	struct err *e = loop_new(&l);

	return e ? e : stream_listen(l, aux, NULL, 0600, NULL, NULL, &s);
}

static struct err *open_namespace(void *aux)
{
	uint64_t inode;
	int fd;

	return nsfs_open(aux, &fd, &inode);
}

static struct err *enter_namespace(void *aux)
{
	(void)aux;
	return nsfs_enter(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
}

static bool has_no_filter;

static void must(struct err *e)
{
	if (e)
		fail_msg("%s", err_text(e));
}

static void check(const struct refused *r, struct err *(*fn)(void *aux), void *aux)
{
	if (!refuse(r, fn, aux)) {
		has_no_filter = true;
		skip();
	}
}

static void sockets(void **state)
{
	static const struct refused calls[] = {
		{SYS_socket, ANY, ANY, EMFILE},
		{SYS_bind, ANY, ANY, ENOMEM},
		{SYS_setsockopt, SOL_SOCKET, SO_RCVTIMEO, ENOMEM},
		{SYS_setsockopt, SOL_NETLINK, NETLINK_GET_STRICT_CHK, ENOPROTOOPT},
		{SYS_setsockopt, SOL_SOCKET, ANY, EPERM},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		check(&calls[i], open_socket, NULL);
}

static void events(void **state)
{
	static const struct refused calls[] = {
		{SYS_socket, ANY, ANY, EMFILE},
		{SYS_bind, ANY, ANY, ENOMEM},
		{SYS_setsockopt, SOL_SOCKET, SO_ATTACH_FILTER, ENOMEM},
		{SYS_setsockopt, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, EPERM},
		{SYS_setsockopt, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, ENOMEM},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		check(&calls[i], open_events, NULL);
		check(&calls[i], open_authors, NULL);
	}
	check(&(struct refused){SYS_setsockopt, SOL_SOCKET, ANY, EPERM}, open_events,
	      NULL);
	check(&(struct refused){SYS_inotify_init1, ANY, ANY, EMFILE}, open_events, NULL);
	check(&(struct refused){SYS_openat, ANY, ANY, EMFILE}, open_events, NULL);
	check(&(struct refused){SYS_epoll_create1, ANY, ANY, EMFILE}, open_events, NULL);
	check(&(struct refused){SYS_eventfd2, ANY, ANY, EMFILE}, open_authors, NULL);
	check(&(struct refused){SYS_getrandom, ANY, ANY, ENOSYS}, open_provider, NULL);
	check(&(struct refused){SYS_socket, ANY, ANY, EMFILE}, open_provider, NULL);
	check(&(struct refused){SYS_socket, ANY, ANY, EPERM}, open_provider, NULL);
	check(&(struct refused){SYS_sendto, ANY, ANY, ENOBUFS}, open_provider, NULL);
	check(&(struct refused){SYS_recvmsg, ANY, ANY, EIO}, open_provider, NULL);
	check(&(struct refused){SYS_recvmsg, ANY, ANY, EAGAIN}, open_provider, NULL);
}

static struct err *give_to_root(void *path)
{
	return stream_unix_give(path, "root");
}

/* The file of a server that was killed. */
static void leave_socket(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(a.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
}

static void streams(void **state)
{
	char folder[] = "/tmp/ipvl-refused-XXXXXX";
	struct stream_listener *listener;
	struct loop *l;

	(void)state;
	assert_null(loop_new(&l));
	check(&(struct refused){SYS_eventfd2, ANY, ANY, EMFILE}, open_worker, l);
	check(&(struct refused){SYS_clone3, ANY, ANY, EAGAIN}, open_worker, l);
	check(&(struct refused){SYS_socket, ANY, ANY, EMFILE}, connect_to,
	      (char[]){"unix:/tmp/none"});
	check(&(struct refused){SYS_socket, ANY, ANY, EMFILE}, connect_to,
	      (char[]){"tcp:127.0.0.1:1"});
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	/* The socket of another process, as it seems. */
	assert_null(stream_listen(l, "punix:s", NULL, 0600, NULL, NULL, &listener));
	check(&(struct refused){SYS_socket, ANY, ANY, EMFILE}, listen_on,
	      (char[]){"punix:s"});
	check(&(struct refused){SYS_connect, ANY, ANY, EACCES}, listen_on,
	      (char[]){"punix:s"});
	check(&(struct refused){CHOWN, ANY, ANY, EPERM}, give_to_root, (char[]){"s"});
	stream_listener_free(listener);
	leave_socket("dead");
	check(&(struct refused){UNLINK, ANY, ANY, EROFS}, listen_on,
	      (char[]){"punix:dead"});
	unlink("dead");
	loop_free(l);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void namespaces(void **state)
{
	static const char *const paths[] = {
		"/proc/self/ns/mnt",  "/proc/self/ns/pid", "/proc/self/ns/user",
		"/proc/self/ns/uts",  "/proc/self/ns/ipc", "/proc/self/ns/cgroup",
		"/proc/self/ns/time", "/dev/null",         "/proc/self",
		"/proc/none/ns/net",  "none-of-this-host",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		uint64_t inode;
		int fd;
		struct err *e = nsfs_open(paths[i], &fd, &inode);

		if (!e)
			fail_msg("%s is taken", paths[i]);
		golden_add(e->message);
		err_free(e);
	}
	check(&(struct refused){SYS_openat, ANY, ANY, EMFILE}, open_namespace,
	      (char[]){"/proc/self/ns/net"});
	check(&(struct refused){SYS_fstatfs, ANY, ANY, EIO}, open_namespace,
	      (char[]){"/proc/self/ns/net"});
	check(&(struct refused){SYS_setns, ANY, ANY, EPERM}, enter_namespace, NULL);
}

/* Takes the error. */
static void add_error(struct err *e)
{
	CLEANUP(freep) char *text = err_text(e);

	golden_add(text);
	err_free(e);
}

/* A file that another program wrote, and names that are none. */
static void files(void **state)
{
	static const char *const keys[] = {"ipv4.ip_forward", "ipv4.no_such", "ipv4/x"};
	char root[] = "/tmp/ipvl-refused-XXXXXX";
	const struct resolv_files resolv = {.root = "etc", .mark = 1};
	struct nsfs_made made;
	uint64_t inode;
	struct err *e;
	int fd;

	(void)state;
	for (size_t i = 0; i <= ARRAY_SIZE(keys); i++) {
		const struct model_sysctl sysctl = {.key = keys[i % ARRAY_SIZE(keys)],
						    .value = "1"};

		e = sysctl_write(i < ARRAY_SIZE(keys) ? "lo" : "none", &sysctl);
		add_error(e);
	}
	assert_non_null(mkdtemp(root));
	assert_int_equal(chdir(root), 0);
	assert_int_equal(mkdir("etc", 0755) || mkdir("etc/ns1", 0755), 0);
	assert_int_equal(symlink("theirs", "etc/ns1/resolv.conf"), 0);
	e = resolv_write(&resolv, "ns1", "nameserver 10.0.0.1\n");
	add_error(e);
	assert_int_equal(symlink("loop", "loop"), 0);
	e = nsfs_open(strcat(strcpy((char[64]){0}, root), "/loop"), &fd, &inode);
	golden_add(e->message);
	err_free(e);
	e = nsfs_make("a/b", -1, 0, &made);
	golden_add(e->message);
	err_free(e);
	unlink("loop");
	unlink("etc/ns1/resolv.conf");
	rmdir("etc/ns1");
	rmdir("etc");
	assert_int_equal(chdir("/"), 0);
	rmdir(root);
}

/* --- namespaces that are made: in a sandbox, for good --- */

static struct err *share_folder(void *aux)
{
	(void)aux;
	return nsfs_prepare();
}

static struct err *make(void *name)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct nsfs_made made;
	struct err *e = nsfs_make(name, own, 0, &made);

	if (!e) {
		nl_socket_close(made.sock);
		close(made.fd);
	}
	close(own);
	return e;
}

static struct err *remove_namespace(void *name)
{
	return nsfs_remove(name);
}

static bool write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool is_written = f && fputs(text, f) >= 0;

	return (!f || !fclose(f)) && is_written;
}

/* Root of namespaces of its own, with an empty /run. False where that is not allowed. */
static bool enter_sandbox(void)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", getuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getgid());
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) &&
	    (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) ||
	     !write_file("/proc/self/uid_map", uid) ||
	     !write_file("/proc/self/setgroups", "deny") ||
	     !write_file("/proc/self/gid_map", gid)))
		return false;
	return !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", "/run", "tmpfs", 0, NULL) && !mkdir("/run/netns", 0755);
}

static void leave_file(const char *path)
{
	close(open(path, O_WRONLY | O_CREAT, 0));
}

static void namespaces_made(void **state)
{
	char *name = (char[]){"made"}, *young = (char[]){"young"}, *old = (char[]){"old"};

	(void)state;
	if (!enter_sandbox()) {
		has_no_filter = true;
		skip();
	}
	check(&(struct refused){SYS_flock, ANY, ANY, EWOULDBLOCK}, share_folder, NULL);
	check(&(struct refused){SYS_flock, ANY, ANY, ENOLCK}, share_folder, NULL);
	check(&(struct refused){SYS_mount, ANY, ANY, EPERM}, share_folder, NULL);
	must(nsfs_prepare());
	check(&(struct refused){SYS_unshare, ANY, ANY, ENOSPC}, make, name);
	check(&(struct refused){SYS_sendto, ANY, ANY, ENOBUFS}, make, name);
	check(&(struct refused){SYS_mount, ANY, ANY, EPERM}, make, name);
	leave_file("/run/netns/old");
	usleep(1100 * 1000);
	check(&(struct refused){UNLINK, ANY, ANY, EROFS}, make, old);
	leave_file("/run/netns/young");
	add_error(make(young));
	assert_int_equal(mkdir("/run/netns/folder", 0755), 0);
	add_error(make((char[]){"folder"}));
	must(make(name));
	add_error(make(name));
	check(&(struct refused){SYS_umount2, ANY, ANY, EPERM}, remove_namespace, name);
	must(nsfs_remove(name));
}

static struct rtmsg *route(struct nl_msg *m)
{
	struct model_route r = {.table = MODEL_ROUTE_TABLE_MAIN};

	must(ip_prefix_parse("10.0.0.0/8", &r.to));
	nl_route_msg_add(m, 9, &r, RTPROT_STATIC);
	return mnl_nlmsg_get_payload(nl_msg_head(m));
}

static void has_extra(struct nl_msg *m)
{
	struct nl_route r;

	assert_true(nl_route_parse(nl_msg_head(m), &r));
	assert_non_null(r.extra);
	golden_add(r.extra);
}

/* What a route can have and a file cannot: `import` says why it is left out. */
static void routes(void **state)
{
	static const uint16_t numbers[] = {RTA_FLOW, RTA_NH_ID, RTA_SRC, RTA_ENCAP};
	static const uint16_t metrics[] = {RTAX_LOCK, RTAX_HOPLIMIT};
	struct model_route via6 = {.table = MODEL_ROUTE_TABLE_MAIN};
	struct nl_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		route(&m);
		nl_put_u32(&m, numbers[i], 5);
		has_extra(&m);
	}
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
		struct nlattr *nest;

		route(&m);
		nest = nl_nest(&m, RTA_METRICS);
		nl_put_u32(&m, metrics[i], 5);
		nl_nest_end(&m, nest);
		has_extra(&m);
	}
	route(&m)->rtm_tos = 16;
	has_extra(&m);
	must(ip_prefix_parse("10.0.0.0/8", &via6.to));
	must(ip_addr_parse("fe80::1", &via6.via));
	nl_route_msg_add(&m, 9, &via6, RTPROT_STATIC);
	has_extra(&m);
	for (size_t n = 1; n <= 33; n += 32) {
		struct rtnexthop hops[33] = {0};

		for (size_t i = 0; i < n; i++)
			hops[i] = (struct rtnexthop){.rtnh_len = sizeof(*hops),
						     .rtnh_ifindex = 9};
		route(&m);
		nl_put(&m, RTA_MULTIPATH, n * sizeof(*hops), hops);
		has_extra(&m);
	}
}

static void rules(void **state)
{
	static const struct {
		uint16_t attribute;
		uint8_t action;
		uint32_t flags;
	} cases[] = {
		{FRA_SUPPRESS_PREFIXLEN, FR_ACT_TO_TBL, 0},
		{FRA_SPORT_RANGE, FR_ACT_TO_TBL, 0},
		{FRA_FLOW, FR_ACT_TO_TBL, 0},
		{FRA_FWMASK, FR_ACT_TO_TBL, 0},
		{FRA_PRIORITY, FR_ACT_NOP, 0},
		{FRA_PRIORITY, FR_ACT_TO_TBL, FIB_RULE_INVERT},
	};
	struct model_rule rule = {.table = 100};
	struct fib_rule_hdr *head;
	struct nl_rule r;
	struct nl_msg m;

	(void)state;
	must(ip_prefix_parse("10.0.0.0/8", &rule.from));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		nl_rule_msg_add(&m, &rule, RTPROT_STATIC);
		head = mnl_nlmsg_get_payload(nl_msg_head(&m));
		head->action = cases[i].action;
		head->flags = cases[i].flags;
		nl_put_u32(&m, cases[i].attribute, 5);
		assert_true(nl_rule_parse(nl_msg_head(&m), &r));
		assert_non_null(r.extra);
		golden_add(r.extra);
	}
	nl_rule_msg_add(&m, &rule, RTPROT_STATIC);
	head = mnl_nlmsg_get_payload(nl_msg_head(&m));
	head->src_len = 4;
	assert_true(nl_rule_parse(nl_msg_head(&m), &r));
	assert_non_null(r.extra);
	golden_add(r.extra);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets), cmocka_unit_test(events),
		cmocka_unit_test(streams), cmocka_unit_test(namespaces),
		cmocka_unit_test(files),   cmocka_unit_test(routes),
		cmocka_unit_test(rules),   cmocka_unit_test(namespaces_made),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	/* Another C library has other words for an errno. */
#ifdef __GLIBC__
	if (!has_no_filter)
		failed |= golden_end(GOLDEN "/refused.txt");
#endif
	return failed;
}
