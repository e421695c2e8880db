/* Runs scenarios, and prints TAP. */
#include "datapath/plugin.h"
#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/text.h"
#include "tests/twin/scenario_run.h"
#include "tests/twin/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
	"usage: scenario [OPTION]… FILE|FOLDER…\n"
	"Runs scenarios (tests/scenarios), or all *.txt of a folder, each under every\n"
	"accident, and prints TAP.\n"
	"\n"
	"  --on sim|kernel       what they run on (default: sim). The kernel is that of\n"
	"                        tests/kernel/run; there are no accidents then\n"
	"  --accident NAME[:N]   only under this one; \"none\": under none\n"
	"  --part K/N            only each Nth file, from the Kth: for N at once\n"
	"  --update              writes what is found into the files\n"
	"  --print               prints the scenario with what is found instead of TAP\n"
	"  --log                 shows the daemon's log\n";

struct main_options {
	bool on_kernel, is_update, is_print, has_accident, has_log;
	struct accident accident;
	unsigned int part, n_parts; /* n_parts 0: all files */
};

struct counts {
	unsigned int n, n_failed, n_files;
};

static void print_comment(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		printf("# %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_result(struct counts *c, bool is_good, const char *what)
{
	printf("%s %u - %s\n", is_good ? "ok" : "not ok", ++c->n, what);
	c->n_failed += !is_good;
	fflush(stdout);
}

static bool is_before(unsigned int major, unsigned int minor, unsigned int than_major,
		      unsigned int than_minor)
{
	return major < than_major || (major == than_major && minor < than_minor);
}

/* NULL if the kernel that runs is meant. */
static const char *wrong_kernel(const struct scenario *s)
{
	unsigned int major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return NULL;
	if (is_before(major, minor, s->min_major, s->min_minor))
		return "this kernel is too old";
	return s->max_major && !is_before(major, minor, s->max_major, s->max_minor)
		       ? "this kernel is too new"
		       : NULL;
}

/* Why the scenario is not run; NULL if it is. */
static const char *reason_to_skip(const struct main_options *o, const struct scenario *s)
{
	if (o->on_kernel ? s->only_on_sim : s->only_on_kernel)
		return o->on_kernel ? "only on sim" : "only on the kernel";
	return o->on_kernel ? wrong_kernel(s) : NULL;
}

/* Runs it once more under an accident. True if the end was the same. */
static bool survives(const struct scenario *s, struct accident accident)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct scenario_options options = {.accident = accident};
	struct scenario_result result;

	scenario_run(s, &options, a, &result);
	if (!*result.complaints)
		return true;
	printf("# --accident %s:%lld\n", accident_name(accident.kind),
	       (long long)accident.number);
	print_comment(result.complaints);
	return false;
}

static int64_t n_accidents(enum accident_kind kind, const struct scenario_result *plain)
{
	switch (kind) {
	case ACCIDENT_NONE:
	case ACCIDENT_KINDS:
		return 0;
	case ACCIDENT_DOWN:
	case ACCIDENT_EVENTS_TWICE:
	case ACCIDENT_EVENTS_LATE:
	case ACCIDENT_EVENTS_LOST:
	case ACCIDENT_SLOW:
		return 1;
	case ACCIDENT_EVENTS_MIXED:
		return 3;
	case ACCIDENT_DEATH:
	case ACCIDENT_EIO:
	case ACCIDENT_EBUSY:
	case ACCIDENT_ENOBUFS:
		return plain->n_messages;
	case ACCIDENT_DEATH_BEHIND:
		return plain->n_steps;
	case ACCIDENT_INTERRUPTED:
		return plain->n_observations;
	}
	return 0;
}

static void run_accidents(const struct scenario *s, const struct scenario_result *plain,
			  struct counts *c)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	unsigned int n = 0, n_bad = 0;

	for (unsigned int kind = 0; kind < ACCIDENT_KINDS; kind++) {
		int64_t last = n_accidents(kind, plain);

		for (int64_t i = 0; i < last; i++) {
			struct accident accident = {.kind = kind, .number = i};

			n++;
			n_bad += !survives(s, accident);
		}
	}
	print_result(c, !n_bad, arena_printf(a, "%s under %u accidents", s->file, n));
}

/* A folder for one run's database. */

static void remove_folder(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		closedir(d);
	rmdir(folder);
}

static char *make_folder(void)
{
	const char *parent = getenv("TMPDIR");
	char *folder;

	if (!parent) /* rather where a sync costs nothing */
		parent = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
	folder = xasprintf("%s/ipvl-scenario-XXXXXX", parent);

	if (!mkdtemp(folder)) {
		fprintf(stderr, "scenario: cannot make a folder %s: %s\n", folder,
			strerror(errno));
		exit(1);
	}
	return folder;
}

static bool run_plain(const struct main_options *o, const struct scenario *s,
		      struct arena *a, struct scenario_result *ret_result)
{
	struct scenario_options options = {.on_kernel = o->on_kernel,
					   .accident = o->accident};
	CLEANUP(freep) char *folder = make_folder();

