/* See dump_view.h. */
#include "tests/twin/dump_view.h"

#include "tests/twin/lines.h"

#include <stdbool.h>
#include <string.h>

static void add(struct arena *a, struct lines *l, const char *line)
{
	l->lines = arena_grow(a, l->lines, l->n, &l->cap, sizeof(*l->lines));
	l->lines[l->n++] = arena_strdup(a, line);
}

static bool begins_with_word(const char *line, const char *word, size_t n)
{
	return !strncmp(line, word, n) && (!line[n] || line[n] == ' ');
}

static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += n) {
		if (begins_with_word(at, word, n) && at > line && at[-1] == ' ')
			return true;
	}
	return false;
}

/* A line of a namespace that belongs to no device. */
static bool is_of_netns(const char *line)
{
	return begins_with_word(line, "resolv.conf", 11) ||
	       begins_with_word(line, "filter", 6) ||
	       begins_with_word(line, "route", 5) || begins_with_word(line, "rule", 4);
}

const char *dump_view_flat(struct arena *a, const char *dump)
{
	struct lines in = lines_of(a, dump), devices = {0}, rest = {0};
	const char *netns = "";
	bool is_rest = false, is_own_headed = false;

	for (size_t i = 0; i < in.n; i++) {
		const char *line = in.lines[i];

		if (*line != ' ') {
			netns = arena_strdup(a, line);
			*strchr(netns, ':') = '\0';
			if (strcmp(netns, ".") != 0)
				add(a, &rest, line);
			else
				netns = "";
			is_rest = true;
		} else if (!strncmp(line, "    ", 4)) {
			add(a, is_rest ? &rest : &devices, line + 2);
		} else if (is_of_netns(line + 2)) {
			if (!*netns && !is_own_headed)
				add(a, &rest, ".:");
			is_own_headed |= !*netns;
			is_rest = true;
			add(a, &rest, line);
		} else {
			is_rest = false;
			add(a, &devices,
			    *netns ? arena_printf(a, "%s/%s", netns, line + 2)
				   : line + 2);
		}
	}
	for (size_t i = 0; i < rest.n; i++)
		add(a, &devices, rest.lines[i]);
	return lines_text(a, &devices);
}

/* The line that begins with the word, and the indented ones below it. */
static void add_part(struct arena *a, struct lines *out, const struct lines *flat,
		     const char *word, size_t n)
{
	size_t i = 0;

	while (i < flat->n && !begins_with_word(flat->lines[i], word, n))
		i++;
	if (i == flat->n) {
		add(a, out, arena_printf(a, "%.*s absent", (int)n, word));
		return;
	}
	do
		add(a, out, flat->lines[i++]);
	while (i < flat->n && *flat->lines[i] == ' ');
}

const char *dump_view_of(struct arena *a, const char *flat, const char *names)
{
	struct lines wanted = lines_of(a, names), all = lines_of(a, flat), out = {0};

	if (!wanted.n)
		return flat;
	for (size_t i = 0; i < wanted.n; i++) {
		if (*wanted.lines[i] != ' ')
			add_part(a, &out, &all, wanted.lines[i],
				 strcspn(wanted.lines[i], " "));
	}
	return lines_text(a, &out);
}

const char *dump_view_foreign(struct arena *a, const char *flat)
{
	struct lines all = lines_of(a, flat), out = {0};
	const char *netns = NULL;
	bool is_foreign = false;

	for (size_t i = 0; i < all.n; i++) {
		char *line = all.lines[i];
		size_t name = strcspn(line, " ");

		if (*line != ' ') {
			netns = name && line[name - 1] == ':' ? line : NULL;
			is_foreign = line[name] && line[name - 1] != ':' &&
				     !has_word(line, "ours");
			if (is_foreign)
				add(a, &out,
				    arena_printf(a, "%.*s",
						 (int)(name + 1 +
						       strcspn(line + name + 1, " ")),
						 line));
		} else if (is_foreign && !has_word(line, "proto 76")) {
			add(a, &out, line);
		} else if (netns &&
			   (begins_with_word(line + 2, "route", 5) ||
			    begins_with_word(line + 2, "rule", 4)) &&
			   !has_word(line, "proto 76")) {
			add(a, &out, arena_printf(a, "%s%s", netns, line + 1));
		}
	}
	return lines_text(a, &out);
}

const char *dump_view_our_shared(struct arena *a, const char *flat)
{
	struct lines all = lines_of(a, flat), out = {0};
	const char *netns = NULL;

	for (size_t i = 0; i < all.n; i++) {
		const char *line = all.lines[i];
		size_t name = strcspn(line, " ");

		if (*line != ' ')
			netns = name && line[name - 1] == ':' ? line : NULL;
		else if (netns && has_word(line, "proto 76"))
			add(a, &out, arena_printf(a, "%s%s", netns, line + 1));
	}
	return lines_text(a, &out);
}
