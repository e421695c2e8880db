/* A folder of YAML files as one set of declarations: every *.yaml in it, in the order
 * of their names. A file that is gone declares nothing any more. The daemon's
 * config-dir is such a folder; `ipvl-ctl apply` may have several, and single files. */
#ifndef CONFIG_FOLDER_H
#define CONFIG_FOLDER_H 1

#include "config/yaml/document.h"
#include "config/rows.h"

/* The default of ipvld and ipvl-ctl. */
#define FOLDER_DEFAULT "/etc/ipvl"

struct folder_file {
	/* Its real path: the name of the source. */
	char *path;
	/* NULL: not read, or broken. */
	struct document *document;
	bool is_borrowed; /* the document is another's */
};

struct folder {
	char **paths; /* real paths of folders */
	size_t n_paths;
	struct folder_file *files;
	size_t n_files;
};

/* The names only. A missing folder is an empty one. */
struct err *folder_list(const char *dir, struct folder *ret_folder) MUST_CHECK;
/* Adds the names of another folder. After an error 'f' is as before. */
struct err *folder_add(struct folder *f, const char *dir) MUST_CHECK;
/* Adds a file, unless 'f' has it already. 'd' is borrowed, and becomes the document of
 * 'source'. */
void folder_add_document(struct folder *f, const char *source, struct document *d);
/* Reads the files that have no document yet. Their errors go to 'errors'. */
void folder_read(struct folder *f, struct document_errors *errors);
/* From now on the file counts as broken, also if it is gone: what it declared stays. */
void folder_leave_out(struct folder *f, const char *path);
void folder_clear(struct folder *f);

/* True if 'source' is the name of a file of 'f', whether or not it is there. */
bool folder_holds(const struct folder *f, const char *source);

/* The sources of rows that are not names of files of 'f': a set, to be cleared by the
 * caller. */
void folder_list_others(const struct folder *f, const struct ipvl_columns *c,
			const struct txn *t, struct datum *ret_sources);

/* Applies all of it: the declarations of the files that are not broken; what
 * files that are gone declared is removed. A row that moves from one file to another
 * stays the same row. 'others' are documents from outside the folder. Returns as
 * declare_rows(). */
bool folder_apply(const struct folder *f, const struct ipvl_columns *c, struct txn *t,
		  const struct document *const *others, size_t n_others,
		  struct document_errors *errors) MUST_CHECK;

/* Removes what files that are gone declared. Contradicts no other source. */
void folder_apply_gone(const struct folder *f, const struct ipvl_columns *c,
		       struct txn *t);
/* Applies file number 'i', which is not broken. */
bool folder_apply_file(const struct folder *f, size_t i, const struct ipvl_columns *c,
		       struct txn *t, const struct document *const *others,
		       size_t n_others, struct document_errors *errors) MUST_CHECK;

#endif
