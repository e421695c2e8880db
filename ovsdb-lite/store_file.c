/* The files beside a database: the owner's lock (PATH.lock) and the copy of its identity
 * (PATH.id), which outlives the database itself; and the folder they all lie in. No
 * SQLite here. */
#include "ovsdb-lite/store_private.h"

#include "lib/alloc.h"

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

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* ERR_IO, so that a client sees the tag that RFC 7047 has for it. */
static struct err *io_error(int sys_errno, const char *what, const char *path)
{
	struct err *e = err_sys(sys_errno, "cannot %s %s", what, path);

	e->code = ERR_IO;
	if (sys_errno == EACCES || sys_errno == EPERM)
		return err_hint(e, "run as its owner or as root");
	if (sys_errno == EROFS)
		return err_hint(e,
				"put the database on a file system that can be written");
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
			/* Missing rights to make what is there already are no matter. */
			if (access(folder, F_OK))
				return io_error(errno, "make the folder", folder);
		}
		if (c == '\0')
			break;
		*p = c;
	}
	return NULL;
}

static struct err *lock_is_taken(const char *path, int fd)
{
	char text[32] = "", comm_path[64], comm[32] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;
	FILE *f;

	if (pid <= 0)
		return err_hint(
			err_new(ERR_BUSY, "%s is in use by another process", path),
			"see who holds it: fuser -v %s.lock", path);
	snprintf(comm_path, sizeof(comm_path), "/proc/%ld/comm", pid);
	f = fopen(comm_path, "re");
	if (f) {
		if (!fgets(comm, sizeof(comm), f))
			comm[0] = '\0';
		comm[strcspn(comm, "\n")] = '\0';
		fclose(f);
	}
	return err_hint(err_new(ERR_BUSY, "%s is in use by process %ld%s%s%s", path, pid,
				*comm ? " (" : "", comm, *comm ? ")" : ""),
			"talk to that process through its socket, or stop it first");
}

struct err *store_take_lock(const char *path, int *ret_fd)
{
	CLEANUP(freep) char *lock_path = xasprintf("%s.lock", path);
	CLEANUP(close_fd)
	int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	char text[32];
	int n;

	if (fd < 0)
		return io_error(errno, "make the lock", lock_path);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? lock_is_taken(path, fd)
					    : io_error(errno, "lock", lock_path);
	/* The pid is for people only: a full disk must not keep the lock from being
	 * taken. */
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
		errno = 0;
	*ret_fd = fd;
	fd = -1;
	return NULL;
}

/* The file stays: removing it would let two owners lock two files of one name. */
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
		return err_hint(err_new(ERR_IO, "%s is no ordinary file", path),
				"name the database's file");
	return NULL;
}

struct err *store_touch(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);

	if (fd < 0)
		return io_error(errno, "open", path);
	close(fd);
	return NULL;
}

struct err *store_read_identity(const char *path, struct uuid *ret_uuid)
{
	CLEANUP(freep) char *id_path = xasprintf("%s.id", path);
	CLEANUP(close_fd) int fd = open(id_path, O_RDONLY | O_CLOEXEC);
	struct uuid uuid = {0};
	char text[64] = "";
	ssize_t n;

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
			err_new(ERR_DAMAGED, "%s does not hold a UUID", id_path),
			"write the old identity into it, or remove it for a new one");
	*ret_uuid = uuid;
	return NULL;
}

static struct err *sync_folder(const char *path)
{
	CLEANUP(freep) char *folder = folder_of(path);
	CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		return io_error(errno, "sync the folder", folder);
	return NULL;
}

struct err *store_write_identity(const char *path, const struct uuid *uuid)
{
	CLEANUP(freep) char *id_path = xasprintf("%s.id", path);
	CLEANUP(freep) char *new_path = xasprintf("%s.id.new", path);
	CLEANUP(close_fd)
	int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	char text[UUID_TEXT_BYTES + 1];
	struct err *e;

	if (fd < 0)
		return io_error(errno, "make", new_path);
	uuid_format(uuid, text);
	strcat(text, "\n");
	errno = ENOSPC; /* of a short write */
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fsync(fd) ||
	    rename(new_path, id_path)) {
		e = io_error(errno, "write", id_path);
		unlink(new_path);
		return e;
	}
	return sync_folder(path);
}
