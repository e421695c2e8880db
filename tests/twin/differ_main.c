/* `differ`: random requests through the simulated kernel and the real one, until they
 * differ or the time is over. What differs is shrunk and printed as commands. */
#include "datapath/plugin.h"
#include "lib/alloc.h"
#include "tests/twin/differ.h"

#include <dirent.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define WALK_REQUESTS 60
#define TRIES         2

static const char usage[] =
	"usage: differ [OPTIONS] [FILE|FOLDER…]\n"
	"\n"
	"Sends the same requests to the simulated kernel and to the one that runs, and\n"
	"compares answers, events and state after each: those of every FILE and of "
	"every\n"
	"*.txt of a FOLDER, one a line, then random walks. Needs root, and changes\n"
	"nothing outside namespaces of its own.\n"
	"\n"
	"  --seed N        begin with this walk (default: a random one)\n"
	"  --seconds S     begin no further walk after S seconds (default: 0)\n"
	"  --walks N       make at least N walks (default: 1; 0 with a FILE)\n"
	"  --requests N    of each walk (default: 60)\n"
	"  --ignore WHAT   do not compare: answer, state, events or observation\n"
	"  --verbose       print each request, and the kernel's answer\n"
	"  --keep-going    go on after a difference\n"
	"  --help          print this and exit\n";

struct options {
	uint64_t seed, seconds, walks, requests;
	bool has_seed, has_walks, keeps_going;
	struct differ_options differ;
};

/* True if the last of the steps, and no other, still differs. */
static bool still_differs(const struct walk_step *s, size_t n,
			  const struct differ_options *o)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct difference d = differ_run(a, s, n, o);

	return d.is_found && d.at == n - 1;
}

/* The fewest steps before the last one with which it still differs: parts of them are
 * left out, halves first (Zeller, "Simplifying and Isolating Failure-Inducing Input"). */
static size_t shrink(struct walk_step *s, size_t n, const struct differ_options *o)
{
	struct walk_step *less = xcalloc(n, sizeof(*less));

	for (size_t part = n / 2; part; part /= 2) {
		for (size_t at = 0; at + part < n;) {
			memcpy(less, s, at * sizeof(*s));
			memcpy(less + at, s + at + part, (n - at - part) * sizeof(*s));
			if (still_differs(less, n - part, o)) {
				n -= part;
				memcpy(s, less, n * sizeof(*s));
			} else {
				at += part;
			}
		}
	}
	free(less);
	return n;
}

static void print_difference(struct arena *a, struct walk_step *s, size_t n,
			     const struct differ_options *o)
{
	const struct differ_options quiet = {.ignored = o->ignored};
	struct difference d;

	n = shrink(s, n, &quiet);
	d = differ_run(a, s, n, &quiet);
	for (size_t i = 0; i < n; i++)
		printf("  %s\n", walk_text(a, &s[i]));
	printf("%s", d.is_found ? d.text : "  gone when it was run once more\n");
	fflush(stdout);
}

/* What comes at another time than its request, and not again, is printed, and is no
 * failure. */
static bool comes_again(const struct walk_step *s, size_t n,
			const struct differ_options *o)
{
	for (int i = 0; i < TRIES; i++) {
		if (still_differs(s, n, o))
			return true;
	}
	return false;
}

static bool run_walk(uint64_t seed, const struct options *o)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct walk_step *s = walk_make(a, seed, o->requests);
	struct difference d = differ_run(a, s, o->requests, &o->differ);

	if (!d.is_found)
		return true;
	if (!comes_again(s, d.at + 1, &o->differ)) {
		printf("# differ --seed %" PRIu64 ": request %zu differed once: %s\n%s",
		       seed, d.at, walk_text(a, &s[d.at]), d.text);
		return true;
	}
	printf("differ --seed %" PRIu64 ": request %zu differs: %s\n%s", seed, d.at,
	       walk_text(a, &s[d.at]), d.text);
	printf("shrunk:\n");
	print_difference(a, s, d.at + 1, &o->differ);
	return false;
}

