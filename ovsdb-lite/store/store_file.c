/* The files of a database without SQLite: their folder, the owner's lock (PATH.lock), and
 * the copy of the identity (PATH.id), which is kept when the database is lost. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"
#include "lib/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640
/* A lock contains a line with the owner's pid, and a line with its remote. */
#define LOCK_MAX_BYTES 512

/* ERR_IO: its tag in RFC 7047 is "I/O error". */
static struct err *io_error(int sys_errno, const char *what, const char *path)
{
	struct err *e = err_sys(sys_errno, "cannot %s %s", what, path);

	e->code = ERR_IO;
	if (sys_errno == EACCES || sys_errno == EPERM)
		return err_hint(e, "run as its owner or as root");
	if (sys_errno == EROFS)
		return err_hint(e, "put the database on a writable file system");
	if (sys_errno == ENOSPC || sys_errno == EDQUOT)
		return err_hint(e, "make room on its file system");
	return e;
}

static char *folder_of(const char *path)
{
	CLEANUP(freep) char *copy = xstrdup(path);

	return xstrdup(dirname(copy));
}

struct err *store_make_folder(const char *path)
{
	CLEANUP(freep) char *folder = folder_of(path);

	for (char *p = folder + 1; *folder; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(folder, 0755) && errno != EEXIST) {
			/* mkdir() may fail with EACCES or EROFS for a folder that
			 * exists. */
			if (access(folder, F_OK))
				return io_error(errno, "make the folder", folder);
		}
		if (c == '\0')
			break;
		*p = c;
	}
	return NULL;
}

/* The name of process 'pid', or "". */
static void read_command(long pid, char *ret_comm, size_t size)
{
	char comm_path[64];
	FILE *f;

	ret_comm[0] = '\0';
	snprintf(comm_path, sizeof(comm_path), "/proc/%ld/comm", pid);
	f = fopen(comm_path, "re");
	if (!f)
		return;
	if (!fgets(ret_comm, (int)size, f))
		ret_comm[0] = '\0';
	ret_comm[strcspn(ret_comm, "\n")] = '\0';
	fclose(f);
}

static struct err *lock_is_taken(const char *path, int fd)
{
	char text[LOCK_MAX_BYTES + 1] = "", comm[32], *remote;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid = n > 0 ? strtol(text, &remote, 10) : 0;
	struct err *e;

	if (pid <= 0)
		return err_hint(
			err_new(ERR_BUSY, "%s is in use by another process", path),
			"find the process with: fuser -v %s.lock", path);
	read_command(pid, comm, sizeof(comm));
	e = err_new(ERR_BUSY, "%s is in use by process %ld%s%s%s", path, pid,
		    *comm ? " (" : "", comm, *comm ? ")" : "");
	remote += *remote == '\n';
	remote[strcspn(remote, "\n")] = '\0';
	if (*remote)
		return err_hint(e,
				"connect through its socket (--db=%s), or stop it first",
				remote);
	return err_hint(e, "connect to its socket, or stop it first");
}

void store_write_lock(int fd, const char *remote)
{
	char text[LOCK_MAX_BYTES];
	int n;

	assert(fd >= 0);
	n = snprintf(text, sizeof(text), "%ld\n%s%s", (long)getpid(), remote,
		     *remote ? "\n" : "");

	/* The text only helps people: the lock is valid without it, if the disk is
	 * full. */
	if (n >= (int)sizeof(text) || ftruncate(fd, 0) ||
	    pwrite(fd, text, (size_t)n, 0) != n)
		errno = 0;
}

struct err *store_take_lock(const char *path, int *ret_fd)
{
	CLEANUP(freep) char *lock_path = xasprintf("%s.lock", path);
	CLEANUP(fd_closep)
	int fd = open(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);

	if (fd < 0)
		return io_error(errno, "make the lock", lock_path);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? lock_is_taken(path, fd)
					    : io_error(errno, "lock", lock_path);
	store_write_lock(fd, "");
	*ret_fd = fd;
	fd = -1;
	return NULL;
}

/* Keeps the file: if it were removed, two owners could lock two files of this name. */
void store_drop_lock(int fd)
{
	if (fd < 0)
		return;
	if (ftruncate(fd, 0))
		errno = 0;
	close(fd);
}

struct err *store_check_kind(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT ? NULL : io_error(errno, "open", path);
	if (!S_ISREG(st.st_mode))
		return err_hint(err_new(ERR_IO, "%s is not a regular file", path),
				"name the database's file");
	return NULL;
}

static struct err *touch(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, FILE_MODE);

	if (fd < 0)
		return io_error(errno, "open", path);
	close(fd);
	return NULL;
}

struct err *store_touch(const char *path)
{
	return touch(path, 0);
}

struct err *store_touch_new(const char *path)
{
	return touch(path, O_EXCL);
}

struct err *store_check_free(const char *path)
{
	if (access(path, F_OK))
		return errno == ENOENT ? NULL : io_error(errno, "make", path);
	return err_hint(err_new(ERR_EXISTS, "%s already exists", path),
			"move it away, or name another file");
}

struct err *store_read_identity(const char *path, struct uuid *ret_uuid)
{
	CLEANUP(freep) char *id_path = xasprintf("%s.id", path);
	CLEANUP(fd_closep) int fd = open(id_path, O_RDONLY | O_CLOEXEC);
	struct uuid uuid = {0};
	char text[64] = "";
	ssize_t n;

	_Static_assert(sizeof(text) > UUID_TEXT_BYTES, "a UUID, a newline and a NUL");
	if (fd < 0 && errno == ENOENT) {
		*ret_uuid = uuid;
		return NULL;
	}
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return io_error(errno, "read", id_path);
	text[strcspn(text, "\n")] = '\0';
	if (!uuid_parse(text, &uuid) || uuid_is_zero(&uuid))
		return err_hint(
			err_new(ERR_DAMAGED, "%s does not contain a UUID", id_path),
			"write the old identity into it, or remove it to get a new one");
	*ret_uuid = uuid;
	return NULL;
}

static struct err *sync_folder(const char *path)
{
	CLEANUP(freep) char *folder = folder_of(path);
	CLEANUP(fd_closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		return io_error(errno, "sync the folder", folder);
	return NULL;
}

struct err *store_write_identity(const char *path, const struct uuid *uuid)
{
	CLEANUP(freep) char *id_path = xasprintf("%s.id", path);
	CLEANUP(freep) char *new_path = xasprintf("%s.id.new", path);
	CLEANUP(fd_closep) int fd = -1;
	char text[UUID_TEXT_BYTES + 1];
	struct err *e;

	assert(!uuid_is_zero(uuid));
	unlink(new_path); /* left by a process that was killed */
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return io_error(errno, "make", new_path);
	uuid_format(uuid, text);
	strcat(text, "\n");
	errno = ENOSPC; /* for a short write */
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fsync(fd) ||
	    rename(new_path, id_path)) {
		e = io_error(errno, "write", id_path);
		unlink(new_path);
		return e;
	}
	return sync_folder(path);
}

struct err *store_publish(const char *unfinished, const char *path)
{
	assert(strcmp(unfinished, path) != 0);
	if (fd_rename_new(AT_FDCWD, unfinished, path))
		return errno == EEXIST ? store_check_free(path)
				       : io_error(errno, "make", path);
	return sync_folder(path);
}
