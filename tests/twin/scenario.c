/* See scenario.h. */
#include "tests/twin/scenario.h"

#include "lib/alloc.h"
#include "tests/twin/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[SECTION_KINDS] = {
	[SECTION_DO] = "do",         [SECTION_APPLY] = "apply",
	[SECTION_START] = "start",   [SECTION_STOP] = "stop",
	[SECTION_ADOPT] = "adopt",   [SECTION_RELEASE] = "release",
	[SECTION_REST] = "rest",     [SECTION_REFUSED] = "refused",
	[SECTION_PLAN] = "plan",     [SECTION_DRIFT] = "drift",
	[SECTION_STATE] = "state",   [SECTION_KERNEL] = "kernel",
	[SECTION_EVENTS] = "events", [SECTION_REACH] = "reach",
};

bool section_is_expectation(enum section_kind kind)
{
	return kind >= SECTION_REFUSED;
}

const char *section_name(enum section_kind kind)
{
	return names[kind];
}

/* Reading. */

struct reader {
	struct arena *a;
	struct scenario *s;
	struct lines lines;
	size_t at;
	size_t cap;
};

static struct err *complain(const struct reader *r, struct err *e)
{
	return err_at(e, "%s:%zu", r->s->file, r->at + 1);
}

static const char *line_at(const struct reader *r)
{
	return r->at < r->lines.n ? r->lines.lines[r->at] : NULL;
}

/* The words of `-- WORDS --`; NULL if the line is none. */
static char *marker_of(const struct reader *r, const char *line)
{
	size_t n = strlen(line);
	char *words;

	if (n < 7 || strncmp(line, "-- ", 3) != 0 || strcmp(line + n - 3, " --") != 0)
		return NULL;
	words = arena_strdup(r->a, line + 3);
	words[n - 6] = '\0';
	return words;
}

/* Lines up to the next marker. */
static const char *take_raw(struct reader *r)
{
	struct lines part = {.lines = r->lines.lines + r->at};

	while (line_at(r) && !marker_of(r, line_at(r))) {
		part.n++;
		r->at++;
	}
	return lines_text(r->a, &part);
}

/* Without lines that are comments. An empty line ends an expectation: what follows is
 * prose. */
static const char *text_of(struct reader *r, const char *raw)
{
	struct lines all = lines_of(r->a, raw), kept = {0};

	kept.lines = arena_array(r->a, all.n + 1, sizeof(*kept.lines));
	for (size_t i = 0; i < all.n; i++) {
		if (*all.lines[i] && *all.lines[i] != '#')
			kept.lines[kept.n++] = all.lines[i];
	}
	return lines_text(r->a, &kept);
}

static struct err *read_section(struct reader *r)
{
	char *words = marker_of(r, line_at(r)), *argument = strchr(words, ' ');
	struct section section = {.argument = "test"};

	if (argument) {
		*argument = '\0';
		section.argument = argument + 1;
	}
	while (section.kind < SECTION_KINDS && strcmp(words, names[section.kind]) != 0)
		section.kind++;
	if (section.kind == SECTION_KINDS)
		return complain(
			r,
			err_hint(
				err_new(ERR_INVALID, "\"%s\" is not a section", words),
				"sections: do, apply, adopt, release, start, stop, rest, "
				"refused, plan, drift, state, kernel, reach, events"));
	if (section.kind == SECTION_DO && argument &&
	    sscanf(section.argument, "%u times", &section.times) != 1)
		return complain(r, err_new(ERR_INVALID, "expected `do` or `do N times`"));
	if (argument && section.kind != SECTION_APPLY && section.kind != SECTION_DO)
		return complain(r, err_new(ERR_INVALID, "%s takes no argument", words));
	r->at++;
	section.line = r->at + 1;
	section.raw = take_raw(r);
	section.text =
		section.kind == SECTION_APPLY ? section.raw : text_of(r, section.raw);
	r->s->sections = arena_grow(r->a, r->s->sections, r->s->n_sections, &r->cap,
				    sizeof(section));
	r->s->sections[r->s->n_sections++] = section;
	return NULL;
}

