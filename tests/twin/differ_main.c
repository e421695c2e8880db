/* `differ`: random requests through the simulated kernel and the real one, until they
 * differ or the time is over. What differs is shrunk and printed as commands. */
#include "lib/alloc.h"
#include "tests/twin/command.h"
#include "tests/twin/differ.h"
#include "tests/twin/walk.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WALK_REQUESTS 60

static const char usage[] =
	"usage: differ [OPTIONS]\n"
	"\n"
	"Sends the same random requests to the simulated kernel and to the one that\n"
	"runs, and compares answers, events and state after each. Needs root, and\n"
	"changes nothing outside namespaces of its own.\n"
	"\n"
	"  --seed N        begin with this walk (default: 1)\n"
	"  --seconds S     begin no further walk after S seconds (default: 0, one walk)\n"
	"  --walks N       make at least N walks (default: 1)\n"
	"  --requests N    of each walk (default: 60)\n"
	"  --commands FILE the requests of FILE, one a line, instead\n"
	"  --ignore WHAT   do not compare: answer, state, events or observation\n"
	"  --verbose       print each request, and the kernel's answer\n"
	"  --keep-going    go on after a difference\n"
	"  --help          print this and exit\n";

struct options {
	uint64_t seed, seconds, walks, requests;
	bool keeps_going;
	struct differ_options differ;
	const char *commands;
};

/* True if the last of the requests, and no other, still differs. */
static bool still_differs(const struct sim_request *r, size_t n,
			  const struct differ_options *o)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct difference d = differ_run(a, r, n, o);

	return d.is_found && d.at == n - 1;
}

/* The fewest requests before the last one with which it still differs: parts of them are
 * left out, halves first (Zeller, "Simplifying and Isolating Failure-Inducing Input"). */
static size_t shrink(struct sim_request *r, size_t n, const struct differ_options *o)
{
	struct sim_request *less = xcalloc(n, sizeof(*less));

	for (size_t part = n / 2; part; part /= 2) {
		for (size_t at = 0; at + part < n;) {
			memcpy(less, r, at * sizeof(*r));
			memcpy(less + at, r + at + part, (n - at - part) * sizeof(*r));
			if (still_differs(less, n - part, o)) {
				n -= part;
				memcpy(r, less, n * sizeof(*r));
			} else {
				at += part;
			}
		}
	}
	free(less);
	return n;
}

static void print_difference(struct arena *a, struct sim_request *r, size_t n,
			     const struct differ_options *o)
{
	const struct differ_options quiet = {.ignored = o->ignored};
	struct difference d;

	n = shrink(r, n, &quiet);
	d = differ_run(a, r, n, &quiet);
	for (size_t i = 0; i < n; i++)
		printf("  %s\n", command_text(a, &r[i]));
	printf("%s", d.is_found ? d.text : "  gone when it was run once more\n");
	fflush(stdout);
}

static bool run_walk(uint64_t seed, const struct options *o)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct sim_request *r = walk_make(a, seed, o->requests);
	struct difference d = differ_run(a, r, o->requests, &o->differ);

	if (!d.is_found)
		return true;
	printf("seed %" PRIu64 ": request %zu differs: %s\n%s", seed, d.at,
	       command_text(a, &r[d.at]), d.text);
	printf("shrunk:\n");
	print_difference(a, r, d.at + 1, &o->differ);
	return false;
}

static bool run_commands(const struct options *o)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	FILE *in = fopen(o->commands, "re");
	struct sim_request *r = NULL;
	size_t n = 0, cap = 0;
	struct difference d;
	char line[1024];

	if (!in) {
		perror(o->commands);
		exit(1);
	}
	while (fgets(line, sizeof(line), in)) {
		char *text = line + strspn(line, " \t");
		struct command c;
		struct err *e;

		text[strcspn(text, "\n")] = '\0';
		if (!*text || *text == '#')
			continue;
		e = command_parse(a, arena_strdup(a, text), &c);
		if (e) {
			fprintf(stderr, "%s: %s\n", text, e->message);
			exit(1);
		}
		r = arena_grow(a, r, n, &cap, sizeof(*r));
		r[n++] = c.request;
	}
	fclose(in);
	d = differ_run(a, r, n, &o->differ);
	printf("%s", d.text);
	return !d.is_found;
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

static struct options parse(int argc, char **argv)
{
	static const struct option known[] = {
		{"seed", required_argument, NULL, 's'},
		{"seconds", required_argument, NULL, 't'},
		{"walks", required_argument, NULL, 'w'},
		{"requests", required_argument, NULL, 'n'},
		{"commands", required_argument, NULL, 'c'},
		{"ignore", required_argument, NULL, 'i'},
		{"verbose", no_argument, NULL, 'v'},
		{"keep-going", no_argument, NULL, 'k'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct options o = {.seed = 1, .requests = WALK_REQUESTS};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 's')
			o.seed = number(optarg);
		else if (c == 't')
			o.seconds = number(optarg);
		else if (c == 'w')
			o.walks = number(optarg);
		else if (c == 'n')
			o.requests = number(optarg);
		else if (c == 'c')
			o.commands = optarg;
		else if (c == 'v')
			o.differ.is_loud = true;
		else if (c == 'i')
			o.differ.ignored = optarg;
		else if (c == 'k')
			o.keeps_going = true;
		else if (c == 'h')
			printf("%s", usage);
		if (c == 'h' || c == '?')
			exit(c == '?');
	}
	return o;
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	time_t end = time(NULL) + (time_t)o.seconds;
	uint64_t seed = o.seed, differing = 0;

	if (o.commands)
		return run_commands(&o) ? 0 : 1;
	do {
		differing += !run_walk(seed++, &o);
	} while ((seed - o.seed < o.walks || time(NULL) < end) &&
		 (o.keeps_going || !differing));
	printf("%" PRIu64 " walks of %" PRIu64 " requests, %" PRIu64 " differ\n",
	       seed - o.seed, o.requests, differing);
	return differing ? 1 : 0;
}
