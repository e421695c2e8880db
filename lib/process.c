/* The command behind a process id, as /proc shows it at the moment of the question
 * (proc(5)). It is no proof: a process may change its own command line. */
#include "lib/process.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char ellipsis[] = "…";

/* Options may stand before a subcommand. */
#define READ_BYTES 2048
/* A longer word is not a subcommand. */
#define MAX_WORD 64

int64_t process_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Bytes read into 'text', followed by a NUL; 0 if there is nothing to read. */
static size_t read_proc(int64_t pid, const char *file, char text[READ_BYTES])
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRId64 "/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, READ_BYTES - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return (size_t)n;
}

/* The second field is a name in brackets, which may hold anything. */
bool process_start_ticks(int64_t pid, uint64_t *ret_ticks)
{
	char text[READ_BYTES], *field = NULL;

	if (read_proc(pid, "stat", text))
		field = strrchr(text, ')');
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	*ret_ticks = field ? strtoull(field, NULL, 10) : 0;
	return field;
}

static int64_t began_ms(int64_t pid)
{
	uint64_t ticks;

	return process_start_ticks(pid, &ticks)
		       ? (int64_t)(ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK))
		       : INT64_MAX;
}

/* Arguments end in NUL, the last one too. Returns the length of 'text' then. */
static size_t join_arguments(char *text, size_t n)
{
	while (n && !text[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	text[n] = '\0';
	return n;
}

static const char *without_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* The first argument that is no option, if that can be found without knowing the program:
 * "--name=value" is one; whether another option takes the next word depends on the
 * program. */
static const char *find_subcommand(const char *text, size_t n)
{
	const char *end = text + n, *word = text;

	do {
		word += strlen(word) + 1;
		if (word >= end)
			return "";
	} while (!strncmp(word, "--", 2) && strchr(word, '='));
	word = without_folder(word);
	if (*word == '-' || strlen(word) > MAX_WORD)
		return "";
	for (const char *c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
			return "";
	return word;
}

/* Returns the length of 'text' then. */
static size_t keep_subcommand(char text[READ_BYTES], size_t n)
{
	const char *word = find_subcommand(text, n);
	CLEANUP(freep)
	char *command = xasprintf("%s%s%s", without_folder(text), *word ? " " : "", word);

	n = strlen(command);
	memcpy(text, command, n + 1);
	return n;
}

/* As much as has room before the ellipsis; characters stay whole. */
static size_t shorten(char *text)
{
	size_t n = PROCESS_MAX_COMMAND - strlen(ellipsis);

	while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	memcpy(text + n, ellipsis, strlen(ellipsis));
	return n + strlen(ellipsis);
}

static size_t read_command(int64_t pid, enum process_detail detail, char text[READ_BYTES])
{
	size_t n;

	if (detail == PROCESS_NAME) {
		n = read_proc(pid, "comm", text);
		return n && text[n - 1] == '\n' ? n - 1 : n;
	}
	n = read_proc(pid, "cmdline", text);
	if (!n)
		return 0;
	return detail == PROCESS_SUBCOMMAND ? keep_subcommand(text, n)
					    : join_arguments(text, n);
}

char *process_command(int64_t pid, enum process_detail detail, int64_t before_ms)
{
	char text[READ_BYTES];
	size_t n;

	if (pid <= 0 || began_ms(pid) > before_ms)
		return NULL;
	n = read_command(pid, detail, text);
	if (!n)
		return NULL;
	if (n > PROCESS_MAX_COMMAND)
		n = shorten(text);
	text_make_plain(text, n);
	return xstrndup(text, n);
}

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

struct err *process_boot_id(char ret_id[PROCESS_BOOT_ID_BYTES])
{
	FILE *f = fopen(BOOT_ID_FILE, "re");
	char id[PROCESS_BOOT_ID_BYTES];
	bool is_read;

	if (!f)
		return err_sys(errno, "cannot read %s", BOOT_ID_FILE);
	is_read = fgets(id, sizeof(id), f) != NULL;
	fclose(f);
	if (!is_read)
		return err_new(ERR_SYSTEM, "%s is empty", BOOT_ID_FILE);
	memcpy(ret_id, id, sizeof(id));
	return NULL;
}
