/* The locks of the write-ahead log, kept from one transaction to the next.
 *
 * For each transaction SQLite sets a mark of where it reads, takes the lock of that mark and
 * the lock of writers, and gives both back: six system calls. While a store is busy
 * (store_set_busy()) what SQLite gives back stays taken, and is given to it again. Whatever
 * else it asks for, a checkpoint's locks or all marks, finds nothing kept. The mark stays
 * where it was: SQLite takes one that another reader set just so, and reads what was written
 * since. A checkpoint gets no further than that mark, so store_task.c has the locks dropped
 * before each (sqlite.org/walformat.html 2.3).
 *
 * Readers in other processes have marks of their own, and are not kept from anything. Who
 * writes finds the file busy, as in the middle of a transaction. */
#include "ovsdb-lite/store/store_private.h"
#include "ovsdb-lite/store/store_shim.h"

#include <assert.h>

/* Of the eight locks in `-shm`. */
enum {
	LOCK_WRITE = 0,
	LOCK_READ_FILE = 3, /* the mark of those who read nothing in the log */
};

struct main_file {
	struct store_shim shim;
	bool is_busy;
	bool has_write; /* kept */
	int read;       /* the lock of a mark that is kept; 0: none is */
};

static struct main_file *main_of(sqlite3_file *file)
{
	return (struct main_file *)(void *)file;
}

static int real_lock(struct main_file *f, int first, int n, int flags)
{
	return store_shim_lock_shm(&f->shim.base, first, n, flags);
}

static void drop(struct main_file *f)
{
	if (f->read)
		real_lock(f, f->read, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
	if (f->has_write)
		real_lock(f, LOCK_WRITE, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	f->read = 0;
	f->has_write = false;
}

static int unlock(struct main_file *f, int first, int n, int flags)
{
	bool is_shared = flags & SQLITE_SHM_SHARED;

	if (f->is_busy && first == LOCK_WRITE && n == 1) {
		assert(!f->has_write && !is_shared);
		f->has_write = true;
		return SQLITE_OK;
	}
	if (f->is_busy && first > LOCK_READ_FILE && is_shared) {
		assert(!f->read && n == 1);
		f->read = first;
		return SQLITE_OK;
	}
	return real_lock(f, first, n, flags);
}

static int lock(struct main_file *f, int first, int n, int flags)
{
	bool is_shared = flags & SQLITE_SHM_SHARED;

	if (f->has_write && first == LOCK_WRITE && n == 1) {
		f->has_write = false;
		return SQLITE_OK;
	}
	if (f->read && first == f->read && is_shared) {
		f->read = 0;
		return SQLITE_OK;
	}
	/* To set a mark anew. */
	if (f->read && first > LOCK_READ_FILE && n == 1 && !is_shared)
		return SQLITE_BUSY;
	drop(f);
	return real_lock(f, first, n, flags);
}

static int main_lock_shm(sqlite3_file *file, int first, int n, int flags)
{
	return (flags & SQLITE_SHM_UNLOCK ? unlock : lock)(main_of(file), first, n,
							   flags);
}

static int main_unmap_shm(sqlite3_file *file, int delete)
{
	drop(main_of(file));
	return store_shim_unmap_shm(file, delete);
}

static const sqlite3_io_methods main_methods = {
	.iVersion = 2,
	.xClose = store_shim_close,
	.xRead = store_shim_read,
	.xWrite = store_shim_write,
	.xTruncate = store_shim_truncate,
	.xSync = store_shim_sync,
	.xFileSize = store_shim_size,
	.xLock = store_shim_lock,
	.xUnlock = store_shim_unlock,
	.xCheckReservedLock = store_shim_is_reserved,
	.xFileControl = store_shim_control,
	.xSectorSize = store_shim_sector_size,
	.xDeviceCharacteristics = store_shim_characteristics,
	.xShmMap = store_shim_map_shm,
	.xShmLock = main_lock_shm,
	.xShmBarrier = store_shim_barrier,
	.xShmUnmap = main_unmap_shm,
};

const int store_locks_file_bytes = sizeof(struct main_file);

int store_locks_open(sqlite3_vfs *real, const char *path, sqlite3_file *file, int flags,
		     int *ret_flags)
{
	struct main_file *f = main_of(file);

	*f = (struct main_file){.is_busy = false};
	return store_shim_open(&f->shim, sizeof(*f), &main_methods, real, path, flags,
			       ret_flags);
}

static struct main_file *find(const struct store *s)
{
	sqlite3_file *file = NULL;

	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return file && file->pMethods == &main_methods ? main_of(file) : NULL;
}

void store_set_busy(struct store *s, bool is_busy)
{
	struct main_file *f = find(s);

	if (!f)
		return;
	f->is_busy = is_busy;
	if (!is_busy)
		drop(f);
}

void store_locks_drop(struct store *s)
{
	struct main_file *f = find(s);

	if (f)
		drop(f);
}
