/* A database of the real schema in memory with the validator, and rows written in a line.
 */
#ifndef TESTS_CONFIG_WORLD_H
#define TESTS_CONFIG_WORLD_H 1

#include "config/yaml/document.h"
#include "config/rows.h"

struct world {
	struct db *db;
	struct ipvl_columns c;
};

void world_init(struct world *w);
void world_clear(struct world *w);
/* A transaction of a client, or of the daemon itself. */
struct txn *world_begin(struct world *w, bool internal);
/* Commits and frees; fails the test on an error. */
void world_commit(struct txn *t);
/* Commits and frees; the error's one sentence, owned, or NULL where it went through. */
char *world_try(struct txn *t);

/* Sets columns of a row: "mtu=1400 addresses=10.0.0.2/24,10.0.0.3/24
 * routes=default+via+10.0.0.1"; '+' stands for a space, "COLUMN=" empties. */
void world_set(struct world *w, struct txn *t, struct row *r, const char *columns);
struct row *world_add_master(struct world *w, struct txn *t, const char *name,
			     const char *columns);
/* "NETNS/NAME" or "NAME"; under 'master', a row. */
struct row *world_add_slave(struct world *w, struct txn *t, struct row *master,
			    const char *name, const char *columns);
struct row *world_slave(struct world *w, const struct txn *t, const char *name);
struct row *world_master(struct world *w, const struct txn *t, const char *name);

/* Parses; fails the test on an error. */
struct document *world_document(const char *file, const char *yaml);
/* Applies the file as a source, commits, frees. False where it was refused: '*ret_said'
 * (may be NULL) is then all complaints. */
bool world_apply(struct world *w, const char *file, const char *yaml, char **ret_said);

/* Every row that counts, a line each, sorted: for comparison. Owned. */
char *world_dump(struct world *w);

/* In place of world_init(): eth0 with ns1/a, ns2/b and shim, eth1 with ns1/c. */
void world_init_base(struct world *w);
/* Commits and frees; fails the test unless the error's sentence contains 'words' (NULL:
 * unless there is none). */
void world_expect_refused(struct txn *t, const char *words);
/* Adds 'child' to a set of references. */
void world_add_to_set(struct txn *t, struct row *parent, const struct column_schema *c,
		      const struct row *child);

#endif
