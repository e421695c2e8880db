/* A folder of YAML files as one set of declarations (design.md 4): every *.yaml in it, in
 * the order of the names; a file that is gone declares nothing any more. The daemon's
 * config-dir is one. */
#ifndef CONFIG_FOLDER_H
#define CONFIG_FOLDER_H 1

#include "config/yaml/document.h"
#include "config/rows.h"

/* Where ipvld and ipvl-ctl look if nobody says otherwise. */
#define FOLDER_DEFAULT "/etc/ipvl"

struct folder_file {
	char *path;                /* real path: the source's name */
	struct document *document; /* NULL: not read, or broken */
};

struct folder {
	char *path; /* real path */
	struct folder_file *files;
	size_t n_files;
};

/* The names alone. A folder that does not exist is an empty one. */
struct err *folder_list(const char *dir, struct folder *ret_folder) MUST_CHECK;
/* The files. What is wrong with them goes to 'errors'. */
void folder_read(struct folder *f, struct document_errors *errors);
void folder_clear(struct folder *f);

/* True if 'source' is the name of a file of this folder, whether or not it is there. */
bool folder_holds(const struct folder *f, const char *source);

/* All of it: what the files declare that are not broken, and what those declared that are
 * gone goes. A row that one file has from another stays the same row. 'others' are
 * documents from outside the folder. As declare_rows(). */
bool folder_apply(const struct folder *f, const struct ipvl_columns *c, struct txn *t,
		  const struct document *const *others, size_t n_others,
		  struct document_errors *errors) MUST_CHECK;

/* What the files that are gone declared goes. Contradicts nobody. */
void folder_apply_gone(const struct folder *f, const struct ipvl_columns *c,
		       struct txn *t);
/* What file number 'i', which is not broken, declares. */
bool folder_apply_file(const struct folder *f, size_t i, const struct ipvl_columns *c,
		       struct txn *t, const struct document *const *others,
		       size_t n_others, struct document_errors *errors) MUST_CHECK;

#endif
