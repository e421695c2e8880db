/* Sentences that a test meets, held against a file of tests/unit/golden: sorted, each once, so that
 * a person can read them all. With IPVL_GOLDEN_UPDATE in the environment the file is written. */
#ifndef TESTS_UNIT_GOLDEN_H
#define TESTS_UNIT_GOLDEN_H 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	char **lines;
	size_t n;
} golden;

/* Each line of it. */
static inline void golden_add(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		golden.lines =
			realloc(golden.lines, (golden.n + 1) * sizeof(*golden.lines));
		if (!golden.lines || !(golden.lines[golden.n++] = strndup(text, n)))
			abort();
		text += n + (text[n] == '\n');
	}
}

static inline int golden_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline void golden_unique(void)
{
	size_t n = 0;

	qsort(golden.lines, golden.n, sizeof(*golden.lines), golden_cmp);
	for (size_t i = 0; i < golden.n; i++) {
		if (n && !strcmp(golden.lines[n - 1], golden.lines[i]))
			free(golden.lines[i]);
		else
			golden.lines[n++] = golden.lines[i];
	}
	golden.n = n;
}

/* After all tests: 0 if the file has these lines. */
static inline int golden_end(const char *path)
{
	FILE *f = fopen(path, getenv("IPVL_GOLDEN_UPDATE") ? "w+" : "r");
	char *line = NULL;
	size_t size = 0;
	int bad = !f;

	golden_unique();
	for (size_t i = 0; f && i < golden.n; i++) {
		if (getenv("IPVL_GOLDEN_UPDATE")) {
			fprintf(f, "%s\n", golden.lines[i]);
			continue;
		}
		if (getline(&line, &size, f) >= 0)
			line[strcspn(line, "\n")] = '\0';
		if (feof(f) || strcmp(line, golden.lines[i]) != 0) {
			fprintf(stderr, "# %s has: %s\n# now: %s\n", path,
				feof(f) ? "no more" : line, golden.lines[i]);
			bad = 1;
			break;
		}
	}
	if (f && !bad && !getenv("IPVL_GOLDEN_UPDATE") && getline(&line, &size, f) >= 0) {
		fprintf(stderr, "# %s has one more: %s\n", path, line);
		bad = 1;
	}
	if (bad)
		fprintf(stderr, "# IPVL_GOLDEN_UPDATE=1 writes %s: then read the diff\n",
			path);
	for (size_t i = 0; i < golden.n; i++)
		free(golden.lines[i]);
	free(golden.lines);
	free(line);
	if (f)
		fclose(f);
	return bad;
}

#endif
