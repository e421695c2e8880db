/* Writes SVG (https://www.w3.org/TR/SVG11/). Only what every viewer has: no script, no
 * font and no picture of elsewhere. */
#include "ctl/output/svg.h"

#include <stdbool.h>
#include <string.h>

/* XML 1.0 2.2: control characters, and U+FFFE and U+FFFF, are no characters of it. The
 * database has no surrogates, since they are no UTF-8. */
static size_t forbidden(const char *text)
{
	unsigned char c = (unsigned char)*text;

	if (c < 0x20 || c == 0x7f)
		return 1;
	return !strncmp(text, "\xef\xbf\xbe", 3) || !strncmp(text, "\xef\xbf\xbf", 3) ? 3
										      : 0;
}

void svg_escaped(FILE *out, const char *text)
{
	while (*text) {
		size_t n = forbidden(text);

		if (n)
			fputc('?', out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
		text += n ? n : 1;
	}
}

void svg_begin(FILE *out, size_t width, size_t height, const char *title,
	       const char *description, const char *style_sheet)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" "
		"viewBox=\"0 0 %zu %zu\" role=\"img\" "
		"aria-labelledby=\"ipvl-title ipvl-desc\">\n"
		"<title id=\"ipvl-title\">",
		width, height, width, height);
	svg_escaped(out, title);
	fputs("</title>\n<desc id=\"ipvl-desc\">", out);
	svg_escaped(out, description);
	fprintf(out, "</desc>\n<style>\n%s</style>\n", style_sheet);
}

void svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}

void svg_group(FILE *out, const char *title)
{
	fputs("<g><title>", out);
	svg_escaped(out, title);
	fputs("</title>\n", out);
}

void svg_group_end(FILE *out)
{
	fputs("</g>\n", out);
}

void svg_text(FILE *out, size_t x, size_t y, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%zu\" y=\"%zu\" class=\"%s\">", x, y, class);
	svg_escaped(out, text);
	fputs("</text>\n", out);
}

void svg_rect(FILE *out, size_t x, size_t y, size_t width, size_t height, size_t radius,
	      const char *class)
{
	fprintf(out,
		"<rect x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%zu\" rx=\"%zu\" "
		"class=\"%s\"/>\n",
		x, y, width, height, radius, class);
}

void svg_line(FILE *out, size_t x1, size_t y1, size_t x2, size_t y2, const char *class)
{
	fprintf(out, "<line x1=\"%zu\" y1=\"%zu\" x2=\"%zu\" y2=\"%zu\" class=\"%s\"/>\n",
		x1, y1, x2, y2, class);
}

void svg_dot(FILE *out, size_t x, size_t y, size_t radius, const char *class)
{
	fprintf(out, "<circle cx=\"%zu\" cy=\"%zu\" r=\"%zu\" class=\"%s\"/>\n", x, y,
		radius, class);
}