	options.db_file = arena_printf(a, "%s/conf.db", folder);
	scenario_run(s, &options, a, ret_result);
	remove_folder(folder);
	return !*ret_result->complaints;
}

/* Prints what is wrong. */
static bool run_once(const struct main_options *o, const struct scenario *s,
		     struct arena *a, struct scenario_result *ret_result)
{
	bool is_good = run_plain(o, s, a, ret_result);

	if (o->is_print) {
		scenario_print(s, ret_result->texts, stdout);
		fflush(stdout);
		/* The rest is for the reader. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
	}
	if (o->is_update) {
		struct err *e = scenario_write(s, ret_result->texts);
		CLEANUP(freep) char *text = e ? err_text(e) : NULL;

		if (text)
			print_comment(text);
		err_free(e);
	}
	print_comment(ret_result->complaints);
	return is_good;
}

/* On the kernel each scenario has a host, and a process, of its own. */

static int run_in_child(const struct main_options *o, const struct scenario *s)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(err_freep) struct err *e = stage_isolate();
	CLEANUP(freep) char *text = e ? err_text(e) : NULL;
	struct scenario_result result;

	if (text)
		print_comment(text);
	return text || !run_once(o, s, a, &result);
}

static bool run_forked(const struct main_options *o, const struct scenario *s)
{
	int status = 1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		exit(run_in_child(o, s));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return false;
	if (WIFSIGNALED(status))
		printf("# killed by signal %d\n", WTERMSIG(status));
	return status == 0;
}

static void run_scenario(const struct main_options *o, const struct scenario *s,
			 struct counts *c)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *skip = reason_to_skip(o, s);
	const char *what = arena_printf(a, "%s: %s", s->file, s->title);
	struct scenario_result result;
	bool is_good;

	if (skip) {
		print_result(c, true, arena_printf(a, "%s # SKIP %s", what, skip));
		return;
	}
	is_good = o->on_kernel ? run_forked(o, s) : run_once(o, s, a, &result);
	print_result(c, is_good, what);
	if (is_good && !o->on_kernel && !o->has_accident && !s->has_no_accidents)
		run_accidents(s, &result, c);
}

static void fail_usage(const char *what)
{
	fprintf(stderr, "scenario: %s\n%s", what, usage);
	exit(2);
}

static void read_part(struct main_options *o)
{
	if (sscanf(optarg, "%u/%u", &o->part, &o->n_parts) != 2 || !o->part ||
	    o->part > o->n_parts)
		fail_usage("--part needs K/N, as 1/4");
}

static void read_option(struct main_options *o, int option)
{
	switch (option) {
	case 'o':
		o->on_kernel = !strcmp(optarg, "kernel");
		if (!o->on_kernel && strcmp(optarg, "sim") != 0)
			fail_usage("--on needs sim or kernel");
		break;
	case 'a':
		o->has_accident = true;
		if (!accident_parse(optarg, &o->accident))
			fail_usage("--accident: there is no such accident");
		break;
	case 's':
		read_part(o);
		break;
	case 'u':
		o->is_update = true;
		break;
	case 'p':
		o->is_print = o->has_accident = true;
		break;
	case 'l':
		o->has_log = true;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default:
		fail_usage("unknown option");
	}
}

static struct main_options parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"on", required_argument, NULL, 'o'},
		{"accident", required_argument, NULL, 'a'},
		{"part", required_argument, NULL, 's'},
		{"update", no_argument, NULL, 'u'},
		{"print", no_argument, NULL, 'p'},
		{"log", no_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct main_options o = {0};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		read_option(&o, option);
	if (optind == argc)
		fail_usage("no file is given");
	if (o.on_kernel && (o.is_update || o.accident.kind != ACCIDENT_NONE))
		fail_usage("--update and --accident are for the simulator");
	return o;
}

static bool is_in_part(const struct main_options *o, unsigned int n)
{
	return !o->n_parts || n % o->n_parts == o->part - 1;
}

static void run_file(const struct main_options *o, const char *file, struct counts *c)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct scenario s;
	struct err *e = scenario_read(a, file, &s);
	CLEANUP(freep) char *text = e ? err_text(e) : NULL;

	if (!e) {
		run_scenario(o, &s, c);
		return;
	}
	print_comment(text);
	err_free(e);
	print_result(c, false, file);
}

static int is_scenario(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".txt");
}

static void run_path(const struct main_options *o, const char *path, struct counts *c)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_scenario, alphasort);

	if (n < 0) {
		if (is_in_part(o, c->n_files++))
			run_file(o, path, c);
		return;
	}
	for (int i = 0; i < n; i++) {
		CLEANUP(freep) char *file = xasprintf("%s/%s", path, entries[i]->d_name);

		if (is_in_part(o, c->n_files++))
			run_file(o, file, c);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	size_t n_plugins;
	struct main_options o = parse_options(argc, argv);
	struct counts c = {0};

	plugin_use(plugin_folder(IPVL_PLUGIN_DIR));
	(void)plugin_list(&n_plugins);
	if (!o.has_log)
		log_set_level(0);
	for (int i = optind; i < argc; i++)
		run_path(&o, argv[i], &c);
	printf("1..%u\n", c.n);
	return c.n_failed != 0;
}
