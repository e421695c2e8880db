/* A main() for a fuzz target that replays files instead of making them up: the corpus as
 * a regression test, with any compiler. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Without libFuzzer's coverage nothing says what a crash was about. */
static void replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t n;

	if (!f || fstat(fileno(f), &st)) {
		perror(path);
		exit(1);
	}
	printf("# %s\n", path);
	fflush(stdout);
	data = xmalloc((size_t)st.st_size);
	n = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
}

static size_t replay_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	size_t n_files = 0;

	if (n < 0) {
		replay_file(path);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		CLEANUP(freep) char *file = xasprintf("%s/%s", path, entries[i]->d_name);

		if (entries[i]->d_name[0] != '.') {
			replay_file(file);
			n_files++;
		}
		free(entries[i]);
	}
	free(entries);
	return n_files;
}

int main(int argc, char *argv[])
{
	size_t n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_folder(argv[i]);
	printf("1..1\n%s 1 - %zu inputs keep the laws\n", n ? "ok" : "not ok", n);
	return n ? 0 : 1;
}
