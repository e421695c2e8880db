/* Draws pictures by ECMA-48 sequences, without curses: the cursor goes home, each line is
 * erased behind its text, and then what is below. */
#include "ctl/output/screen.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "ctl/output/layout.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_ROWS    24
#define DEFAULT_COLUMNS 80
#define MIN_COLUMNS     20

/* A line of a picture, and how often it has it. */
struct known {
	char *line;
	size_t n;
	UT_hash_handle hh;
};

struct screen {
	FILE *out;
	bool colour;
	char *title;  /* NULL: the time of the last change */
	char *text;   /* of the last picture; NULL before the first */
	char *before; /* the picture before the last change; NULL before the second */
	time_t changed_at;
	size_t columns; /* of the last picture */
};

struct screen *screen_open(FILE *out, bool colour)
{
	struct screen *s = xcalloc(1, sizeof(*s));

	s->out = out;
	s->colour = colour;
	fputs("\033[?1049h\033[?25l", out);
	return s;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	fputs("\033[?25h\033[?1049l", s->out);
	if (s->text)
		fputs(s->text, s->out);
	fflush(s->out);
	free(s->title);
	free(s->text);
	free(s->before);
	free(s);
}

bool screen_is_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static struct winsize size_of(const struct screen *s)
{
	struct winsize size;

	if (ioctl(fileno(s->out), TIOCGWINSZ, &size))
		size = (struct winsize){0};
	if (!size.ws_row)
		size.ws_row = DEFAULT_ROWS;
	if (!size.ws_col)
		size.ws_col = DEFAULT_COLUMNS;
	return size;
}

size_t screen_width(const struct screen *s)
{
	size_t columns = size_of(s).ws_col;

	return (columns > MIN_COLUMNS ? columns : MIN_COLUMNS) - SCREEN_MARGIN;
}

/* --- which lines are new --- */

/* The line with one blank in place of several: a longer word beside it moves the columns of
 * all lines, and changes one. */
static char *squeezed(const char *line, size_t n)
{
	char *copy = xstrndup(line, n), *to = copy;

	for (const char *p = copy; *p; p++) {
		if (*p != ' ' || to == copy || to[-1] != ' ')
			*to++ = *p;
	}
	*to = '\0';
	return copy;
}

static struct known *count_lines(const char *text)
{
	struct known *all = NULL;

	for (const char *p = text; p && *p;) {
		size_t n = strcspn(p, "\n");
		char *line = squeezed(p, n);
		struct known *k;

		HASH_FIND_STR(all, line, k);
		if (!k) {
			k = xcalloc(1, sizeof(*k));
			k->line = STEAL(line);
			HASH_ADD_KEYPTR(hh, all, k->line, strlen(k->line), k);
		}
		free(line);
		k->n++;
		p += n + (p[n] == '\n');
	}
	return all;
}

static void forget_lines(struct known *all)
{
	struct known *k, *next;

	HASH_ITER (hh, all, k, next) {
		HASH_DEL(all, k);
		free(k->line);
		free(k);
	}
}

/* Takes one of the equal lines. */
static bool was_there(struct known *all, const char *line, size_t n)
{
	CLEANUP(freep) char *key = squeezed(line, n);
	struct known *k;

	HASH_FIND_STR(all, key, k);
	if (!k || !k->n)
		return false;
	k->n--;
	return true;
}

/* --- the picture --- */

static void end_line(const struct screen *s)
{
	fputs("\033[K\n", s->out);
}

static void draw_title(const struct screen *s)
{
	char text[64];
	struct tm when;

	if (s->title) {
		layout_styled(s->out, s->colour, STYLE_WARNING, s->title);
	} else {
		localtime_r(&s->changed_at, &when);
		strftime(text, sizeof(text), "as of %H:%M:%S; Ctrl-C ends", &when);
		layout_styled(s->out, s->colour, STYLE_FAINT, text);
	}
	end_line(s);
}

static size_t count(const char *text)
{
	size_t n = 0;

	for (const char *p = text; *p; p++)
		n += *p == '\n';
	return n;
}

static void draw(const struct screen *s)
{
	struct known *known = count_lines(s->before);
	/* The title, and a last line that stays empty behind the cursor. */
	size_t room = size_of(s).ws_row > 4 ? size_of(s).ws_row - 2u : 2;
	size_t n = count(s->text), left = n > room ? n - room + 1 : 0, i = 0;

	fputs("\033[H", s->out);
	draw_title(s);
	for (const char *p = s->text; *p && i < n - left; i++) {
		size_t bytes = strcspn(p, "\n");
		bool is_new = s->before && !was_there(known, p, bytes);

		layout_styled(s->out, s->colour, STYLE_WARNING, is_new ? "* " : "  ");
		fwrite(p, 1, bytes, s->out);
		end_line(s);
		p += bytes + (p[bytes] == '\n');
	}
	if (left) {
		fprintf(s->out, "  … %zu more lines", left);
		end_line(s);
	}
	fputs("\033[J", s->out);
	fflush(s->out);
	forget_lines(known);
}

void screen_draw(struct screen *s, const char *text, bool is_changed)
{
	/* In another width every line differs. */
	if (screen_width(s) != s->columns) {
		free(STEAL(s->before));
		free(STEAL(s->text));
		s->columns = screen_width(s);
	}
	if (is_changed && s->text && strcmp(s->text, text) != 0) {
		free(s->before);
		s->before = STEAL(s->text);
	}
	if (is_changed)
		s->changed_at = time(NULL);
	free(STEAL(s->title));
	free(s->text);
	s->text = xstrdup(text);
	draw(s);
}

void screen_title(struct screen *s, const char *text)
{
	free(s->title);
	s->title = xstrdup(text);
	if (s->text)
		draw(s);
}
