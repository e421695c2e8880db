/* Applies the files of the config-dir to the database, and keeps the list of what is
 * wrong with them. config/yaml/folder.c lists the files, config/yaml/document.c reads
 * one. */
#include "reconciler/files/config_dir.h"

#include "config/daemon_txn.h"
#include "config/trial.h"
#include "config/yaml/folder.h"
#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/text.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/files/withheld.h"

#include <stdlib.h>
#include <string.h>

struct complaint {
	char *file;
	char *sentence;
};

struct complaints {
	struct complaint *all;
	size_t n, capacity;
};

struct config_dir {
	const struct ipvl_columns *c;
	struct db *db;
	const char *dir;
	/* Its real path; NULL before the first time. */
	char *path;
	size_t n_files;
	struct complaints complaints;
	/* To be read when the trial has ended. */
	bool is_owed;
	/* NULL until config_dir_follow(). */
	struct db_observer *observer;
	struct loop_timer *timer;
};

/* Takes 'sentence'. */
static void complain(struct complaints *c, const char *file, char *sentence)
{
	/* It goes into the log and the database: one line. */
	text_make_plain(sentence, strlen(sentence));
	c->all = xgrow(c->all, c->n, &c->capacity, sizeof(*c->all));
	c->all[c->n++] = (struct complaint){.file = xstrdup(file), .sentence = sentence};
}

/* Clears 'errors'. */
static void complain_errors(struct complaints *c, struct document_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++) {
		const struct document_error *e = &errors->errors[i];
		const char *hint = e->hint ? e->hint : "";
		const char *semicolon = *hint ? "; " : "";

		complain(c, e->file,
			 e->line ? xasprintf("%s:%zu:%zu: %s%s%s", e->file, e->line,
					     e->column, e->message, semicolon, hint)
				 : xasprintf("%s: %s%s%s", e->file, e->message, semicolon,
					     hint));
	}
	document_errors_clear(errors);
}

static void clear_complaints(struct complaints *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->all[i].file);
		free(c->all[i].sentence);
	}
	free(c->all);
	*c = (struct complaints){0};
}

/* Takes 't'. While the database is served, a power loss may undo this: the next start
 * reads the files again. */
static struct err *commit(const struct config_dir *d, struct txn *t)
{
	struct err *e = NULL;

	if (!txn_is_empty(t)) {
		if (rows_changes_config(d->c, t))
			rows_bump_next_cfg(d->c, t, rows_ensure_host(d->c, t, NULL));
		e = db_commit(t);
		if (!e && !d->observer)
			e = db_sync(d->db);
	}
	txn_free(t);
	return e;
}

/* All files in one transaction. False if that is refused: then nothing was done, and
 * no complaint was added. */
static bool apply_together(const struct config_dir *d, const struct folder *f)
{
	struct txn *t = daemon_txn_new(d->db);
	struct document_errors errors = {0};
	struct err *e = NULL;
	bool ok = folder_apply(f, d->c, t, NULL, 0, &errors);

	if (ok)
		e = commit(d, t);
	else
		txn_free(t);
	ok = ok && !e;
	err_free(e);
	document_errors_clear(&errors);
	return ok;
}

/* An error only if the database cannot be written. */
static struct err *apply_one(struct config_dir *d, const struct folder *f, size_t i)
{
	const char *file = f->files[i].path;
	struct txn *t = daemon_txn_new(d->db);
	struct document_errors errors = {0};
	struct err *e;

	if (!folder_apply_file(f, i, d->c, t, NULL, 0, &errors)) {
		complain_errors(&d->complaints, &errors);
		txn_free(t);
		return NULL;
	}
	e = commit(d, t);
	if (e && e->code == ERR_CONSTRAINT) {
		CLEANUP(freep) char *text = err_text(e);

		complain(&d->complaints, file, xasprintf("%s: %s", file, text));
		err_free(STEAL(e));
	}
	return e;
}

/* File by file, so that two files that contradict each other lose only the later one. */
static struct err *apply_one_by_one(struct config_dir *d, const struct folder *f)
{
	struct txn *gone = daemon_txn_new(d->db);
	struct err *e;