/* A line is a step, or begins with #. */
static struct walk_step *read_file(struct arena *a, const char *path, size_t *ret_n)
{
	FILE *in = fopen(path, "re");
	struct walk_step *s = NULL;
	size_t n = 0, cap = 0;
	char line[1024];

	if (!in) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), in)) {
		char *text = line + strspn(line, " \t");
		struct err *e;

		text[strcspn(text, "\n")] = '\0';
		if (!*text || *text == '#')
			continue;
		s = arena_grow(a, s, n, &cap, sizeof(*s));
		e = walk_parse(a, arena_strdup(a, text), &s[n++]);
		if (e) {
			fprintf(stderr, "%s: %s: %s\n", path, text, e->message);
			exit(1);
		}
	}
	fclose(in);
	*ret_n = n;
	return s;
}

static bool run_file(const char *path, const struct options *o)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	size_t n;
	struct walk_step *s = read_file(a, path, &n);
	struct difference d = differ_run(a, s, n, &o->differ);

	if (d.is_found)
		printf("differ %s: request %zu differs: %s\n%s", path, d.at,
		       walk_text(a, &s[d.at]), d.text);
	return !d.is_found;
}

static int is_text(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && !strcmp(d->d_name + n - 4, ".txt");
}

/* 'path' is a file or a folder. Returns how many differ. */
static uint64_t run_files(const char *path, const struct options *o, uint64_t *n_files)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_text, alphasort);
	uint64_t differing = 0;

	if (n < 0) {
		++*n_files;
		return !run_file(path, o);
	}
	for (int i = 0; i < n; i++) {
		char *file = xasprintf("%s/%s", path, entries[i]->d_name);

		++*n_files;
		differing += !run_file(file, o);
		free(file);
		free(entries[i]);
	}
	free(entries);
	return differing;
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (!*text || *end) {
		fprintf(stderr, "differ: not a number: %s\n", text);
		exit(1);
	}
	return value;
}

static void take_option(struct options *o, int c)
{
	if (c == 's')
		o->seed = number(optarg), o->has_seed = true;
	else if (c == 't')
		o->seconds = number(optarg);
	else if (c == 'w')
		o->walks = number(optarg), o->has_walks = true;
	else if (c == 'n')
		o->requests = number(optarg);
	else if (c == 'v')
		o->differ.is_loud = true;
	else if (c == 'i')
		o->differ.ignored = optarg;
	else if (c == 'k')
		o->keeps_going = true;
	else if (c == 'h')
		printf("%s", usage);
	if (c == 'h' || c == '?')
		exit(c == '?');
}

static struct options parse(int argc, char **argv)
{
	static const struct option known[] = {
		{"seed", required_argument, NULL, 's'},
		{"seconds", required_argument, NULL, 't'},
		{"walks", required_argument, NULL, 'w'},
		{"requests", required_argument, NULL, 'n'},
		{"ignore", required_argument, NULL, 'i'},
		{"verbose", no_argument, NULL, 'v'},
		{"keep-going", no_argument, NULL, 'k'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct options o = {.requests = WALK_REQUESTS};
	uint32_t seed;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		take_option(&o, c);
	if (!o.has_walks)
		o.walks = optind == argc || o.has_seed;
	if (!o.has_seed && getrandom(&seed, sizeof(seed), 0) == sizeof(seed))
		o.seed = seed;
	return o;
}

int main(int argc, char **argv)
{
	size_t n_plugins;
	struct options o = parse(argc, argv);
	time_t end = time(NULL) + (time_t)o.seconds;
	uint64_t n_walks = 0, n_files = 0, differing = 0;

	plugin_use(plugin_folder(IPVL_PLUGIN_DIR));
	(void)plugin_list(&n_plugins);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = optind; i < argc; i++)
		differing += run_files(argv[i], &o, &n_files);
	while ((n_walks < o.walks || time(NULL) < end) && (o.keeps_going || !differing))
		differing += !run_walk(o.seed + n_walks++, &o);
	printf("%" PRIu64 " files, and %" PRIu64 " walks of %" PRIu64
	       " requests from seed %" PRIu64 ": %" PRIu64 " differ\n",
	       n_files, n_walks, o.requests, o.seed, differing);
	return differing ? 1 : 0;
}
