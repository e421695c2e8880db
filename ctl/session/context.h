/* What a command works on: a database, and the transaction that all commands of a line
 * share.
 *
 * The database is a replica of the daemon's, or a file that is opened directly.
 * Commands use both in the same way. An attempt is one run of the whole line. A new
 * one begins if another client changed the rows. */
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

/* A YAML file that was read. Standard input can be read only once, and a line may run
 * twice. */
struct context_document {
	const char *file; /* "-", or borrowed from the document */
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
	bool colour;   /* stdout is a terminal with colours */
	size_t width;  /* the terminal's width; 0: stdout is not a terminal */
	char *command; /* the command line, for the history of a file */
	struct loop *loop;
	struct stream_tls *tls;  /* NULL without --private-key and the like */
	struct replica *replica; /* NULL: 'db' is a file, or a test's */
	bool is_scoped;          /* it has only some slaves, and no drift */
	bool is_reduced;       /* context_reduce(): slaves that are ready are not in it */
	struct schema *schema; /* of a file */
	struct db *file;       /* owned; NULL with a replica */
	struct db *db;         /* borrowed from one of the two; NULL if none was needed */
	struct ipvl_columns columns;
	struct context_document *documents; /* read so far, by file */
	size_t n_documents;
	int64_t deadline_ms; /* for connecting and committing; clock: clock_now_ms() */

	/* Of a line that follows (follow.c). */
	bool follows;    /* set before context_open(): the replica connects again */
	bool is_picture; /* each attempt makes a whole picture, not further lines */
	bool is_again;   /* not its first attempt */
	void *kept;      /* by the handler between its attempts; NULL at first */
	void (*free_kept)(void *kept);

	/* From 1: how often leases of this line were lost to other clients, and one. */
	unsigned int lease_attempt;

	/* Of this attempt. */
	struct txn *txn;
	struct arena *arena;
	FILE *out;      /* written to standard output at the end */
	FILE *warnings; /* written to standard error at the end; whole lines, no prefix */
	struct concern *concerns; /* each row once */
	size_t n_concerns, concerns_cap;
	struct concerned *concerned; /* by UUID; private to context.c */
	bool differs;                /* exit status 2 */
	bool must_wait;              /* run the line again after the next change */
	const char *waits_for; /* the condition not met: "Master eno2 does not exist" */
	bool wants_summary;    /* print what was changed */
	bool wants_diff;       /* print each changed row */
	bool must_transfer;    /* refuse it if a device cannot change hands */
	bool is_apply;   /* a file was applied: no warning that it declares the rows */
	bool is_earlier; /* rows as an earlier transaction left them have no state */
	bool has_failed; /* some of it failed: exit status 1, see the warnings */
	int64_t reloaded_cfg; /* next_cfg after a reload; 0: none */
	int64_t again_ms;     /* run the line again then, even without a change; 0: no */
	/* Printed in place of the error: whole lines; NULL if none */
	const char *complaints;

	/* private */
	char *out_text, *warnings_text;
	size_t out_size, warnings_size;
};

/* Connects, or opens the file. With 'read_only', a missing file is an error; otherwise
 * it is created. 'slaves' is the result of scope_of_line(); borrowed. Call
 * context_close() in any case. */
struct err *context_open(struct context *ctx, const struct options *options,
			 bool read_only, const struct json_object *slaves) MUST_CHECK;
/* If 'is_scoped', fetches all rows. Ends the attempt. */
struct err *context_widen(struct context *ctx) MUST_CHECK;
/* After the commit, in place of what the line needed: a copy of few rows, in which 'ctx' finds
 * what its line waits for. The attempt goes on without its transaction; its texts stay. */
enum context_part {
	CONTEXT_HOST,    /* the table Host alone */
	CONTEXT_UNREADY, /* masters too, and slaves that are not ready or have a warning */
};
struct err *context_reduce(struct context *ctx, enum context_part part) MUST_CHECK;
/* Connects to a server whose schema has changed: fetches all rows, and drops what was
 * kept of the old ones. Ends the attempt. After a failure it may be called again. */
struct err *context_reconnect(struct context *ctx) MUST_CHECK;
void context_close(struct context *ctx);

void context_begin(struct context *ctx);
/* Discards the attempt and its texts. Does nothing if none was begun. */
void context_end(struct context *ctx);
/* Prints the texts of the attempt: 'out' to standard output, the warnings to standard
 * error. */
void context_print(struct context *ctx);

/* Keeps 'data' until the last attempt of a line that follows. */
void context_keep(struct context *ctx, void *data, void (*free_data)(void *data));

/* Milliseconds left until the deadline; 0 if none. */
int64_t context_left_ms(const struct context *ctx);
/* True if the database may be on another host, whose files cannot be read here. */
bool context_is_elsewhere(const struct context *ctx);
/* ERR_CLOSED if the connection to the daemon is lost. */
struct err *context_check_connection(const struct context *ctx) MUST_CHECK;
/* Runs the loop until the replica changes, or 'deadline_ms' has passed (ERR_TIMED_OUT).
 */
struct err *context_wait_change(struct context *ctx, int64_t deadline_ms) MUST_CHECK;

/* document_read(), but only once for each file. Returns a document that the context
 * owns, or NULL with errors. */
struct document *context_read_document(struct context *ctx, const char *file,
				       struct document_errors *errors);

/* Takes 'd', which then counts as read. */
struct document *context_keep_document(struct context *ctx, struct document *d);

/* A writer for standard output, in the line's format or 'by_default'; borrows
 * 'headings'. */
struct writer *context_writer(const struct context *ctx, enum format by_default,
			      const char *const *headings, size_t n)
	__attribute__((warn_unused_result));
/* The same for cells in columns; print it with layout_print(). */
struct layout *context_layout(const struct context *ctx, size_t indent, size_t gap)
	__attribute__((warn_unused_result));

/* Prints a text, wrapped to the terminal. */
void context_note(const struct context *ctx, enum style style, const char *text);

/* The text of a column in the attempt, "" if empty. Borrowed. */
const char *context_text(const struct context *ctx, const struct row *r,
			 const struct column_schema *c);
/* Adds 'r' to the rows whose state is reported after the commit, unless it is already
 * one. */
void context_concern(struct context *ctx, struct row *r);

#endif
