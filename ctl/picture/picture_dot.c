/* Writes a picture in the language of dot(1). Unlike in SVG, a namespace with several
 * masters is one cluster: dot decides where it is drawn. */
#include "ctl/picture/picture_dot.h"

#include "lib/alloc.h"

#include <stdbool.h>
#include <string.h>

/* A node of a slave, and its frame: clusters are written after all masters. */
struct member {
	const struct picture_frame *frame;
	bool is_written;
};

/* A quoted string: '"' and '\' are escaped, control characters are not printed. */
static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fputc('\\', out);
		if (c == '\n')
			fputs("\\n", out);
		else
			fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

static void print_id(FILE *out, const char *kind, const char *label)
{
	fprintf(out, "\"%s ", kind);
	print_escaped(out, label);
	fputc('"', out);
}

/* Colours that can be read on white and on black. */
static const char *colour_of(enum style style)
{
	return style == STYLE_GOOD      ? "#2e8b57"
	       : style == STYLE_BAD     ? "#d1242f"
	       : style == STYLE_WARNING ? "#bf8700"
					: "#6e7781";
}

/* A line of a label; "\l" ends it and aligns it left. */
static void print_line(FILE *out, const char *text)
{
	if (!*text)
		return;
	print_escaped(out, text);
	fputs("\\l", out);
}

static void print_master(FILE *out, const struct picture_master *m)
{
	fputs("  ", out);
	print_id(out, "master", m->label);
	fputs(" [label=\"", out);
	print_line(out, m->label);
	for (size_t i = 0; i < ARRAY_SIZE(m->facts); i++)
		print_line(out, m->facts[i]);
	print_line(out, m->count);
	for (size_t i = 0; i < m->n_lines; i++)
		print_line(out, m->lines[i].text);
	fprintf(out, "\", style=bold, color=\"%s\"];\n", colour_of(m->style));
}

static void print_slave(FILE *out, const struct picture_slave *s)
{
	fputs("    ", out);
	print_id(out, "slave", s->label);
	fputs(" [label=\"", out);
	print_line(out, s->name);
	print_line(out, s->state);
	for (size_t i = 0; i < s->n_lines; i++)
		print_line(out, s->lines[i].text);
	fprintf(out, "\", color=\"%s\"];\n", colour_of(s->style));
}

static void print_cluster(FILE *out, struct member *members, size_t n, size_t first)
{
	const struct picture_frame *frame = members[first].frame;

	fputs("  subgraph ", out);
	print_id(out, "cluster", frame->netns);
	fputs(" {\n    label=\"", out);
	print_escaped(out, frame->title);
	fputs("\";\n", out);
	for (size_t i = first; i < n; i++) {
		if (members[i].is_written ||
		    strcmp(members[i].frame->netns, frame->netns))
			continue;
		members[i].is_written = true;
		for (size_t k = 0; k < members[i].frame->n_slaves; k++)
			print_slave(out, &members[i].frame->slaves[k]);
	}
	fputs("  }\n", out);
}

static void print_clusters(FILE *out, const struct picture *p)
{
	struct member *members;
	size_t n = 0;

	for (size_t i = 0; i < p->n_masters; i++)
		n += p->masters[i].n_frames;
	members = arena_array(p->arena, n + 1, sizeof(*members));
	n = 0;
	for (size_t i = 0; i < p->n_masters; i++) {
		for (size_t k = 0; k < p->masters[i].n_frames; k++)
			members[n++].frame = &p->masters[i].frames[k];
	}
	for (size_t i = 0; i < n; i++) {
		if (!members[i].is_written)
			print_cluster(out, members, n, i);
	}
}

static void print_edges(FILE *out, const struct picture_master *m)
{
	for (size_t i = 0; i < m->n_frames; i++) {
		for (size_t k = 0; k < m->frames[i].n_slaves; k++) {
			const struct picture_slave *s = &m->frames[i].slaves[k];

			fputs("  ", out);
			print_id(out, "master", m->label);
			fputs(" -- ", out);
			print_id(out, "slave", s->label);
			fprintf(out, " [color=\"%s\"];\n", colour_of(s->style));
		}
	}
}

void picture_print_dot(const struct picture *p, FILE *out)
{
	fputs("graph ipvl {\n"
	      "  graph [rankdir=LR, bgcolor=transparent, fontname=monospace,\n"
	      "         color=\"#6e7781\", fontcolor=\"#6e7781\", tooltip=\"",
	      out);
	print_escaped(out, p->summary);
	fputs("\"];\n"
	      "  node [shape=box, fontname=monospace, fontcolor=\"#6e7781\"];\n",
	      out);
	for (size_t i = 0; i < p->n_masters; i++)
		print_master(out, &p->masters[i]);
	print_clusters(out, p);
	for (size_t i = 0; i < p->n_masters; i++)
		print_edges(out, &p->masters[i]);
	fputs("}\n", out);
}
