/* A file of SQLite with the real one behind it: what a shim has in common with every other,
 * and the calls that only pass through. For store_vfs.c, store_locks.c and the tests' own. */
#ifndef OVSDB_STORE_SHIM_H
#define OVSDB_STORE_SHIM_H 1

#include <sqlite3.h>
#include <stddef.h>

/* What a shim's file begins with. */
struct store_shim {
	sqlite3_file base;
	sqlite3_file *real;
};

/* Opens the real file behind 'file', whose other parts are set already and which takes
 * 'size' bytes. Returns SQLite's code. */
int store_shim_open(struct store_shim *file, size_t size,
		    const sqlite3_io_methods *methods, sqlite3_vfs *real,
		    const char *path, int flags, int *ret_flags);

static inline sqlite3_file *store_shim_real(sqlite3_file *file)
{
	return ((struct store_shim *)(void *)file)->real;
}

/* As in sqlite3_io_methods. */
int store_shim_close(sqlite3_file *file);
int store_shim_read(sqlite3_file *file, void *data, int n, sqlite3_int64 offset);
int store_shim_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 offset);
int store_shim_truncate(sqlite3_file *file, sqlite3_int64 size);
int store_shim_sync(sqlite3_file *file, int flags);
int store_shim_size(sqlite3_file *file, sqlite3_int64 *ret_size);
int store_shim_lock(sqlite3_file *file, int level);
int store_shim_unlock(sqlite3_file *file, int level);
int store_shim_is_reserved(sqlite3_file *file, int *ret_is_reserved);
int store_shim_control(sqlite3_file *file, int op, void *argument);
int store_shim_sector_size(sqlite3_file *file);
int store_shim_characteristics(sqlite3_file *file);
int store_shim_map_shm(sqlite3_file *file, int page, int size, int extend,
		       void volatile **ret_map);
int store_shim_lock_shm(sqlite3_file *file, int first, int n, int flags);
void store_shim_barrier(sqlite3_file *file);
int store_shim_unmap_shm(sqlite3_file *file, int delete);

#endif
