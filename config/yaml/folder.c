/* The *.yaml files of a folder, and the files that are gone. */
#include "config/yaml/folder.h"
#include "config/yaml/declare_rows.h"
#include "config/yaml/declare_rows_pool.h"

#include "lib/alloc.h"
#include "ovsdb-lite/rows/txn.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static int is_yaml(const struct dirent *entry)
{
	return !fnmatch("*.yaml", entry->d_name, FNM_PERIOD);
}

static bool is_there(const struct folder *f, const char *source)
{
	for (size_t i = 0; i < f->n_files; i++) {
		if (!strcmp(f->files[i].path, source))
			return true;
	}
	return false;
}

/* Takes 'path'. */
static struct folder_file *add_file(struct folder *f, char *path)
{
	f->files = xrealloc_array(f->files, f->n_files + 1, sizeof(*f->files));
	f->files[f->n_files] = (struct folder_file){.path = path};
	return &f->files[f->n_files++];
}

/* Takes 'dir'. */
static void add_path(struct folder *f, char *dir)
{
	f->paths = xrealloc_array(f->paths, f->n_paths + 1, sizeof(*f->paths));
	f->paths[f->n_paths++] = dir;
}

struct err *folder_list(const char *dir, struct folder *ret_folder)
{
	struct folder f = {0};
	struct err *e = folder_add(&f, dir);

	if (!e)
		*ret_folder = f;
	return e;
}

struct err *folder_add(struct folder *f, const char *dir)
{
	CLEANUP(freep) char *real_dir = realpath(dir, NULL);
	struct dirent **names;
	int n;

	if (!real_dir && errno != ENOENT)
		return err_sys(errno, "cannot read the folder %s", dir);
	if (!real_dir) {
		add_path(f, xstrdup(dir));
		return NULL;
	}
	n = scandir(real_dir, &names, is_yaml, alphasort);
	if (n < 0)
		return err_sys(errno, "cannot read the folder %s", real_dir);
	for (int i = 0; i < n; i++) {
		CLEANUP(freep)
		char *path = xasprintf("%s/%s", real_dir, names[i]->d_name);
		char *real = realpath(path, NULL);

		free(names[i]);
		if (!real)
			real = STEAL(path);
		if (is_there(f, real))
			free(real);
		else
			add_file(f, real);
	}
	free(names);
	add_path(f, STEAL(real_dir));
	return NULL;
}

void folder_add_document(struct folder *f, const char *source, struct document *d)
{
	struct folder_file *file;

	if (is_there(f, source))
		return;
	file = add_file(f, xstrdup(source));
	document_set_source(d, source);
	file->document = d;
	file->is_borrowed = true;
}

void folder_read(struct folder *f, struct document_errors *errors)
{
	for (size_t i = 0; i < f->n_files; i++) {
		struct folder_file *file = &f->files[i];

		if (!file->document)
			file->document = document_read_regular(file->path, errors);
	}
}

void folder_leave_out(struct folder *f, const char *path)
{
	size_t i = 0;

	while (i < f->n_files && strcmp(f->files[i].path, path) != 0)
		i++;
	if (i == f->n_files)
		add_file(f, xstrdup(path));
	document_free(STEAL(f->files[i].document));
}

void folder_clear(struct folder *f)
{
	for (size_t i = 0; i < f->n_files; i++) {
		if (!f->files[i].is_borrowed)
			document_free(f->files[i].document);
		free(f->files[i].path);
	}
	for (size_t i = 0; i < f->n_paths; i++)
		free(f->paths[i]);
	free(f->files);
	free(f->paths);
	*f = (struct folder){0};
}

bool folder_holds(const struct folder *f, const char *source)
{
	bool is_in = is_there(f, source);

	for (size_t i = 0; i < f->n_paths && !is_in; i++) {
		size_t n = strlen(f->paths[i]);

		is_in = !strncmp(source, f->paths[i], n) && source[n] == '/' &&
			!strchr(source + n + 1, '/');
	}
	return is_in;
}

typedef bool choose_fn(const struct folder *f, const char *source);

static bool is_gone(const struct folder *f, const char *source)
{
	return folder_holds(f, source) && !is_there(f, source);
}

static bool is_other(const struct folder *f, const char *source)
{
	return !folder_holds(f, source);
}

/* Names are copied, since rows change meanwhile. */
static void collect_sources(const struct folder *f, choose_fn *choose,
			    const struct txn *t, const struct table *table,
			    const struct column_schema *sources, struct datum *chosen)
{
	TXN_FOR_EACH_ROW (r, t, table) {
		const struct datum *s = txn_get(t, r, sources);

		for (uint32_t i = 0; i < s->n; i++) {
			const union atom *source = &datum_keys(s)[i];
			struct datum one;

			if (datum_find(chosen, source, ATOM_STRING) >= 0 ||
			    !choose(f, source->string))
				continue;
			datum_init_empty(&one);
			datum_append(&one, atom_copy(source, ATOM_STRING), NULL);
			datum_union(chosen, &one, &sources->type);
			datum_clear(&one, &sources->type);
		}
	}
}

