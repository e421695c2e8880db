/* *.yaml -> rows, at start. What one file says is config/document.c's affair, what
 * becomes of its rows config/rows.c's. */
#include "reconciler/config_dir.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "ovsdb-lite/txn.h"
#include "reconciler/status.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct file {
	char *path;                /* real path: the source's name */
	struct document *document; /* NULL if it is broken */
};

struct config_dir {
	const struct ipvl_columns *c;
	struct db *db;
	char *path; /* real path of the folder */
	struct file *files;
	size_t n_files;
	char **errors; /* one sentence each */
	size_t n_errors, errors_cap;
};

static const struct txn_origin self = {.internal = true, .uid = -1, .pid = -1};

static void complain(struct config_dir *d, char *sentence)
{
	d->errors = xgrow(d->errors, d->n_errors, &d->errors_cap, sizeof(*d->errors));
	d->errors[d->n_errors++] = sentence;
	log_event(LOG_LEVEL_ERR, "config_file_refused", "error=\"%s\"", sentence);
}

static void complain_errors(struct config_dir *d, struct document_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++) {
		const struct document_error *e = &errors->errors[i];
		const char *hint = e->hint ? e->hint : "";

		complain(d, e->line ? xasprintf("%s:%zu:%zu: %s%s%s", e->file, e->line,
						e->column, e->message, *hint ? "; " : "",
						hint)
				    : xasprintf("%s: %s%s%s", e->file, e->message,
						*hint ? "; " : "", hint));
	}
	document_errors_clear(errors);
}

static int is_yaml(const struct dirent *entry)
{
	return !fnmatch("*.yaml", entry->d_name, FNM_PERIOD);
}

static struct err *read_files(struct config_dir *d)
{
	struct dirent **names;
	int n = scandir(d->path, &names, is_yaml, alphasort);

	if (n < 0)
		return err_sys(errno, "cannot list %s", d->path);
	d->files = xcalloc((size_t)n, sizeof(*d->files));
	for (int i = 0; i < n; i++) {
		struct document_errors errors = {0};
		struct file *f = &d->files[d->n_files++];
		char *path = xasprintf("%s/%s", d->path, names[i]->d_name);

		f->path = realpath(path, NULL);
		if (!f->path)
			f->path = xstrdup(path);
		f->document = document_read(f->path, &errors);
		complain_errors(d, &errors);
		free(path);
		free(names[i]);
	}
	free(names);
	return NULL;
}

static bool has_file(const struct config_dir *d, const char *source)
{
	for (size_t i = 0; i < d->n_files; i++) {
		if (!strcmp(d->files[i].path, source))
			return true;
	}
	return false;
}

/* A source that was a file of this folder and is no longer there. */
static bool is_gone(const struct config_dir *d, const char *source)
{
	size_t n = strlen(d->path);

	return !strncmp(source, d->path, n) && source[n] == '/' &&
	       !strchr(source + n + 1, '/') && !has_file(d, source);
}

static bool apply_source(const struct config_dir *d, struct txn *t, const char *source,
			 const struct document *document, struct document_errors *errors)
{
	const struct document **others =
		xcalloc(d->n_files, sizeof(const struct document *));
	struct row *host = rows_ensure_host(d->c, t, NULL);
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < d->n_files; i++) {
		if (d->files[i].document && d->files[i].document != document)
			others[n++] = d->files[i].document;
	}
	ok = rows_apply_source(d->c, t, host, source, document, others, n, errors);
	free(others);
	return ok;
}

/* The sources of one column that are gone, taken out. Names are copied: rows change
 * meanwhile. */
static void collect_gone(const struct config_dir *d, const struct table *table,
			 const struct column_schema *sources, struct datum *gone)
{
	TABLE_FOR_EACH (r, table) {
		const struct datum *s = row_get(r, sources);

		for (uint32_t i = 0; i < s->n; i++) {
			if (is_gone(d, datum_keys(s)[i].string)) {
				struct datum one;

				datum_init_empty(&one);
				datum_append(&one,
					     atom_copy(&datum_keys(s)[i], ATOM_STRING),
					     NULL);
				datum_union(gone, &one, &sources->type);
				datum_clear(&one, &sources->type);
			}
		}
	}
}

