/* The resolv.conf of a namespace, which `ip netns exec` mounts over /etc/resolv.conf
 * (ip-netns(8)): /etc/netns/NAME/resolv.conf.
 *
 * A plain file of another program is kept beside ours, and put back when ours goes. All else
 * that another program put there stays, and is in the way: every symlink, whether it is the
 * file or its folder, a file of another ipvl, and a second file while one is kept. So nothing
 * is opened by its whole path. A symlink at /etc/netns itself is followed: the administrator
 * made it. */
#include "datapath/kernel/files/resolv.h"

#include "datapath/model.h"
#include "lib/alloc.h"
#include "lib/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "resolv.conf"
/* Written beside the file and renamed. A crash may leave it behind. */
#define NEW_NAME   FILE_NAME ".ipvl-new"
#define KEPT_NAME  FILE_NAME ".ipvl-kept"
#define FIRST_LINE MODEL_RESOLV_CONF_MARK "\n"
#define GROUP_LINE "# group "

static bool is_absence(int sys_errno)
{
	return sys_errno == ENOENT;
}

/* The folder of one namespace; -1 and errno, ENOENT if there is none. */
static int open_folder(const char *root, const char *netns)
{
	int root_fd CLEANUP(fd_closep) = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root_fd < 0)
		return -1;
	return openat(root_fd, netns, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The text of a small plain file, NUL-terminated; NULL and errno if it is none. */
static char *read_plain(int folder)
{
	int fd CLEANUP(fd_closep) =
		openat(folder, FILE_NAME,
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	return fd_read_text(fd);
}

static bool has_first_line(const char *text)
{
	return !strncmp(text, FIRST_LINE, strlen(FIRST_LINE));
}

/* The number in the second line; 0: an older ipvl, which wrote none. Moves 'rest' behind it. */
static uint32_t read_group(const char **rest)
{
	const char *line = *rest, *end = strchr(line, '\n');

	if (!end || strncmp(line, GROUP_LINE, strlen(GROUP_LINE)) != 0)
		return 0;
	*rest = end + 1;
	return (uint32_t)strtoul(line + strlen(GROUP_LINE), NULL, 10);
}

struct content {
	bool is_foreign;  /* what cannot be read, too */
	bool can_be_kept; /* foreign, and can make room for ours */
	uint32_t group;   /* 0: of an older ipvl, or there is no file */
	const char *text; /* "": none, or foreign */
};

static void read_marked(const struct resolv_files *files, struct arena *a,
			const char *text, struct content *out)
{
	const char *rest = text + strlen(FIRST_LINE);

	out->is_foreign = !has_first_line(text);
	if (out->is_foreign)
		return;
	out->group = read_group(&rest);
	out->is_foreign = out->group && out->group != files->mark;
	if (!out->is_foreign)
		out->text = arena_printf(a, FIRST_LINE "%s", rest);
}

static bool has_kept(int folder)
{
	struct stat st;

	return !fstatat(folder, KEPT_NAME, &st, AT_SYMLINK_NOFOLLOW);
}

static struct content read_content(const struct resolv_files *files, struct arena *a,
				   int folder)
{
	struct content content = {.text = ""};
	char *text CLEANUP(freep) = NULL;

	if (folder >= 0)
		text = read_plain(folder);
	if (text)
		read_marked(files, a, text, &content);
	else
		content.is_foreign = !is_absence(errno);
	content.can_be_kept = text && !has_first_line(text) && !has_kept(folder);
	return content;
}

const char *resolv_read(const struct resolv_files *files, struct arena *a,
			const char *netns, bool *ret_foreign)
{
	int folder CLEANUP(fd_closep) = open_folder(files->root, netns);
	struct content content = read_content(files, a, folder);

	*ret_foreign = content.is_foreign;
	return content.text;
}

const char *resolv_read_for_ours(const struct resolv_files *files, struct arena *a,
				 const char *netns, bool *ret_in_the_way)
{
	int folder CLEANUP(fd_closep) = open_folder(files->root, netns);
	struct content content = read_content(files, a, folder);

	*ret_in_the_way = content.is_foreign && !content.can_be_kept;
	return content.text;
}

static struct err *not_ours(const char *root, const char *netns)
{
	return err_hint(err_new(ERR_EXISTS,
				"%s/%s/" FILE_NAME " is there and ipvl did not write it",
				root, netns),
			"remove it, or leave out nameservers");
}

static struct err *make_folder(const char *root, const char *netns)
{
	int root_fd CLEANUP(fd_closep) = -1;

	if (mkdir(root, 0755) && errno != EEXIST)
		return err_sys(errno, "cannot make %s", root);
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return err_sys(errno, "cannot open %s", root);
	if (mkdirat(root_fd, netns, 0755) && errno != EEXIST)
		return err_sys(errno, "cannot make %s/%s", root, netns);
	return NULL;
}

static struct err *write_new(int folder, const char *text)
{
	int fd CLEANUP(fd_closep) = -1, failed;

	for (int try = 0; fd < 0 && try < 2; try++) {
		/* Left behind by a crash, or another file with this name. */
		(void)unlinkat(folder, NEW_NAME, 0);
		fd = openat(folder, NEW_NAME,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	}
	if (fd < 0)
		return err_sys(errno, "cannot make " NEW_NAME);
	failed = fd_write_text(fd, text);
	if (!failed && fsync(fd))
		failed = errno;
	return failed ? err_sys(failed, "cannot write " NEW_NAME) : NULL;
}

/* If nothing was there a moment ago, a file that appeared since is foreign. Not every
 * file system supports RENAME_NOREPLACE (rename(2): EINVAL). */
static int put_in_place(int folder, bool is_replaced)
{
	if (!is_replaced) {
		if (!fd_rename_new(folder, NEW_NAME, FILE_NAME))
			return 0;
		if (errno != EINVAL && errno != ENOSYS)
			return -1;
	}
	return renameat(folder, NEW_NAME, folder, FILE_NAME);
}

static struct err *write_whole(const char *root, const char *netns, int folder,
			       const char *text, bool is_replaced)
{
	struct err *e = write_new(folder, text);

	if (!e && put_in_place(folder, is_replaced))
		e = errno == EEXIST ? not_ours(root, netns)
				    : err_sys(errno, "cannot rename " NEW_NAME);
	if (!e)
		return NULL;
	(void)unlinkat(folder, NEW_NAME, 0);
	return err_wrap(e, "%s/%s", root, netns);
}

/* The folder stays if another file is in it. */
static void remove_folder(const char *root, const char *netns)
{
	int root_fd CLEANUP(fd_closep) = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root_fd >= 0)
		(void)unlinkat(root_fd, netns, AT_REMOVEDIR);
}

/* In one step, if there is one. */
static int put_back(int folder)
{
	return has_kept(folder) ? renameat(folder, KEPT_NAME, folder, FILE_NAME)
				: unlinkat(folder, FILE_NAME, 0);
}

static struct err *remove_file(const char *root, const char *netns, int folder)
{
	if (put_back(folder) && errno != ENOENT)
		return err_sys(errno, "cannot remove %s/%s/" FILE_NAME, root, netns);
	(void)unlinkat(folder, NEW_NAME, 0);
	remove_folder(root, netns);
	return NULL;
}

/* With the line of the mark below the first one; owned by the caller. */
static char *mark_text(const struct resolv_files *files, const char *text)
{
	return has_first_line(text) ? xasprintf(FIRST_LINE GROUP_LINE "%" PRIu32 "\n%s",
						files->mark, text + strlen(FIRST_LINE))
				    : xstrdup(text);
}

static struct err *write_marked(const struct resolv_files *files, const char *netns,
				int folder, const char *text, bool is_replaced)
{
	char *marked CLEANUP(freep) = mark_text(files, text);

	return write_whole(files->root, netns, folder, marked, is_replaced);
}

struct err *resolv_write(const struct resolv_files *files, const char *netns,
			 const char *text)
{
	struct err *e = *text ? make_folder(files->root, netns) : NULL;
	int folder CLEANUP(fd_closep) = e ? -1 : open_folder(files->root, netns);
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct content old;

	if (e)
		return e;
	if (folder < 0 && is_absence(errno) && !*text)
		return NULL;
	old = read_content(files, a, folder);
	if (folder < 0 || (old.is_foreign && (!old.can_be_kept || !*text)))
		return not_ours(files->root, netns);
	if (!*text)
		return remove_file(files->root, netns, folder);
	if (old.is_foreign && renameat(folder, FILE_NAME, folder, KEPT_NAME))
		return err_sys(errno, "cannot keep %s/%s/" FILE_NAME, files->root, netns);
	e = write_marked(files, netns, folder, text, *old.text);
	if (e && old.is_foreign)
		(void)renameat(folder, KEPT_NAME, folder, FILE_NAME);
	/* Without our mark it is the administrator's from now on. */
	if (!e && !has_first_line(text))
		(void)unlinkat(folder, KEPT_NAME, 0);
	return e;
}

const char *resolv_read_marked(const struct resolv_files *files, struct arena *a,
			       const char *netns)
{
	int folder CLEANUP(fd_closep) = open_folder(files->root, netns);
	struct content content = read_content(files, a, folder);

	return content.group == files->mark ? content.text : "";
}

const char **resolv_folders(const struct resolv_files *files, struct arena *a,
			    size_t *ret_n)
{
	DIR *dir = opendir(files->root);
	const struct dirent *entry;
	const char **names = NULL;
	size_t n = 0, cap = 0;

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		names = arena_grow(a, names, n, &cap, sizeof(*names));
		names[n++] = arena_strdup(a, entry->d_name);
	}
	if (dir)
		closedir(dir);
	*ret_n = n;
	return names;
}

/* A crash between two renames leaves another program's file under its second name. */
static void put_back_kept(int folder)
{
	struct stat st;

	if (has_kept(folder) && fstatat(folder, FILE_NAME, &st, AT_SYMLINK_NOFOLLOW) &&
	    errno == ENOENT)
		(void)renameat(folder, KEPT_NAME, folder, FILE_NAME);
}

/* A crash between write and rename leaves the new file, which prevents the removal of the
 * folder. */
void resolv_clean(const struct resolv_files *files)
{
	DIR *dir = opendir(files->root);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int folder CLEANUP(fd_closep) = -1;

		if (*entry->d_name == '.')
			continue;
		folder = open_folder(files->root, entry->d_name);
		if (folder >= 0 && !unlinkat(folder, NEW_NAME, 0))
			remove_folder(files->root, entry->d_name);
		if (folder >= 0)
			put_back_kept(folder);
	}
	if (dir)
		closedir(dir);
}