/* Everything but the lines that are read here is prose. */
static void read_head(struct reader *r)
{
	struct scenario *s = r->s;
	struct lines lines;

	s->head = take_raw(r);
	lines = lines_of(r->a, s->head);
	s->title = lines.n ? lines.lines[0] : "";
	for (size_t i = 1; i < lines.n; i++) {
		const char *line = lines.lines[i];

		(void)!sscanf(line, "Linux >= %u.%u", &s->min_major, &s->min_minor);
		(void)!sscanf(line, "Linux < %u.%u", &s->max_major, &s->max_minor);
		s->only_on_sim |= !strcmp(line, "only on sim");
		s->only_on_kernel |= !strcmp(line, "only on the kernel");
		s->is_not_foretold |= !strncmp(line, "not foretold: ", 14);
		s->has_no_accidents |= !strncmp(line, "accidents: none", 15);
	}
}

static struct err *read_file(struct arena *a, const char *file, char **ret_text)
{
	FILE *f = fopen(file, "re");
	CLEANUP(freep) char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f)
		return err_sys(errno, "cannot read %s", file);
	n = getdelim(&text, &size, '\0', f);
	fclose(f);
	*ret_text = arena_strdup(a, n > 0 ? text : "");
	return NULL;
}

static struct err *check(const struct reader *r)
{
	const struct scenario *s = r->s;
	bool is_first = true;

	if (!*s->title)
		return complain(r, err_new(ERR_INVALID, "a scenario begins with a "
							"sentence"));
	for (size_t i = 0; i < s->n_sections; i++) {
		const struct section *section = &s->sections[i];

		if (is_first && section_is_expectation(section->kind) &&
		    section->kind != SECTION_KERNEL && section->kind != SECTION_REACH)
			return err_at(err_new(ERR_INVALID,
					      "nothing has happened before this section"),
				      "%s:%zu", s->file, section->line - 1);
		is_first = false;
	}
	if (!s->n_sections)
		return complain(r, err_new(ERR_INVALID, "there is no section"));
	return NULL;
}

struct err *scenario_read(struct arena *a, const char *file,
			  struct scenario *ret_scenario)
{
	struct scenario s = {.file = arena_strdup(a, file)};
	struct reader r = {.a = a, .s = &s};
	char *text;
	struct err *e = read_file(a, file, &text);

	if (e)
		return e;
	r.lines = lines_of(a, text);
	read_head(&r);
	while (!e && line_at(&r))
		e = read_section(&r);
	if (!e)
		e = check(&r);
	if (!e)
		*ret_scenario = s;
	return e;
}

/* Writing. */

static bool is_comment_or_empty(const char *line)
{
	return !*line || *line == '#';
}

/* Comments at the end belong to the section that follows; others come first. */
static void write_text(FILE *f, const struct section *section, const char *text,
		       bool is_last)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct lines old = lines_of(a, section->raw);
	size_t end = old.n;

	while (end && is_comment_or_empty(old.lines[end - 1]))
		end--;
	for (size_t i = 0; i < end; i++) {
		if (*old.lines[i] == '#')
			fprintf(f, "%s\n", old.lines[i]);
	}
	fputs(text, f);
	if (!is_last)
		fputs("\n", f);
	for (size_t i = end; i < old.n; i++) {
		if (*old.lines[i] == '#')
			fprintf(f, "%s\n", old.lines[i]);
	}
}

void scenario_print(const struct scenario *s, const char *const *texts, FILE *f)
{
	fputs(s->head, f);
	for (size_t i = 0; i < s->n_sections; i++) {
		const struct section *section = &s->sections[i];
		bool has_argument = strcmp(section->argument, "test") != 0;

		fprintf(f, "-- %s%s%s --\n", names[section->kind],
			has_argument ? " " : "", has_argument ? section->argument : "");
		if (!texts[i]) {
			fputs(section->raw, f);
			continue;
		}
		write_text(f, section, texts[i], i + 1 == s->n_sections);
	}
}

struct err *scenario_write(const struct scenario *s, const char *const *texts)
{
	CLEANUP(freep) char *new_file = xasprintf("%s.new", s->file);
	FILE *f = fopen(new_file, "we");

	if (!f)
		return err_sys(errno, "cannot write %s", new_file);
	scenario_print(s, texts, f);
	if (fclose(f) || rename(new_file, s->file))
		return err_sys(errno, "cannot write %s", s->file);
	return NULL;
}
