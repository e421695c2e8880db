/* A shim over SQLite's default VFS, for the owner's connection.
 *
 * SQLite writes a transaction to the log frame by frame, and a frame in two pieces, its
 * header and its page: five system calls for one row and its entry in the history. Here
 * the pieces are gathered, and written at once with the last one of the transaction, or
 * before anything else is done with the file. Only the frames of a transaction that is not
 * yet committed are ever in memory: no reader looks at them
 * (sqlite.org/fileformat2.html#walformat).
 *
 * A sync of a file that has grown takes about twice as long: its length and the place of
 * its new blocks have to be written too. So the log grows by large steps, with zeros behind
 * what is written. For SQLite the log ends where no frame is that fits to the one before.
 *
 * The database's file is store_locks.c's; others are SQLite's own. */
#include "ovsdb-lite/store/store_private.h"
#include "ovsdb-lite/store/store_shim.h"

#include "lib/alloc.h"
#include "lib/buffer.h"

#include <assert.h>
#include <stdlib.h>

/* Of a frame's header the bytes 4 to 7 are the size of the database after the commit, and 0
 * in all frames but the last of a transaction. */

/* So much of one transaction is gathered. SQLite's xWrite() takes less than 128 KiB. */
#define MAX_GATHERED_BYTES ((size_t)64 << 10)
_Static_assert(MAX_GATHERED_BYTES >= STORE_PAGE_BYTES, "");
/* The log grows by so much at once, in pieces. */
#define PIECE_BYTES (64 << 10)
#define N_PIECES    4

struct log_file {
	struct store_shim shim;
	struct buffer gathered;
	sqlite3_int64 offset; /* of 'gathered' in the file */
	bool is_last;         /* the frame that was begun ends a transaction */
	bool is_synced;       /* since the last write */
	sqlite3_int64 size;   /* of the file, at least; INT64_MAX: to be left as it is */
};

static struct log_file *log_of(sqlite3_file *file)
{
	return (struct log_file *)(void *)file;
}

/* Its last write ended at 'end'. Who writes to the log has its lock: behind 'end' there is
 * nothing that anybody may still read. Where the disk is full the log is as long as it has
 * to be. */
static void grow(sqlite3_file *file, sqlite3_int64 end)
{
	static const char zeros[PIECE_BYTES];
	struct log_file *f = log_of(file);
	sqlite3_int64 size = 0;
	int rc = store_shim_size(file, &size);

	f->size = size;
	if (rc != SQLITE_OK || size > end)
		return;
	for (int i = 0; rc == SQLITE_OK && i < N_PIECES; i++)
		rc = store_shim_write(file, zeros, PIECE_BYTES,
				      end + (sqlite3_int64)i * PIECE_BYTES);
	f->size = end + (sqlite3_int64)N_PIECES * PIECE_BYTES;
	if (rc == SQLITE_OK)
		return;
	(void)store_shim_truncate(file, end);
	f->size = INT64_MAX;
}

static int write_gathered(sqlite3_file *file)
{
	struct log_file *f = log_of(file);
	size_t n = f->gathered.n;
	sqlite3_int64 end = f->offset + (sqlite3_int64)n;
	int rc;

	if (!n)
		return SQLITE_OK;
	f->gathered.n = 0;
	/* The log starts from its beginning, and may have been truncated. */
	if (!f->offset)
		f->size = 0;
	rc = store_shim_write(file, f->gathered.data, (int)n, f->offset);
	if (rc == SQLITE_OK && end > f->size)
		grow(file, end);
	return rc;
}

static int log_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 offset)
{
	struct log_file *f = log_of(file);
	sqlite3_int64 end = f->offset + (sqlite3_int64)f->gathered.n;
	const unsigned char *header = data;
	bool ends = f->is_last && n > STORE_LOG_HEADER_BYTES;
	bool is_rest;
	int rc;

	f->is_last = n == STORE_LOG_HEADER_BYTES &&
		     (header[4] || header[5] || header[6] || header[7]);
	if (f->gathered.n &&
	    (offset != end || f->gathered.n + (size_t)n > MAX_GATHERED_BYTES)) {
		rc = write_gathered(file);
		if (rc != SQLITE_OK)
			return rc;
	}
	/* Of a frame whose begin is written. It may be the last one: with synchronous=FULL, as
	 * while the file is opened, SQLite syncs in the middle of that. */
	is_rest =
		!f->gathered.n && offset && (f->is_synced || n != STORE_LOG_HEADER_BYTES);
	f->is_synced = false;
	if (!f->gathered.n)
		f->offset = offset;
	buffer_put(&f->gathered, data, (size_t)n);
	return ends || is_rest ? write_gathered(file) : SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *data, int n, sqlite3_int64 offset)
{
	int rc = write_gathered(file);

	return rc != SQLITE_OK ? rc : store_shim_read(file, data, n, offset);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = write_gathered(file);

	return rc != SQLITE_OK ? rc : store_shim_truncate(file, size);
}

static int log_sync(sqlite3_file *file, int flags)
{
	int rc = write_gathered(file);

	log_of(file)->is_synced = true;
	return rc != SQLITE_OK ? rc : store_shim_sync(file, flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	int rc = write_gathered(file);

	return rc != SQLITE_OK ? rc : store_shim_size(file, ret_size);
}

static int log_close(sqlite3_file *file)
{
	/* Of a transaction that was not committed. */
	buffer_clear(&log_of(file)->gathered);
	return store_shim_close(file);
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = store_shim_lock,
	.xUnlock = store_shim_unlock,
	.xCheckReservedLock = store_shim_is_reserved,
	.xFileControl = store_shim_control,
	.xSectorSize = store_shim_sector_size,
	.xDeviceCharacteristics = store_shim_characteristics,
};

/* The real file stands behind ours in the memory that SQLite gives. */
static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
		    int *ret_flags)
{
	sqlite3_vfs *real = vfs->pAppData;
	struct log_file *f = log_of(file);

	if (flags & SQLITE_OPEN_MAIN_DB)
		return store_locks_open(real, path, file, flags, ret_flags);
	if (!(flags & SQLITE_OPEN_WAL))
		return real->xOpen(real, path, file, flags, ret_flags);
	*f = (struct log_file){.offset = 0};
	return store_shim_open(&f->shim, sizeof(*f), &log_methods, real, path, flags,
			       ret_flags);
}

const char *store_vfs_name(void)
{
	static sqlite3_vfs shim;
	static sqlite3_vfs *made_of;
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	assert(real && real != &shim);
	if (real == made_of)
		return shim.zName;
	if (made_of)
		sqlite3_vfs_unregister(&shim);
	made_of = real;
	/* All but xOpen is the real one's. */
	shim = *real;
	shim.zName = "ovsdb-lite";
	shim.pNext = NULL;
	shim.pAppData = real;
	shim.szOsFile =
		real->szOsFile + ((int)sizeof(struct log_file) > store_locks_file_bytes
					  ? (int)sizeof(struct log_file)
					  : store_locks_file_bytes);
	shim.xOpen = vfs_open;
	sqlite3_vfs_register(&shim, 0);
	return shim.zName;
}
