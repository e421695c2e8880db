/* A database in a folder of its own. */
#ifndef TEST_STORE_FOLDER_H
#define TEST_STORE_FOLDER_H 1

#include "database.h"

#include <sys/types.h>

struct fixture {
	char folder[64];
	char *path;
	struct schema *schema;
	struct db *db;
};

int store_setup(void **state);
int store_teardown(void **state);
#define STORE_TEST(fn) cmocka_unit_test_setup_teardown(fn, store_setup, store_teardown)

/* The tables of the fixture's schema, which is version 1.2.3 of "T". */
extern const char tables_text[];
/* Owned by the caller. */
char *schema_text(const char *name, const char *version, const char *tables);
/* Operations that insert a row with a value in every column, and a few others. */
extern const char full_row[];

void reopen(struct fixture *f);
/* Opens the file anew and expects that to fail. */
void expect_open_fails(struct fixture *f, enum err_code code, const char *words);

/* The first column of the first row, as sqlite3(1) shows it. Owned by the caller. */
char *sql(const char *path, const char *text);
/* Several statements. */
void run_sql(const char *path, const char *text);
void expect_sql(const struct fixture *f, const char *text, const char *wanted);

/* Of the database's path with 'suffix'; -1 if there is no such file. */
off_t size_of(const struct fixture *f, const char *suffix);
void write_file(const struct fixture *f, const char *suffix, const char *text);

/* Runs 'fn' in a process of its own, which may be limited and killed. 'fd' is a pipe to
 * us. */
pid_t in_child(const struct fixture *f, void (*fn)(const struct fixture *f, int fd),
	       int *ret_fd);

#endif
