/* What a command works on: a database, and the transaction that all commands of a line
 * share.
 *
 * The database is a replica of the daemon's, or a file opened directly: the commands
 * do not differ for that. An attempt is one run of the whole line; it is begun again
 * where somebody else changed the rows meanwhile. */
#ifndef CTL_CONTEXT_H
#define CTL_CONTEXT_H 1

#include "config/rows.h"
#include "config/yaml/document.h"
#include "ctl/output/layout.h"
#include "ctl/line/options.h"
#include "lib/arena.h"
#include "lib/err.h"
#include "lib/loop.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/client/replica.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct writer;

/* A YAML file that was read: standard input gives its bytes once, and a line may run
 * twice. */
struct context_document {
	const char *file; /* borrowed from the document */
	struct document *document;
};

/* A row whose state is reported after the commit. */
struct concern {
	struct uuid uuid;
	bool is_slave;
	const char *label; /* from the attempt's arena */
};

struct context {
	struct options options;
	bool colour;   /* stdout is a terminal that wants it */
	size_t width;  /* the terminal's columns; 0: stdout is none */
	char *command; /* its own command line, for a file's history */
	struct loop *loop;
	struct stream_tls *tls;  /* NULL unless its files were given */
	struct replica *replica; /* NULL: 'db' is a file's, or a test's */
	bool is_scoped;          /* only some slaves are in it, and no drift */
	struct schema *schema;   /* of a file */
	struct db *file;         /* owned; NULL with a replica */
	struct db *db; /* borrowed from one of the two; NULL if none was needed */
	struct ipvl_columns columns;
	struct context_document *documents; /* read so far, by file */
	size_t n_documents;
	int64_t deadline_ms; /* of connecting and committing; loop_now_ms()'s clock */

	/* Of this attempt. */
	struct txn *txn;
	struct arena *arena;
	FILE *out;      /* becomes standard output once the line is through */
	FILE *warnings; /* becomes standard error then; whole lines without a prefix */
	struct concern *concerns;
	size_t n_concerns, concerns_cap;
	bool differs;           /* exit status 2 */
	bool must_wait;         /* the line is run again after the next change */
	const char *waits_for;  /* what does not hold yet: "Master eno2 does not exist" */
	bool wants_summary;     /* print what was changed */
	bool is_apply;          /* a file was applied: it is right about its rows */
	bool has_failed;        /* in part: exit status 1; the warnings say what */
	int64_t reloaded_cfg;   /* that the daemon has made of its files; 0: none */
	bool is_strict;         /* refuse what cannot become ready now */
	const char *complaints; /* of a failed attempt: whole lines, in place of its
				   error; NULL if none */

	/* private */
	char *out_text, *warnings_text;
	size_t out_size, warnings_size;
};

/* Connects, or opens the file. 'read_only': a missing file is an error instead of made.
 * 'slaves' is scope_of_line()'s; borrowed. Errors are whole sentences. context_close() in
 * any case. */
struct err *context_open(struct context *ctx, const struct options *options,
			 bool read_only, const struct json_object *slaves) MUST_CHECK;
/* Fetches everything, where 'is_scoped'; the attempt is over. */
struct err *context_widen(struct context *ctx) MUST_CHECK;
void context_close(struct context *ctx);

void context_begin(struct context *ctx);
/* Forgets the attempt and its texts. Nothing happens if none was begun. */
void context_end(struct context *ctx);
/* Writes out the attempt's texts: 'out' to standard output, the warnings to standard
 * error. */
void context_print(struct context *ctx);

/* Milliseconds left until the deadline; 0 if none. */
int64_t context_left_ms(const struct context *ctx);
/* True if the database is perhaps another host's, whose files are not to be seen here. */
bool context_is_elsewhere(const struct context *ctx);
/* ERR_CLOSED in a sentence if the daemon is gone. */
struct err *context_check_connection(const struct context *ctx) MUST_CHECK;
/* Runs the loop until the replica changes, or 'deadline_ms' has passed (ERR_TIMED_OUT).
 */
struct err *context_wait_change(struct context *ctx, int64_t deadline_ms) MUST_CHECK;

/* document_read(), once for each file. Borrowed from the context; NULL and errors, or a
 * document. */
const struct document *context_read_document(struct context *ctx, const char *file,
					     struct document_errors *errors);

/* Takes 'd', and lends it as one that was read. */
const struct document *context_keep_document(struct context *ctx, struct document *d);

/* For standard output: in the line's format, or 'by_default'; borrows 'headings'. */
struct writer *context_writer(const struct context *ctx, enum format by_default,
			      const char *const *headings, size_t n)
	__attribute__((warn_unused_result));
/* The same for lines of cells, which layout_print() prints. */
struct layout *context_layout(const struct context *ctx, size_t indent, size_t gap)
	__attribute__((warn_unused_result));

/* A text of its own, a line or, on a narrow terminal, several. */
void context_note(const struct context *ctx, enum style style, const char *text);

/* A column's text as the attempt sees it, "" if empty. Borrowed. */
const char *context_text(const struct context *ctx, const struct row *r,
			 const struct column_schema *c);
/* The row's state is reported after the commit. The same row twice is one. */
void context_concern(struct context *ctx, struct row *r);

#endif
