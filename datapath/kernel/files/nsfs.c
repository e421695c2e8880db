/* Network namespaces by name and by path: examined, opened, entered, made and removed in
 * the way of `ip netns` (ip-netns(8)), so that each sees the other's. */
#include "datapath/kernel/files/nsfs.h"

#include "datapath/kernel/files/mounts.h"
#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/model.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14 */
#endif
#define OWN_PATH   "/proc/thread-self/ns/net"
#define LO_IFINDEX 1
/* `ip netns add` makes the file first and mounts the namespace a moment later. Until then
 * the file counts as dead. */
#define NEWBORN_MS 1000

static char *path_of(const char *text)
{
	if (!*text)
		return xstrdup(OWN_PATH);
	return *text == '/' ? xstrdup(text) : xasprintf("%s/%s", NETNS_DIR, text);
}

bool nsfs_is_name(const char *text)
{
	return *text && strcmp(text, ".") != 0 && strcmp(text, "..") != 0 &&
	       !strchr(text, '/');
}

bool nsfs_is_id(const char *text)
{
	return !strncmp(text, NETNS_ID_PREFIX, strlen(NETNS_ID_PREFIX));
}

/* All namespace files are on the same file system, nsfs. */
static bool is_nsfs(const struct stat *st)
{
	static dev_t nsfs_dev;
	struct stat own;

	if (!nsfs_dev && !stat(OWN_PATH, &own))
		nsfs_dev = own.st_dev;
	return st->st_dev == nsfs_dev;
}

/* Linux proc_ns_get_link() also answers EACCES for a process that has just ended. */
static bool has_ended(const char *path)
{
	uint32_t pid = model_netns_pid(path);
	char dir[32];

	snprintf(dir, sizeof(dir), "/proc/%u", pid);
	return pid && access(dir, F_OK) && errno == ENOENT;
}

/* The state that a failed stat() or open() of 'path' means. */
static enum netns_state state_of_errno(int sys_errno, const char *path)
{
	if (sys_errno == EACCES || sys_errno == EPERM)
		return has_ended(path) ? NETNS_MISSING : NETNS_DENIED;
	return sys_errno == ELOOP ? NETNS_OTHER : NETNS_MISSING;
}

/* `ip netns` and docker leave a plain file behind. Anything else below NETNS_DIR belongs
 * to another program. */
static bool is_dead_file(const char *text, const char *path)
{
	struct stat st;

	return nsfs_is_name(text) && !lstat(path, &st) && S_ISREG(st.st_mode);
}

enum netns_state nsfs_stat(const char *text, uint64_t *ret_inode)
{
	char *path CLEANUP(freep) = path_of(text);
	struct stat st;

	if (stat(path, &st))
		return state_of_errno(errno, path);
	if (!is_nsfs(&st))
		return is_dead_file(text, path) ? NETNS_DEAD : NETNS_OTHER;
	*ret_inode = st.st_ino;
	return NETNS_LIVE;
}

static const char *kind_of_file(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFSOCK:
		return "a socket";
	case S_IFIFO:
		return "a FIFO";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "a file";
	}
}

static const char *kind_of_namespace(int type)
{
	switch (type) {
	case CLONE_NEWNS:
		return "a mount namespace";
	case CLONE_NEWPID:
		return "a process namespace";
	case CLONE_NEWUSER:
		return "a user namespace";
	case CLONE_NEWUTS:
		return "a host name's namespace";
	case CLONE_NEWIPC:
		return "an IPC namespace";
	case CLONE_NEWCGROUP:
		return "a cgroup namespace";
	default:
		return "another kind of namespace";
	}
}

static struct err *err_absent(int sys_errno, const char *path)
{
	switch (state_of_errno(sys_errno, path)) {
	case NETNS_DENIED:
		return err_new(ERR_PERMISSION, "%s", strerror(sys_errno));
	case NETNS_OTHER:
		return err_new(ERR_INVALID, "a loop of symlinks");
	case NETNS_MISSING:
	case NETNS_DEAD:
	case NETNS_LIVE:
	case NETNS_REPLACED:
		break;
	}
	return err_new(ERR_NOT_FOUND, "there is no network namespace %s (%s)", path,
		       strerror(sys_errno));
}