static void apply_gone(const struct config_dir *d, struct txn *t)
{
	const struct ipvl_columns *c = d->c;
	struct document_errors errors = {0};
	struct datum gone;

	datum_init_empty(&gone);
	collect_gone(d, c->master.table, c->master.sources, &gone);
	collect_gone(d, c->slave.table, c->slave.sources, &gone);
	for (uint32_t i = 0; i < gone.n; i++) {
		/* Declaring nothing contradicts nobody. */
		bool ok = apply_source(d, t, datum_keys(&gone)[i].string, NULL, &errors);

		if (!ok)
			document_errors_clear(&errors);
	}
	datum_clear(&gone, &c->master.sources->type);
}

/* Takes 't'. */
static struct err *commit(const struct config_dir *d, struct txn *t)
{
	struct err *e = NULL;

	if (!txn_is_empty(t)) {
		if (rows_changes_config(d->c, t))
			rows_bump_next_cfg(d->c, t, rows_ensure_host(d->c, t, NULL));
		e = txn_commit(t);
		if (!e)
			e = db_sync(d->db);
	}
	txn_free(t);
	return e;
}

/* Everything in one transaction. False, with nothing done and no complaint, if that
 * cannot be. */
static bool apply_together(struct config_dir *d)
{
	struct txn *t = txn_new(d->db, &self);
	struct document_errors errors = {0};
	struct err *e = NULL;
	bool ok = true;

	apply_gone(d, t);
	for (size_t i = 0; i < d->n_files && ok; i++) {
		if (d->files[i].document)
			ok = apply_source(d, t, d->files[i].path, d->files[i].document,
					  &errors);
	}
	if (ok)
		e = commit(d, t);
	else
		txn_free(t);
	ok = ok && !e;
	err_free(e);
	document_errors_clear(&errors);
	return ok;
}

/* One file after the other, so that a contradiction stops only the file that brings it.
 */
static struct err *apply_one_by_one(struct config_dir *d)
{
	struct txn *gone = txn_new(d->db, &self);
	struct err *e;

	apply_gone(d, gone);
	e = commit(d, gone);
	for (size_t i = 0; i < d->n_files && !e; i++) {
		struct document_errors errors = {0};
		struct txn *t;

		if (!d->files[i].document)
			continue;
		t = txn_new(d->db, &self);
		if (!apply_source(d, t, d->files[i].path, d->files[i].document,
				  &errors)) {
			complain_errors(d, &errors);
			txn_free(t);
			continue;
		}
		e = commit(d, t);
		if (e && e->code == ERR_CONSTRAINT) {
			CLEANUP(freep) char *text = err_text(e);

			complain(d, xasprintf("%s: %s", d->files[i].path, text));
			err_free(e);
			e = NULL;
		}
	}
	return e;
}

static struct err *write_errors(const struct config_dir *d)
{
	struct txn *t = status_begin(d->db);
	struct row *host = rows_ensure_host(d->c, t, NULL);
	struct datum set;

	datum_init_empty(&set);
	datum_set_strings(&set, &d->c->host.config_errors->type,
			  (const char *const *)d->errors, d->n_errors);
	txn_set(t, host, d->c->host.config_errors, &set);
	return status_commit(d->c, t);
}

static void clear(struct config_dir *d)
{
	for (size_t i = 0; i < d->n_files; i++) {
		document_free(d->files[i].document);
		free(d->files[i].path);
	}
	for (size_t i = 0; i < d->n_errors; i++)
		free(d->errors[i]);
	free(d->files);
	free(d->errors);
	free(d->path);
}

struct err *config_dir_apply(const struct ipvl_columns *c, struct db *db, const char *dir)
{
	struct config_dir d = {.c = c, .db = db, .path = realpath(dir, NULL)};
	struct err *e = NULL;

	if (!d.path && errno == ENOENT)
		d.path = xstrdup(dir); /* what it declared is gone */
	else if (!d.path)
		return err_sys(errno, "cannot read the folder %s", dir);
	else
		e = read_files(&d);
	if (!e && !apply_together(&d))
		e = apply_one_by_one(&d);
	if (!e)
		e = write_errors(&d);
	clear(&d);
	return e;
}
