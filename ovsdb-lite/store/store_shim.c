/* Opens the file behind a shim's, and passes calls through to it. */
#include "ovsdb-lite/store/store_shim.h"

int store_shim_open(struct store_shim *file, size_t size,
		    const sqlite3_io_methods *methods, sqlite3_vfs *real,
		    const char *path, int flags, int *ret_flags)
{
	int rc;

	file->real = (sqlite3_file *)(void *)((char *)file + size);
	rc = real->xOpen(real, path, file->real, flags, ret_flags);
	if (file->real->pMethods)
		file->base.pMethods = methods;
	return rc;
}

int store_shim_close(sqlite3_file *file)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xClose(real);
}

int store_shim_read(sqlite3_file *file, void *data, int n, sqlite3_int64 offset)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xRead(real, data, n, offset);
}

int store_shim_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 offset)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xWrite(real, data, n, offset);
}

int store_shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xTruncate(real, size);
}

int store_shim_sync(sqlite3_file *file, int flags)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xSync(real, flags);
}

int store_shim_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xFileSize(real, ret_size);
}

int store_shim_lock(sqlite3_file *file, int level)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xLock(real, level);
}

int store_shim_unlock(sqlite3_file *file, int level)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xUnlock(real, level);
}

int store_shim_is_reserved(sqlite3_file *file, int *ret_is_reserved)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xCheckReservedLock(real, ret_is_reserved);
}

int store_shim_control(sqlite3_file *file, int op, void *argument)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xFileControl(real, op, argument);
}

int store_shim_sector_size(sqlite3_file *file)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xSectorSize(real);
}

int store_shim_characteristics(sqlite3_file *file)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xDeviceCharacteristics(real);
}

int store_shim_map_shm(sqlite3_file *file, int page, int size, int extend,
		       void volatile **ret_map)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xShmMap(real, page, size, extend, ret_map);
}

int store_shim_lock_shm(sqlite3_file *file, int first, int n, int flags)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xShmLock(real, first, n, flags);
}

void store_shim_barrier(sqlite3_file *file)
{
	sqlite3_file *real = store_shim_real(file);

	real->pMethods->xShmBarrier(real);
}

int store_shim_unmap_shm(sqlite3_file *file, int delete)
{
	sqlite3_file *real = store_shim_real(file);

	return real->pMethods->xShmUnmap(real, delete);
}