bool nsfs_is_absent(const struct err *e)
{
	return e->code == ERR_NOT_FOUND || e->code == ERR_INVALID ||
	       e->code == ERR_PERMISSION;
}

/* Checks the file before it is opened: opening alone may have an effect on a device. */
static struct err *check_file(const char *text, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return err_absent(errno, path);
	if (is_nsfs(&st))
		return NULL;
	if (is_dead_file(text, path))
		return err_new(ERR_NOT_FOUND, "%s has no namespace behind it", path);
	return err_new(ERR_INVALID, "%s", kind_of_file(st.st_mode));
}

static struct err *check_type(int fd, const char *path, uint64_t *ret_inode)
{
	struct statfs fs;
	struct stat st;
	int type;

	if (fstatfs(fd, &fs) || fstat(fd, &st))
		return err_sys(errno, "cannot examine %s", path);
	if (fs.f_type != NSFS_MAGIC)
		return err_new(ERR_INVALID, "%s", kind_of_file(st.st_mode));
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type != CLONE_NEWNET)
		return err_new(ERR_INVALID, "%s", kind_of_namespace(type));
	*ret_inode = st.st_ino;
	return NULL;
}

struct err *nsfs_open(const char *text, int *ret_fd, uint64_t *ret_inode)
{
	char *path CLEANUP(freep) = path_of(text);
	struct err *e = check_file(text, path);
	int fd;

	if (e)
		return e;
	/* O_NONBLOCK: another file may be in its place by now. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	/* A path that cannot be opened is a fault of one slave; lack of descriptors or
	 * memory concerns all. */
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return err_sys(errno, "cannot open the network namespace %s", path);
	if (fd < 0)
		return err_absent(errno, path);
	e = check_type(fd, path, ret_inode);
	if (e) {
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return NULL;
}

struct err *nsfs_enter(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		return err_sys(errno, "cannot enter a network namespace");
	return NULL;
}

void nsfs_leave(int own_fd)
{
	if (setns(own_fd, CLONE_NEWNET))
		abort();
}

/* The folder is a shared mount of its own, as `ip netns add` makes it, so that every
 * mount namespace sees what is mounted below it. */
static struct err *share_dir(void)
{
	int lock = open(NETNS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;
	struct err *e = NULL;

	if (lock < 0)
		return err_sys(errno, "cannot open %s", NETNS_DIR);
	/* `ip` takes the same lock, otherwise both would mount. */
	if (flock(lock, LOCK_EX | LOCK_NB))
		e = errno == EWOULDBLOCK
			    ? err_new(ERR_BUSY, "another program has locked %s",
				      NETNS_DIR)
			    : err_sys(errno, "cannot lock %s", NETNS_DIR);
	rc = e ? 0 : mounts_share(NETNS_DIR);
	if (rc == EINVAL) {
		rc = mounts_add_itself(NETNS_DIR);
		if (!rc)
			rc = mounts_share(NETNS_DIR);
	}
	if (rc)
		e = err_sys(rc, "cannot mount %s on itself", NETNS_DIR);
	close(lock);
	return e;
}

struct err *nsfs_prepare(void)
{
	if (mkdir(NETNS_DIR, 0755) && errno != EEXIST)
		return err_sys(errno, "cannot make %s", NETNS_DIR);
	return mounts_share(NETNS_DIR) ? share_dir() : NULL;
}

static int64_t age_ms(const struct stat *st)
{
	return clock_wall_ms() -
	       ((int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000);
}

static bool is_young(const struct stat *st)
{
	int64_t age = age_ms(st);

	return S_ISREG(st->st_mode) && !is_nsfs(st) && age >= 0 && age < NEWBORN_MS;
}

/* Removes a file with no namespace on it, unless another program may be about to mount
 * one. */
static struct err *clear_dead_file(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? NULL : err_sys(errno, "cannot examine %s", path);
	if (is_young(&st))
		return err_new(ERR_BUSY,
			       "%s was made a moment ago, and has no namespace yet",
			       path);
	if (is_nsfs(&st))
		return err_new(ERR_EXISTS, "the network namespace %s exists already",
			       path);
	if (!S_ISREG(st.st_mode))
		return err_new(ERR_EXISTS,
			       "%s is in the way and is no file of `ip netns`", path);
	if (unlink(path))
		return err_sys(errno, "cannot remove the dead file %s", path);
	return NULL;
}

static struct err *set_lo_up(struct nl_socket *s)
{
	struct nl_msg m;
	struct err *e;

	nl_link_msg_set(&m, LO_IFINDEX, true, 0);
	e = nl_run(s, &m, NULL, NULL);
	return e ? err_wrap(e, "cannot set lo up") : NULL;
}

uint64_t nsfs_cookie(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t n = sizeof(cookie);

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &n))
		cookie = 0;
	close(fd);
	return cookie;
}

/* In the new namespace, which the thread is in. */
static struct err *set_up(const char *path, uint32_t port, struct nsfs_made *made)
{
	struct stat st;
	struct err *e;
	int rc;