	folder_apply_gone(f, d->c, gone);
	e = commit(d, gone);
	for (size_t i = 0; i < f->n_files && !e; i++) {
		if (f->files[i].document)
			e = apply_one(d, f, i);
	}
	return e;
}

static struct err *write_errors(const struct config_dir *d)
{
	const struct complaints *c = &d->complaints;
	const char **sentences = xcalloc(c->n + 1, sizeof(const char *));
	struct txn *t = daemon_txn_new(d->db);
	struct row *host = rows_ensure_host(d->c, t, NULL);
	struct err *e;

	for (size_t i = 0; i < c->n; i++)
		sentences[i] = c->all[i].sentence;
	txn_set_strings(t, host, d->c->host.config_errors, sentences, c->n);
	txn_set_string(t, host, d->c->host.config_dir, d->path);
	e = daemon_txn_commit(t);
	free(sentences);
	return e;
}

/* True if the rows are as the file declares them (a client may have applied it), or if
 * the file is gone and declares nothing. */
static bool is_applied(const struct config_dir *d, const struct folder *f,
		       const char *file)
{
	struct document_errors errors = {0};
	struct txn *t = daemon_txn_new(d->db);
	bool ok = true;

	folder_apply_gone(f, d->c, t);
	for (size_t i = 0; i < f->n_files && ok; i++) {
		if (strcmp(f->files[i].path, file))
			continue;
		ok = f->files[i].document &&
		     folder_apply_file(f, i, d->c, t, NULL, 0, &errors);
	}
	ok = ok && txn_is_empty(t);
	txn_free(t);
	document_errors_clear(&errors);
	return ok;
}

static void drop_complaints_of(struct complaints *c, const char *file)
{
	struct complaints kept = {0};

	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->all[i].file, file) != 0)
			complain(&kept, c->all[i].file, xstrdup(c->all[i].sentence));
	}
	clear_complaints(c);
	*c = kept;
}

static struct err *write_withheld(const struct config_dir *d, struct datum *kept)
{
	struct txn *t = daemon_txn_new(d->db);

	txn_set(t, rows_ensure_host(d->c, t, NULL), d->c->host.withheld, kept);
	return daemon_txn_commit(t);
}

/* Leaves out the files that are withheld. One that has changed since, or whose rows a
 * client has applied, no longer is. */
static struct err *leave_out_withheld(struct config_dir *d, struct folder *f)
{
	const struct row *host = rows_find_host(d->c, NULL, NULL);
	const struct datum *all = host ? row_get(host, d->c->host.withheld) : NULL;
	const struct column_type *type = &d->c->host.withheld->type;
	struct datum kept;
	struct err *e = NULL;

	datum_init_empty(&kept);
	for (uint32_t i = 0; all && i < all->n; i++) {
		const char *path = datum_keys(all)[i].string;
		const char *digest = datum_values(all)[i].string;
		union atom value;

		if (!folder_holds(f, path) || !withheld_is_same(path, digest) ||
		    is_applied(d, f, path))
			continue;
		value = atom_copy(&datum_values(all)[i], ATOM_STRING);
		datum_append(&kept, atom_copy(&datum_keys(all)[i], ATOM_STRING), &value);
		drop_complaints_of(&d->complaints, path);
		complain(&d->complaints, path, withheld_sentence(path, digest));
		folder_leave_out(f, path);
	}
	if (all && kept.n < all->n)
		e = write_withheld(d, &kept);
	datum_clear(&kept, type);
	return e;
}

static struct err *read_and_apply(struct config_dir *d, struct folder *f)
{
	struct document_errors errors = {0};
	struct err *e;

	folder_read(f, &errors);
	complain_errors(&d->complaints, &errors);
	e = leave_out_withheld(d, f);
	if (!e && !apply_together(d, f))
		e = apply_one_by_one(d, f);
	return e;
}

struct err *config_dir_apply(struct config_dir *d)
{
	struct folder f;
	struct err *e = folder_list(d->dir, &f);

