/* Every call goes to SQLite's own VFS, but for the one that is to fail. For the
 * loss of power it remembers of each file what was last synced and what was written since
 * then. Not here: what is done to the database, and what must be left of it
 * (test_faults.c). */
#include "fault_vfs.h"

#include "lib/alloc.h"
#include "ovsdb-lite/store/store_shim.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR_BYTES 512

const char *const fault_names[FAULT_N_KINDS] = {
	[FAULT_NONE] = "none",
	[FAULT_EIO] = "EIO",
	[FAULT_FULL] = "full",
	[FAULT_CRASH] = "crash",
	[FAULT_TORN] = "torn",
	[FAULT_POWER] = "power",
	[FAULT_POWER_ANY] = "power, any order",
};

/* A write since the last sync; of a truncation 'data' is NULL and 'offset' the size. */
struct change {
	char *data;
	size_t n, offset;
	struct change *next;
};

/* A file, whoever has it open. */
struct disk_file {
	char *path;
	char *synced;
	size_t n_synced;
	struct change *changes, **end;
	struct disk_file *next;
};

struct fault_file {
	struct store_shim shim;
	struct disk_file *disk; /* NULL if power is not lost, or of a temporary file */
};

static sqlite3_vfs *real_vfs;
static struct disk_file *disk_files;
static enum fault fault;
static unsigned long fault_at, n_calls, n_failed_syncs;
static int last_errno;

void fault_set(enum fault kind, unsigned long at)
{
	fault = kind;
	fault_at = at;
}

unsigned long fault_n_calls(void)
{
	return n_calls;
}

unsigned long fault_n_failed_syncs(void)
{
	return n_failed_syncs;
}

/* --- what is on the disk --- */

static bool may_lose_power(void)
{
	return fault == FAULT_POWER || fault == FAULT_POWER_ANY;
}

static struct disk_file *disk_file_of(const char *path)
{
	struct disk_file *f = disk_files;

	while (f && strcmp(f->path, path) != 0)
		f = f->next;
	if (f)
		return f;
	f = xcalloc(1, sizeof(*f));
	f->path = xstrdup(path);
	f->end = &f->changes;
	f->next = disk_files;
	disk_files = f;
	return f;
}

static void forget_changes(struct disk_file *f)
{
	while (f->changes) {
		struct change *c = f->changes;

		f->changes = c->next;
		free(c->data);
		free(c);
	}
	f->end = &f->changes;
}

static void note_synced(struct disk_file *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	/* Closing it drops the process's locks, which nobody else looks at here. */
	forget_changes(f);
	if (fd < 0 || fstat(fd, &st))
		return;
	f->n_synced = (size_t)st.st_size;
	free(f->synced);
	f->synced = xcalloc(1, f->n_synced + 1);
	if (pread(fd, f->synced, f->n_synced, 0) != (ssize_t)f->n_synced)
		abort();
	close(fd);
}

static void note_change(struct disk_file *f, const void *data, size_t n, size_t offset)
{
	struct change *c = xcalloc(1, sizeof(*c));

	if (data) {
		c->data = xcalloc(1, n);
		memcpy(c->data, data, n);
	}
	c->n = n;
	c->offset = offset;
	*f->end = c;
	f->end = &c->next;
}

/* Sector by sector. */
static void write_some(int fd, const struct change *c)
{
	for (size_t i = 0; i < c->n;) {
		size_t room = SECTOR_BYTES - (c->offset + i) % SECTOR_BYTES;
		size_t n = room < c->n - i ? room : c->n - i;

		if (random() % 2 &&
		    pwrite(fd, c->data + i, n, (off_t)(c->offset + i)) != (ssize_t)n)
			abort();
		i += n;
	}
}

