/* A shim over SQLite's default VFS, for the owner's connection.
 *
 * SQLite writes a transaction to the log frame by frame, and a frame in two pieces, its
 * header and its page: five system calls for one row and its entry in the history. Here
 * the pieces are gathered, and written at once with the last one of the transaction, or
 * before anything else is done with the file. Only the frames of a transaction that is not
 * yet committed are ever in memory: no reader looks at them
 * (sqlite.org/fileformat2.html#walformat). Other files than the log are SQLite's own. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"
#include "lib/buffer.h"

#include <assert.h>
#include <stdlib.h>

/* Of a frame in the log; the size of the database after the commit is in bytes 4 to 7,
 * and 0 in all frames but the last of a transaction. */
#define FRAME_HEADER_BYTES 24
/* So much of one transaction is gathered. SQLite's xWrite() takes less than 128 KiB. */
#define MAX_GATHERED_BYTES ((size_t)64 << 10)
_Static_assert(MAX_GATHERED_BYTES >= STORE_PAGE_BYTES, "");

struct log_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this */
	struct buffer gathered;
	sqlite3_int64 offset; /* of 'gathered' in the file */
	bool is_last;         /* the frame that was begun ends a transaction */
};

static struct log_file *log_of(sqlite3_file *file)
{
	return (struct log_file *)(void *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return log_of(file)->real;
}

static int write_gathered(sqlite3_file *file)
{
	struct log_file *f = log_of(file);
	size_t n = f->gathered.n;

	if (!n)
		return SQLITE_OK;
	f->gathered.n = 0;
	return f->real->pMethods->xWrite(f->real, f->gathered.data, (int)n, f->offset);
}

static int log_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 offset)
{
	struct log_file *f = log_of(file);
	sqlite3_int64 end = f->offset + (sqlite3_int64)f->gathered.n;
	const unsigned char *header = data;
	bool ends = f->is_last && n > FRAME_HEADER_BYTES;
	int rc;

	f->is_last = n == FRAME_HEADER_BYTES &&
		     (header[4] || header[5] || header[6] || header[7]);
	if (f->gathered.n &&
	    (offset != end || f->gathered.n + (size_t)n > MAX_GATHERED_BYTES)) {
		rc = write_gathered(file);
		if (rc != SQLITE_OK)
			return rc;
	}
	if (!f->gathered.n)
		f->offset = offset;
	buffer_put(&f->gathered, data, (size_t)n);
	return ends ? write_gathered(file) : SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *data, int n, sqlite3_int64 offset)
{
	int rc = write_gathered(file);

	return rc != SQLITE_OK
		       ? rc
		       : real_of(file)->pMethods->xRead(real_of(file), data, n, offset);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = write_gathered(file);

	return rc != SQLITE_OK ? rc
			       : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int log_sync(sqlite3_file *file, int flags)
{
	int rc = write_gathered(file);

	return rc != SQLITE_OK ? rc
			       : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	int rc = write_gathered(file);

	return rc != SQLITE_OK
		       ? rc
		       : real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int log_close(sqlite3_file *file)
{
	/* Of a transaction that was not committed. */
	buffer_clear(&log_of(file)->gathered);
	return real_of(file)->pMethods->xClose(real_of(file));
}

/* --- the calls that only pass through --- */

static int pass_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int pass_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int pass_is_reserved(sqlite3_file *file, int *ret_is_reserved)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file),
							   ret_is_reserved);
}

static int pass_control(sqlite3_file *file, int op, void *argument)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int pass_sector_size(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int pass_characteristics(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = pass_lock,
	.xUnlock = pass_unlock,
	.xCheckReservedLock = pass_is_reserved,
	.xFileControl = pass_control,
	.xSectorSize = pass_sector_size,
	.xDeviceCharacteristics = pass_characteristics,
};

/* The real file stands behind ours in the memory that SQLite gives. */
static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
		    int *ret_flags)
{
	sqlite3_vfs *real = vfs->pAppData;
	struct log_file *f = log_of(file);
	int rc;

	if (!(flags & SQLITE_OPEN_WAL))
		return real->xOpen(real, path, file, flags, ret_flags);
	*f = (struct log_file){.real = (sqlite3_file *)(void *)(f + 1)};
	rc = real->xOpen(real, path, f->real, flags, ret_flags);
	if (f->real->pMethods)
		f->base.pMethods = &log_methods;
	return rc;
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
	shim.szOsFile = (int)sizeof(struct log_file) + real->szOsFile;
	shim.xOpen = vfs_open;
	sqlite3_vfs_register(&shim, 0);
	return shim.zName;
}
