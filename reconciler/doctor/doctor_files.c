/* Reads files that may be missing or unreadable, which is no error for `doctor`. */
#include "reconciler/doctor/doctor_files.h"

#include "lib/alloc.h"
#include "lib/fd.h"
#include "lib/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *join(struct arena *a, const char *root, const char *path)
{
	return *root ? arena_printf(a, "%s%s", root, path) : path;
}

const char *doctor_files_read(struct arena *a, const char *root, const char *path)
{
	/* A FIFO must not block the daemon. */
	CLEANUP(fd_closep)
	int fd = open(join(a, root, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	CLEANUP(freep) char *text = fd < 0 ? NULL : fd_read_text(fd);

	return text ? arena_strdup(a, text) : "";
}

/* Without comments; each line ends in a newline. */
static const char *without_comments(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text), *rest = copy, *line;
	char *kept = arena_alloc(a, strlen(text) + 2), *end = kept;

	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (*line && *line != '#' && *line != ';')
			end = stpcpy(stpcpy(end, line), rest ? "\n" : "");
	}
	return kept;
}

static bool ends_so(const char *name, const char *suffix)
{
	size_t n = strlen(name), its = strlen(suffix);

	return n >= its && !strcmp(name + n - its, suffix);
}

const char *doctor_files_read_folder(struct arena *a, const char *root,
				     const char *folder, const char *suffix,
				     const char *only)
{
	DIR *dir = opendir(join(a, root, folder));
	const char *all = "";
	struct dirent *entry;

	if (!dir)
		return "";
	while ((entry = readdir(dir))) {
		const char *text;

		if (!ends_so(entry->d_name, suffix))
			continue;
		text = without_comments(a,
					doctor_files_read(a, root,
							  arena_printf(a, "%s/%s", folder,
								       entry->d_name)));
		if (!only || strstr(text, only))
			all = arena_printf(a, "%s%s\n", all, text);
	}
	closedir(dir);
	return all;
}

int64_t doctor_files_number(struct arena *a, const char *root, const char *path)
{
	const char *text = doctor_files_read(a, root, path);
	const char *line = arena_printf(a, "%.*s", (int)strcspn(text, "\n"), text);
	int64_t number;

	return text_to_int(line, &number) ? number : -1;
}

const char *doctor_files_link(struct arena *a, const char *root, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(join(a, root, path), target, sizeof(target) - 1);

	if (n < 0)
		return "";
	target[n] = '\0';
	return arena_strdup(a, target);
}

bool doctor_files_exists(struct arena *a, const char *root, const char *path)
{
	return !access(join(a, root, path), F_OK);
}

bool doctor_files_has(struct arena *a, const char *root, const char *path,
		      const char *word)
{
	FILE *f = fopen(join(a, root, path), "re");
	CLEANUP(freep) char *line = NULL;
	size_t size = 0;
	bool has = false;

	while (f && !has && getline(&line, &size, f) > 0)
		has = strstr(line, word);
	if (f)
		fclose(f);
	return has;
}

/* 'comm' is a line; the kernel keeps 15 bytes of a name (Linux TASK_COMM_LEN). */
static bool is_name(const char *comm, const char *name)
{
	size_t n = strnlen(name, 15);

	return !strncmp(comm, name, n) && comm[n] == '\n';
}

void doctor_files_find_processes(struct arena *a, const char *root,
				 const char *const *names, bool *are_there, size_t n)
{
	DIR *dir = opendir(join(a, root, "/proc"));
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		CLEANUP(arena_freep) struct arena *one = NULL;
		const char *name;
		uint64_t pid;

		if (!text_to_uint(entry->d_name, 1, INT32_MAX, &pid))
			continue;
		one = arena_new();
		name = doctor_files_read(
			one, root, arena_printf(one, "/proc/%s/comm", entry->d_name));
		for (size_t i = 0; i < n; i++)
			are_there[i] = are_there[i] || is_name(name, names[i]);
	}
	if (dir)
		closedir(dir);
}