static void lose_power_of(const struct disk_file *f, bool is_any)
{
	int fd = open(f->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	if (fd < 0 || pwrite(fd, f->synced, f->n_synced, 0) != (ssize_t)f->n_synced)
		abort();
	for (const struct change *c = f->changes; is_any && c; c = c->next) {
		if (c->data)
			write_some(fd, c);
		else if (random() % 2 && ftruncate(fd, (off_t)c->offset))
			abort();
	}
	close(fd);
}

static void lose_power(bool is_any)
{
	for (const struct disk_file *f = disk_files; f; f = f->next) {
		size_t n = strlen(f->path);

		lose_power_of(f, is_any);
		if (n > 4 && !strcmp(f->path + n - 4, "-wal")) {
			CLEANUP(freep) char *index = xstrdup(f->path);

			strcpy(index + n - 4, "-shm");
			unlink(index);
		}
	}
}

/* --- the fault --- */

/* Whether this call, which may grow its file, fails; does not return where the process is
 * to die. A torn write is left to the caller. */
static bool fails(bool grows)
{
	bool is_it = ++n_calls == fault_at;

	switch (fault) {
	case FAULT_NONE:
	case FAULT_TORN:
	case FAULT_N_KINDS:
		break;
	case FAULT_EIO:
		last_errno = EIO;
		return is_it;
	case FAULT_FULL:
		last_errno = ENOSPC;
		return n_calls >= fault_at && grows;
	case FAULT_POWER:
	case FAULT_POWER_ANY:
		if (is_it)
			lose_power(fault == FAULT_POWER_ANY);
		__attribute__((fallthrough));
	case FAULT_CRASH:
		if (is_it)
			_exit(FAULT_EXIT_STATUS);
		break;
	}
	return false;
}

static bool is_torn(void)
{
	return fault == FAULT_TORN && n_calls == fault_at;
}

static int shim_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 offset)
{
	struct fault_file *f = (struct fault_file *)(void *)file;
	sqlite3_int64 size = 0;

	store_shim_size(file, &size);
	if (fails(offset + n > size))
		return last_errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	if (is_torn()) {
		store_shim_write(file, data, n / 2, offset);
		_exit(FAULT_EXIT_STATUS);
	}
	if (f->disk)
		note_change(f->disk, data, (size_t)n, (size_t)offset);
	return store_shim_write(file, data, n, offset);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct fault_file *f = (struct fault_file *)(void *)file;

	if (fails(false))
		return SQLITE_IOERR_TRUNCATE;
	if (is_torn())
		_exit(FAULT_EXIT_STATUS);
	if (f->disk)
		note_change(f->disk, NULL, 0, (size_t)size);
	return store_shim_truncate(file, size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
	struct fault_file *f = (struct fault_file *)(void *)file;

	(void)flags;
	if (fails(false)) {
		n_failed_syncs++;
		return SQLITE_IOERR_FSYNC;
	}
	if (is_torn())
		_exit(FAULT_EXIT_STATUS);
	if (f->disk)
		note_synced(f->disk);
	return SQLITE_OK;
}

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend,
			void volatile **ret_page)
{
	if (fails(extend))
		return SQLITE_IOERR_SHMMAP;
	return store_shim_map_shm(file, page, size, extend, ret_page);
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	(void)vfs;
	if (fails(false))
		return SQLITE_IOERR_DELETE;
	for (struct disk_file **f = &disk_files; *f; f = &(*f)->next) {
		struct disk_file *gone = *f;

		if (strcmp(gone->path, path) != 0)
			continue;
		*f = gone->next;
		forget_changes(gone);
		free(gone->synced);
		free(gone->path);
		free(gone);
		break;
	}
	return real_vfs->xDelete(real_vfs, path, sync_folder);
}

/* --- a file --- */

static int shim_close(sqlite3_file *file)
{
	file->pMethods = NULL;
	return store_shim_close(file);
}

static int shim_control(sqlite3_file *file, int op, void *arg)
{
	if (op == SQLITE_FCNTL_LAST_ERRNO && last_errno) {
		*(int *)arg = last_errno;
		return SQLITE_OK;
	}
	return store_shim_control(file, op, arg);
}

/* None of what a disk may promise. */
static int shim_device(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods shim_methods = {
	.iVersion = 2, /* without memory mapping */
	.xClose = shim_close,
	.xRead = store_shim_read,
	.xWrite = shim_write,
	.xTruncate = shim_truncate,
	.xSync = shim_sync,
	.xFileSize = store_shim_size,
	.xLock = store_shim_lock,
	.xUnlock = store_shim_unlock,
	.xCheckReservedLock = store_shim_is_reserved,
	.xFileControl = shim_control,
	.xSectorSize = store_shim_sector_size,
	.xDeviceCharacteristics = shim_device,
	.xShmMap = shim_shm_map,
	.xShmLock = store_shim_lock_shm,
	.xShmBarrier = store_shim_barrier,
	.xShmUnmap = store_shim_unmap_shm,
};

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file,
		     int flags, int *ret_flags)
{
	struct fault_file *f = (struct fault_file *)(void *)file;
	bool was_there = path && !access(path, F_OK);
	int rc;

	(void)vfs;
	memset(f, 0, sizeof(*f));
	rc = store_shim_open(&f->shim, sizeof(*f), &shim_methods, real_vfs, path, flags,
			     ret_flags);
	if (rc != SQLITE_OK || !path || !may_lose_power())
		return rc;
	f->disk = disk_file_of(path);
	if (was_there && !f->disk->synced && !f->disk->changes)
		note_synced(f->disk); /* as the test put it there */
	return rc;
}

void fault_vfs_register(void)
{
	static sqlite3_vfs shim;

	real_vfs = sqlite3_vfs_find(NULL);
	shim = *real_vfs;
	shim.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
	shim.zName = "fault";
	shim.xOpen = shim_open;
	shim.xDelete = shim_delete;
	sqlite3_vfs_register(&shim, 1);
}