	if (e)
		return e;
	clear_complaints(&d->complaints);
	free(d->path);
	d->path = xstrdup(f.paths[0]);
	d->n_files = f.n_files;
	d->is_owed = trial_find(d->c, NULL) != NULL;
	if (d->is_owed)
		complain(&d->complaints, d->path,
			 xasprintf("%s: not read while a change is on trial: it will be "
				   "when "
				   "`ipvl-ctl confirm` or `ipvl-ctl cancel` ends that",
				   d->path));
	else
		e = read_and_apply(d, &f);
	for (size_t i = 0; i < d->complaints.n; i++)
		log_event(LOG_LEVEL_ERR, "config_file_refused", "error=\"%s\"",
			  d->complaints.all[i].sentence);
	if (!e)
		e = write_errors(d);
	folder_clear(&f);
	return e;
}

bool config_dir_is_owed(const struct config_dir *d)
{
	return d->is_owed;
}

void config_dir_withhold(const struct config_dir *d, struct txn *t)
{
	struct folder f;
	struct err *e = folder_list(d->dir, &f);

	if (!e) {
		withheld_note(d->c, t, &f);
		folder_clear(&f);
	}
	/* A folder that cannot be read is not applied either. */
	err_free(e);
}

struct err *config_dir_note_withheld(struct config_dir *d)
{
	struct document_errors errors = {0};
	struct folder f;
	struct err *e;

	/* At a start, config_dir_apply() follows. */
	if (!d->path)
		return NULL;
	e = folder_list(d->dir, &f);
	if (e)
		return e;
	folder_read(&f, &errors);
	document_errors_clear(&errors);
	e = leave_out_withheld(d, &f);
	folder_clear(&f);
	return e ? e : write_errors(d);
}

static void drop_complaints(struct config_dir *d, const struct folder *f)
{
	struct complaints kept = {0};

	for (size_t i = 0; i < d->complaints.n; i++) {
		const struct complaint *c = &d->complaints.all[i];

		if (!is_applied(d, f, c->file))
			complain(&kept, c->file, xstrdup(c->sentence));
	}
	clear_complaints(&d->complaints);
	d->complaints = kept;
}

static void recheck_complaints(void *aux)
{
	struct config_dir *d = aux;
	size_t n_before = d->complaints.n;
	struct document_errors errors = {0};
	struct folder f;
	struct err *e = folder_list(d->dir, &f);

	if (!e) {
		folder_read(&f, &errors);
		document_errors_clear(&errors);
		drop_complaints(d, &f);
		folder_clear(&f);
		if (d->complaints.n < n_before)
			e = write_errors(d);
	}
	if (e) {
		CLEANUP(freep) char *text = err_text(e);

		log_event(LOG_LEVEL_ERR, "status_not_written", "error=\"%s\"", text);
		err_free(e);
	}
}

static void on_commit(void *aux, const struct txn *t)
{
	struct config_dir *d = aux;

	if (d->complaints.n && rows_changes_config(d->c, t))
		loop_timer_set(d->timer, 0);
}

void config_dir_follow(struct config_dir *d, struct loop *loop)
{
	d->timer = loop_timer_new(loop, recheck_complaints, d);
	d->observer = db_observe(d->db, on_commit, d);
}

struct config_dir *config_dir_new(const struct ipvl_columns *c, struct db *db,
				  const char *dir)
{
	struct config_dir *d = xcalloc(1, sizeof(*d));

	d->c = c;
	d->db = db;
	d->dir = dir;
	return d;
}

void config_dir_free(struct config_dir *d)
{
	if (!d)
		return;
	db_unobserve(d->observer);
	loop_timer_free(d->timer);
	clear_complaints(&d->complaints);
	free(d->path);
	free(d);
}

const char *config_dir_path(const struct config_dir *d)
{
	return d->path;
}

size_t config_dir_n_files(const struct config_dir *d)
{
	return d->n_files;
}

size_t config_dir_n_errors(const struct config_dir *d)
{
	return d->complaints.n;
}

const char *config_dir_error(const struct config_dir *d, size_t i)
{
	return d->complaints.all[i].sentence;
}
