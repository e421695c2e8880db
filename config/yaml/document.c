/* Reads a file, finds its lines, and makes a model of it that the rules have accepted. */
#include "config/yaml/document.h"

#include "config/yaml/declare.h"
#include "config/yaml/document_place.h"
#include "config/yaml/document_tree.h"

#include "config/valid/valid.h"
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The length of the line end at 's', as libyaml counts lines: also NEL, LS and PS
 * (YAML 1.1). */
static size_t line_end(const char *s)
{
	if (s[0] == '\r')
		return s[1] == '\n' ? 2 : 1;
	if (s[0] == '\n')
		return 1;
	if (!strncmp(s, "\xc2\x85", 2))
		return 2;
	return !strncmp(s, "\xe2\x80\xa8", 3) || !strncmp(s, "\xe2\x80\xa9", 3) ? 3 : 0;
}

static void find_lines(struct document *d)
{
	size_t capacity = 0, n;

	for (size_t start = 0, i = 0; i <= d->n_bytes; i += n ? n : 1) {
		n = i < d->n_bytes ? line_end(d->text + i) : 0;
		if (!n && i < d->n_bytes)
			continue;
		d->line_starts = arena_grow(d->arena, d->line_starts, d->n_lines,
					    &capacity, sizeof(*d->line_starts));
		d->line_starts[d->n_lines++] = start;
		start = i + n;
	}
}

static struct document *new_document(const char *file, const char *text, size_t n)
{
	struct arena *arena = arena_new();
	struct document *d = arena_alloc(arena, sizeof(*d));
	bool has_mark = n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3);
	char *copy;

	if (has_mark) {
		text += 3;
		n -= 3;
	}
	copy = arena_alloc(arena, n + 1);
	if (n)
		memcpy(copy, text, n);
	*d = (struct document){.arena = arena,
			       .file = arena_strdup(arena, file),
			       .text = copy,
			       .n_bytes = n};
	find_lines(d);
	return d;
}

void document_free(struct document *d)
{
	if (d)
		arena_free(d->arena);
}

struct complain_aux {
	const struct document *d;
	struct document_errors *errors;
};

static void complain(void *aux, const struct valid_complaint *c)
{
	struct complain_aux *to = aux;

	document_place_complain(to->d, c, to->d, to->errors);
}

struct document *document_parse(const char *file, const char *text, size_t n,
				struct document_errors *errors)
{
	size_t before = errors->n;
	struct document *d;

	if (n > DOCUMENT_MAX_BYTES) {
		d = new_document(file, "", 0);
		document_errors_add(errors, d, (struct place){0},
				    err_new(ERR_LIMIT, "the file has more than %zu bytes",
					    DOCUMENT_MAX_BYTES));
	} else {
		const struct node *root;

		d = new_document(file, text, n);
		root = document_tree(d, errors);
		if (root) {
			declare_model(d, root, errors);
			valid_check_model(&d->model, complain,
					  &(struct complain_aux){d, errors});
		}
	}
	if (errors->n == before)
		return d;
	document_errors_sort(errors, before);
	document_free(d);
	return NULL;
}

/* Does not wait for the writer of a FIFO, and reads no device without an end. */
static struct err *open_regular(const char *file, int *ret_fd)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_sys(errno, "cannot be read");
	if (!fstat(fd, &st) && S_ISREG(st.st_mode)) {
		*ret_fd = fd;
		return NULL;
	}
	close(fd);
	return err_hint(err_new(ERR_INVALID, "cannot be read: it is not a regular file"),
			"only files may be called *.yaml here");
}

/* The whole file, but at most one byte more than allowed. */
static struct err *read_all(int fd, struct buffer *text)
{
	int error = fd < 0 ? errno : fd_read(fd, DOCUMENT_MAX_BYTES + 1, text);

	return error ? err_sys(error, "cannot be read")
		     : NULL; /* below the file's name */
}

static struct document *refuse(const char *name, struct err *e,
			       struct document_errors *errors)
{
	struct document *d = new_document(name, "", 0);

	document_errors_add(errors, d, (struct place){0}, e);
	document_free(d);
	return NULL;
}

struct document *document_read(const char *file, struct document_errors *errors)
{
	bool is_stdin = !strcmp(file, "-");
	const char *name = is_stdin ? "stdin" : file;
	CLEANUP(fd_closep) int opened = is_stdin ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	CLEANUP(buffer_clearp) struct buffer text = {0};
	struct err *e = read_all(is_stdin ? STDIN_FILENO : opened, &text);

	return e ? refuse(name, e, errors)
		 : document_parse(name, text.data, text.n, errors);
}

struct document *document_read_regular(const char *file, struct document_errors *errors)
{
	CLEANUP(buffer_clearp) struct buffer text = {0};
	CLEANUP(fd_closep) int fd = -1;
	struct err *e = open_regular(file, &fd);

	if (!e)
		e = read_all(fd, &text);
	return e ? refuse(file, e, errors)
		 : document_parse(file, text.data, text.n, errors);
}

struct document *document_of_nothing(const char *file)
{
	return new_document(file, "", 0);
}

const struct model *document_model(const struct document *d)
{
	return &d->model;
}

const struct pool *document_pools(const struct document *d, size_t *ret_n)
{
	*ret_n = d->n_pools;
	return d->pools;
}

const struct pool *document_find_pool(const struct document *d, const char *name)
{
	for (size_t i = 0; i < d->n_pools; i++) {
		if (!strcmp(d->pools[i].name, name))
			return &d->pools[i];
	}
	return NULL;
}

const char *document_file(const struct document *d)
{
	return d->file;
}

const char *document_source(const struct document *d)
{
	return d->source ? d->source : d->file;
}

void document_set_source(struct document *d, const char *source)
{
	d->source = arena_strdup(d->arena, source);
}
