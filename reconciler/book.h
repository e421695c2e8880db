/* The book of namespaces: rows of the table Netns. Those that ipvl has made are written
 * before they are made and struck out after they are removed (design.md 6); those that
 * rows reach through a process are written before they are first used, and struck out
 * with the last row. A namespace that is not in it, or that is not the one that was
 * written down (another inode since this boot), is somebody else's. */
#ifndef RECONCILER_BOOK_H
#define RECONCILER_BOOK_H 1

#include "config/rows.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct book;

/* Borrows 'columns'. Reads the machine's boot id (/proc/sys/kernel/random/boot_id). */
struct err *book_new(const struct ipvl_columns *columns, struct db *db,
		     struct book **ret_book) MUST_CHECK;
void book_free(struct book *b); /* accepts NULL */

/* True if it is written down as ours and nothing says otherwise; '*ret_inode' and
 * '*ret_cookie' are 0 if they were never noted. */
bool book_is_ours(const struct book *b, const char *netns, uint64_t *ret_inode,
		  uint64_t *ret_cookie);

/* True if the text, which leads through a process, was used: what it is bound to
 * (model.h). */
struct model_process;
bool book_is_bound(const struct book *b, const char *netns,
		   struct model_process *ret_process, uint64_t *ret_inode);
/* Before they are first used: one commit for all. 'inode' 0 binds it to nothing. */
struct book_binding {
	const char *netns;
	const struct model_process *process;
	uint64_t inode;
};
struct err *book_bind(struct book *b, const struct book_binding *bindings,
		      size_t n) MUST_CHECK;

/* Calls 'fn' for each name in the book. */
typedef void book_name_fn(void *aux, const char *netns);
void book_each(const struct book *b, book_name_fn *fn, void *aux);

/* Before they are made: one commit for all. Names already in the book lose their inode.
 */
struct err *book_open_entries(struct book *b, const char *const *names,
			      size_t n) MUST_CHECK;

/* After: one commit for all. 'inode' 0 strikes the name out. */
struct book_entry {
	const char *name;
	uint64_t inode, cookie;
};
struct err *book_close_entries(struct book *b, const struct book_entry *entries,
			       size_t n) MUST_CHECK;

#endif
