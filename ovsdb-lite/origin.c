/* The command behind a process id, for the history. The process may have ended, or be
 * another one by now: it is what /proc says at the moment of the question (proc(5),
 * /proc/PID/cmdline). Beside it: session.c, which asks once for each client. */
#include "ovsdb-lite/origin.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char ellipsis[] = "…";

/* Arguments end in NUL, the last one too. Returns the length of 'text' then. */
static size_t join_arguments(char *text, size_t n)
{
	while (n && !text[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	return n;
}

/* As much as has room before the ellipsis; characters stay whole. */
static size_t shorten(char *text)
{
	size_t n = ORIGIN_MAX_COMMAND - strlen(ellipsis);

	while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	memcpy(text + n, ellipsis, strlen(ellipsis));
	return n + strlen(ellipsis);
}

char *origin_command(int64_t pid)
{
	char path[64], text[ORIGIN_MAX_COMMAND + 8];
	ssize_t n_read;
	size_t n;
	int fd;

	if (pid <= 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%" PRId64 "/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	n_read = read(fd, text, sizeof(text));
	close(fd);
	if (n_read <= 0)
		return NULL;
	n = join_arguments(text, (size_t)n_read);
	if (n > ORIGIN_MAX_COMMAND)
		n = shorten(text);
	text_make_plain(text, n);
	return xstrndup(text, n);
}