static void list_sources(const struct folder *f, choose_fn *choose,
			 const struct ipvl_columns *c, const struct txn *t,
			 struct datum *ret_chosen)
{
	datum_init_empty(ret_chosen);
	collect_sources(f, choose, t, c->master.table, c->master.sources, ret_chosen);
	collect_sources(f, choose, t, c->slave.table, c->slave.sources, ret_chosen);
	collect_sources(f, choose, t, c->pool.table, c->pool.sources, ret_chosen);
}

void folder_list_others(const struct folder *f, const struct ipvl_columns *c,
			const struct txn *t, struct datum *ret_sources)
{
	list_sources(f, is_other, c, t, ret_sources);
}

static void apply_gone(const struct ipvl_columns *c, struct txn *t,
		       const struct datum *gone)
{
	for (uint32_t i = 0; i < gone->n; i++)
		declare_rows_forget(c, t, rows_ensure_host(c, t, NULL),
				    datum_keys(gone)[i].string, NULL);
}

void folder_apply_gone(const struct folder *f, const struct ipvl_columns *c,
		       struct txn *t)
{
	struct datum gone;

	list_sources(f, is_gone, c, t, &gone);
	apply_gone(c, t, &gone);
	datum_clear(&gone, &c->master.sources->type);
}

typedef bool declare_fn(const struct ipvl_columns *c, struct txn *txn, struct row *host,
			const char *source, const struct document *d,
			const struct document *const *others, size_t n_others,
			struct document_errors *errors);

static bool apply_file(const struct folder *f, size_t i, declare_fn *declare,
		       const struct ipvl_columns *c, struct txn *t,
		       const struct document *const *others, size_t n_others,
		       struct document_errors *errors)
{
	const struct folder_file *file = &f->files[i];
	const struct document **all =
		xcalloc(f->n_files + n_others, sizeof(const struct document *));
	size_t n = 0;
	bool ok;

	for (size_t k = 0; k < f->n_files; k++) {
		if (k != i && f->files[k].document)
			all[n++] = f->files[k].document;
	}
	for (size_t k = 0; k < n_others; k++)
		all[n++] = others[k];
	ok = declare(c, t, rows_ensure_host(c, t, NULL), file->path, file->document, all,
		     n, errors);
	free(all);
	return ok;
}

static bool declare_pools_of(const struct ipvl_columns *c, struct txn *txn,
			     struct row *host, const char *source,
			     const struct document *d,
			     const struct document *const *others, size_t n_others,
			     struct document_errors *errors)
{
	return declare_rows_add_pools(c, txn, host, source, d, others, n_others, errors);
}

/* A declaration of a file that is gone may be in another file now, with changes. So
 * the files are applied first: the row stays, and no file that is gone contradicts it. */
bool folder_apply(const struct folder *f, const struct ipvl_columns *c, struct txn *t,
		  const struct document *const *others, size_t n_others,
		  struct document_errors *errors)
{
	const struct document **all;
	struct document **empty;
	struct datum gone;
	bool ok = true;

	list_sources(f, is_gone, c, t, &gone);
	all = xcalloc(n_others + gone.n, sizeof(const struct document *));
	empty = xcalloc(gone.n, sizeof(struct document *));
	for (size_t i = 0; i < n_others; i++)
		all[i] = others[i];
	for (uint32_t i = 0; i < gone.n; i++)
		all[n_others + i] = empty[i] =
			document_of_nothing(datum_keys(&gone)[i].string);
	/* A slave may name a pool of another file. */
	for (size_t i = 0; i < f->n_files && ok; i++) {
		if (f->files[i].document)
			ok = apply_file(f, i, declare_pools_of, c, t, all,
					n_others + gone.n, errors);
	}
	for (size_t i = 0; i < f->n_files && ok; i++) {
		if (f->files[i].document)
			ok = apply_file(f, i, declare_rows_add, c, t, all,
					n_others + gone.n, errors);
	}
	for (size_t i = 0; i < f->n_files && ok; i++) {
		if (f->files[i].document)
			declare_rows_forget(c, t, rows_ensure_host(c, t, NULL),
					    f->files[i].path, f->files[i].document);
	}
	if (ok)
		apply_gone(c, t, &gone);
	for (uint32_t i = 0; i < gone.n; i++)
		document_free(empty[i]);
	free(empty);
	free(all);
	datum_clear(&gone, &c->master.sources->type);
	return ok;
}

bool folder_apply_file(const struct folder *f, size_t i, const struct ipvl_columns *c,
		       struct txn *t, const struct document *const *others,
		       size_t n_others, struct document_errors *errors)
{
	return apply_file(f, i, declare_rows, c, t, others, n_others, errors);
}
