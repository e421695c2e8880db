/* A database with all that a history has to tell of: rows that are collected, references
 * that are cleaned in sets and in maps, a table and columns that are not stored. */
#ifndef TEST_HISTORY_DATABASE_H
#define TEST_HISTORY_DATABASE_H 1

#include "store_folder.h"

#include "ovsdb-lite/history/history.h"

extern const char history_tables[];

int history_setup(void **state);
#define HISTORY_TEST(fn)                                                                 \
	cmocka_unit_test_setup_teardown(fn, history_setup, store_teardown)

/* Commits the undoing of that transaction. */
struct err *try_undo(struct db *db, int64_t serial);
/* 0 if there is none. */
int64_t last_serial(const struct db *db);

#endif