	made->fd = open(OWN_PATH, O_RDONLY | O_CLOEXEC);
	if (made->fd < 0 || fstat(made->fd, &st))
		return err_sys(errno, "cannot examine %s", OWN_PATH);
	made->inode = st.st_ino;
	made->cookie = nsfs_cookie();
	e = nl_socket_open(port, &made->sock);
	if (!e)
		e = set_lo_up(made->sock);
	rc = e ? 0 : mounts_add_netns(made->fd, path);
	return rc ? err_sys(rc, "cannot mount a network namespace on %s", path) : e;
}

/* Makes a namespace and mounts it on 'path', a file that we made. */
static struct err *mount_new(const char *path, int own_fd, uint32_t port,
			     struct nsfs_made *ret_made)
{
	struct nsfs_made made = {.fd = -1};
	struct err *e;

	if (unshare(CLONE_NEWNET))
		return err_sys(errno, "cannot make a network namespace");
	e = set_up(path, port, &made);
	nsfs_leave(own_fd);
	if (!e) {
		*ret_made = made;
		return NULL;
	}
	nl_socket_close(made.sock);
	if (made.fd >= 0)
		close(made.fd);
	return e;
}

static struct err *check_name(const char *name)
{
	if (nsfs_is_name(name))
		return NULL;
	return err_new(ERR_INVALID, "\"%s\" cannot be the name of a namespace", name);
}

struct err *nsfs_make(const char *name, int own_fd, uint32_t port,
		      struct nsfs_made *ret_made)
{
	char *path CLEANUP(freep) = path_of(name);
	struct err *e = check_name(name);
	int fd;

	if (!e)
		e = clear_dead_file(path);
	if (e)
		return e;
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(errno, "cannot make %s", path);
	close(fd);
	e = mount_new(path, own_fd, port, ret_made);
	if (e)
		unlink(path);
	return e;
}

struct err *nsfs_remove(const char *name)
{
	char *path CLEANUP(freep) = path_of(name);
	struct err *e = check_name(name);
	uint64_t inode;
	int rc;

	if (e)
		return e;
	if (nsfs_stat(name, &inode) == NETNS_DEAD)
		return clear_dead_file(path);
	rc = mounts_remove(path);
	/* EINVAL: nothing is mounted there. */
	if (rc && rc != EINVAL && rc != ENOENT)
		return err_sys(rc, "cannot unmount %s", path);
	if (unlink(path) && errno != ENOENT)
		return err_sys(errno, "cannot remove %s", path);
	return NULL;
}
